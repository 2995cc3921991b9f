"""Published figures held against ours: equal, explained to the last dossier, or unexplained and said so (docs/reconciliation.md).

published.py  a sheet's rows       declared.py  what they are in our words     sums.py   whether the sheet agrees with itself
place.py      of which unit        counting.py  another way to count           causes.py the hypotheses, and which of them fit
told.py       reported figures     explain.py   the causes of a difference     run.py    all of a sheet
sets.py       the kept sheets      verdict.py   what is said                   said.py   as JSON and in words
"""

from ioc.reconcile.published import Published, PublishedError, published
from ioc.reconcile.run import reconcile
from ioc.reconcile.said import plain
from ioc.reconcile.sets import keep, reported, sets
from ioc.reconcile.verdict import Line, Report, Verdict

__all__ = ["Line", "Published", "PublishedError", "Report", "Verdict", "keep", "plain", "published", "reconcile", "reported", "sets"]
