"""The IOC server: facts, numbers, live topics and the process that serves them."""

__version__ = "0.1.0"
