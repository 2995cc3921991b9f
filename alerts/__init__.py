"""Lateness that matters: rules, the alerts they open, and who must hear of them. Reads facts by query; knows nothing of screens."""
