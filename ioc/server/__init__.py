"""The composition root: the only code that sees collectors, alerts, the hub and HTTP together."""
