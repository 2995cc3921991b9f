"""The command line: words and options only. What the commands do is in ioc/commands."""
