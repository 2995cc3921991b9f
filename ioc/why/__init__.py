"""Why a number moved: what each part of it contributed between two instants, to the last item, and which items came and went.

shares.py   the arithmetic: changes of counts, mix and rate of rates, parts rounded so that they still sum     (pure)
asked.py    the question: an indicator, two moments, a dimension                                               (pure)
moved.py    the items that entered and left a number, and what happened to them
run.py      the answer      said.py  as JSON and in words
"""

from ioc.why.asked import Change, asked
from ioc.why.run import Why, why
from ioc.why.said import in_words, plain

__all__ = ["Change", "Why", "asked", "in_words", "plain", "why"]
