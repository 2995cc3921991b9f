"""Which open dossiers will become overdue, by name: certain where the deadline falls into a slot, likely (≈) by what became
of similar ones.

`lives` and `reading` bring the past, `estimate` learns from it, `backtest` holds it against what happened, `slots` cuts the days ahead,
`answer` puts it into words for the server and the command line.
"""
