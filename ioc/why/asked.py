"""The question: which number, between which two moments, by which dimension. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ioc.answers import Question, instant
from ioc.breakdown import Dimension, DimensionError, dimension
from ioc.indicators import BY_NAME, QUANTILE_BY_NAME, RATE_BY_NAME, unknown
from ioc.periods import PeriodError, period

Known = Literal["now", "then"]
BY = ("unit", "field", "step", "channel", "procedure")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`since` and `until`: the same question at two moments. `known` "then": each with what was known at it, so that corrections show."""

    indicator: str
    since: Question
    until: Question
    by: Dimension
    known: Known = "now"

    @property
    def counts(self) -> tuple[str, ...]:
        """The counts it is made of: of a rate those above the line."""
        return RATE_BY_NAME[self.indicator].parts if self.is_rate else (self.indicator,)

    @property
    def whole(self) -> str:
        """What a rate is of; "" for a count."""
        return RATE_BY_NAME[self.indicator].whole if self.is_rate else ""

    @property
    def is_rate(self) -> bool:
        return self.indicator in RATE_BY_NAME


def asked(indicator: str, since: str, until: str, by: str, question: Question, known: Known = "now") -> Change:
    """The question from the words of a command or an address. A moment is an instant, or a dated period as it stood at its end.

    `question` holds the unit, the reading, the comparison and, for instants, the period.
    Raises IndicatorError, DimensionError or PeriodError.
    """
    if indicator in QUANTILE_BY_NAME:
        raise DimensionError(f"{indicator!r} has no parts that add up; ask about {QUANTILE_BY_NAME[indicator].of}")
    if indicator not in BY_NAME and indicator not in RATE_BY_NAME:
        raise unknown(indicator)
    if by not in BY:
        raise DimensionError(f"nothing changes by {by[:40]!r}; there are {', '.join(BY)}")
    return Change(
        indicator=indicator, since=_moment(since, question), until=_moment(until, question), by=dimension(by), known=known
    )  # fmt: skip


def _moment(text: str, question: Question) -> Question:
    try:
        at = instant(text) if "T" in text or ":" in text else None
    except PeriodError:
        raise PeriodError(
            f"{text[:40]!r} is neither an instant nor a period; write 2026-11-20T14:05:00+07:00, 2026-11-20 or 2026-10"
        ) from None
    if at is not None:
        return replace(question, as_of=at)
    period(text, instant("2000-01-01T00:00:00"))  # a name that is none is refused here
    return replace(question, period=text, as_of=None)
