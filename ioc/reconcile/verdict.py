"""What is said of a published figure: the verdict with its causes. Pure; made by run.py, read by the command line and the interface."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ioc.reconcile.causes import Effect
from ioc.reconcile.published import Published
from ioc.reconcile.sums import Check


class Verdict(StrEnum):
    EQUAL = "equal"
    EXPLAINED = "explained"  # the causes make up the difference exactly
    UNEXPLAINED = "unexplained"
    SHOWN = "shown"  # nothing of ours derives it: it is shown with its source
    NOT_YET = "not_comparable"  # we hold nothing of that unit and period


WORDS = {
    Verdict.EQUAL: ("khớp", "equal"),
    Verdict.EXPLAINED: ("lệch, đã giải thích", "explained"),
    Verdict.UNEXPLAINED: ("lệch, chưa giải thích", "unexplained"),
    Verdict.SHOWN: ("số công bố, chỉ hiển thị", "shown"),
    Verdict.NOT_YET: ("chưa so được", "not comparable yet"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure held against ours. `rest`: what of the difference no cause makes up; `possible`: causes that might, but do not fit.

    `at`: the instant ours was judged at. `vi`, `en`: why it cannot be compared, or what else is to be said.
    """

    published: Published
    verdict: Verdict
    ours: float | None = None
    at: datetime | None = None
    difference: float = 0
    rest: float = 0
    causes: tuple[Effect, ...] = ()
    possible: tuple[Effect, ...] = ()
    counts: tuple[str, ...] = ()  # the indicators behind ours
    unit: str = ""  # the code of its unit here
    vi: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All figures compared at `at`, and what the sheets say of themselves."""

    at: datetime
    lines: tuple[Line, ...] = ()
    checks: tuple[Check, ...] = field(default=())

    @property
    def tally(self) -> dict[str, int]:
        """How many figures have each verdict."""
        return {verdict.value: 0 for verdict in Verdict} | {v.value: n for v, n in Counter(line.verdict for line in self.lines).items()}

    @property
    def compared(self) -> int:
        """How many could be held against ours at all."""
        return sum(self.tally[verdict] for verdict in (Verdict.EQUAL, Verdict.EXPLAINED, Verdict.UNEXPLAINED))

    @property
    def unexplained(self) -> int:
        """The KPI `unexplained_differences`."""
        return self.tally[Verdict.UNEXPLAINED]


def agrees(ours: float, theirs: float, *, at_least: bool) -> bool:
    """Whether two numbers are the same as printed: to 2 decimals, trailing zeros dropped. "More than" is reached or passed."""
    return ours >= theirs if at_least else abs(ours - theirs) < 0.005


def worst_first(lines: Iterable[Line]) -> list[Line]:
    order = (Verdict.UNEXPLAINED, Verdict.EXPLAINED, Verdict.NOT_YET, Verdict.EQUAL, Verdict.SHOWN)
    return sorted(lines, key=lambda line: (order.index(line.verdict), -abs(line.rest), -abs(line.difference)))
