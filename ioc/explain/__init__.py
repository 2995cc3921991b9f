"""Where a number comes from: its definition in words, the systems behind it and how old their data are, and the dossiers it counts.

Called by the HTTP interface and the command line; `python -m ioc.explain.catalogue` writes docs/indicators.md from the same definitions.
"""

from ioc.explain.answer import explain
from ioc.explain.definition import Definition, define, names
from ioc.explain.origin import Fed

__all__ = ["Definition", "Fed", "define", "explain", "names"]
