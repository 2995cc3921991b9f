"""What `ioc` does on the command line, one file a family of commands. ioc/__main__.py holds the words and options only."""
