"""The outside systems: somebody else's answer becomes items and figures here. Nothing here decides whether anything is late."""
