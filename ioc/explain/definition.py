"""One definition for every name a number can have: a count, a rate, a time, a reported figure, the comparison with the portal. Pure.

`version` follows from what is computed, not from a list somebody keeps: a definition that changes gets another one by itself, and one that
does not keeps it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from ioc import mirrors
from ioc.explain import figure_words
from ioc.figures import BY_NAME as FIGURE_BY_NAME
from ioc.figures import FIGURE_RATES, FIGURES
from ioc.figures import RATES as FIGURE_RATE_BY_NAME
from ioc.indicators import BY_NAME, INDICATORS, QUANTILE_BY_NAME, QUANTILES, RATE_BY_NAME, RATES, Words, bases, unknown
from ioc.indicators.declared import Better

Sort = Literal["count", "rate", "time", "figure", "figure_rate", "comparison"]
SYNC = "portal_sync_rate"
SYNC_WORDS = Words(
    vi="Tỷ lệ hồ sơ đồng bộ lên Cổng DVC",
    en="Dossiers the portal shows, share",
    about_vi="Bao nhiêu phần trăm hồ sơ đã tiếp nhận của tỉnh có trên Cổng DVC quốc gia; hồ sơ mới hoặc vừa đổi trong hai giờ chưa tính."
    " Luôn so tại hiện tại.",
    about_en="Of the province's dossiers received, how many per cent the national portal shows; what came or changed within the last"
    " two hours is not compared yet. Always of the present.",
    basis=bases.of766("1.4"),
)
FEWER = {"queue_waiting", "wait_p90", "votes_unsatisfied", "feedback_disputed"}  # figures of which less is good; so it is of a rank
MORE = {
    "served",
    "votes_very_satisfied",
    "votes_satisfied",
    "payments_online",
    "papers_digitised",
    "papers_reused",
    "procedures_full",
    "procedures_published_on_time",
    "procedures_public_on_time",
    "procedures_public",
    "procedures_complete",
    "procedures_online_used",
    "procedures_paid_online",
    "feedback_answered",
    "feedback_on_time",
    "conference_connected",
}  # and of which more; so it is of a score


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """`parts` and `whole`: the names a rate is made of; `of` a time: whose items. `predicate`: of a count, as text for people; `kinds`: of
    items it looks at. `better`: which way is good, "" where neither."""

    name: str
    sort: Sort
    words: Words
    measured_in: str
    better: Better
    version: str
    parts: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    of: str = ""
    share: float = 0.0
    predicate: str = ""
    per_period: bool = True
    kinds: frozenset[str] = frozenset()

    @property
    def formula(self) -> str:
        """How it is computed from others; "" for what is counted or reported itself."""
        if self.parts:
            above, below = " + ".join(self.parts), " + ".join(self.whole)
            return f"100 × {f'({above})' if len(self.parts) > 1 else above} / {f'({below})' if len(self.whole) > 1 else below}"
        if self.of:
            return f"percentile_disc({self.share:g}) (handled_minutes / 60) {self.of}"
        return ""


@cache
def define(name: str) -> Definition:
    """What a number is. Raises IndicatorError, which names the nearest, for one there is not."""
    for make in (_count, _rate, _time, _figure, _figure_rate, _comparison):
        if (found := make(name)) is not None:
            return found
    raise unknown(name, [*FIGURE_BY_NAME, *FIGURE_RATE_BY_NAME, SYNC])


def names() -> tuple[str, ...]:
    """Every name that can be explained, in the order of their declarations."""
    counted = (*(i.name for i in INDICATORS), *(r.name for r in RATES), *(q.name for q in QUANTILES))
    return (*counted, *(f.name for f in FIGURES), *(r.name for r in FIGURE_RATES), SYNC)


def readable(where: str) -> str:
    """A predicate as people read it: the parameters by their names."""
    return re.sub(r"\{(\w+)\}", r":\1", where)


def versioned(*said: str) -> str:
    """Eight letters that follow from what is said, and from nothing else."""
    return hashlib.sha256("\n".join(" ".join(text.split()) for text in said).encode()).hexdigest()[:8]


def kinds(where: str) -> frozenset[str]:
    return frozenset(re.findall(r"kind = '(\w+)'", where))


def _count(name: str) -> Definition | None:
    one = BY_NAME.get(name)
    if one is None:
        return None
    return Definition(
        name=name, sort="count", words=one.words, measured_in=one.measured_in, better=one.better, version=versioned(one.where),
        predicate=readable(one.where), per_period=one.per_period, kinds=kinds(one.where),
    )  # fmt: skip


def _rate(name: str) -> Definition | None:
    one = RATE_BY_NAME.get(name)
    if one is None:
        return None
    return Definition(
        name=name, sort="rate", words=one.words, measured_in="%", better=one.better, version=_of_parts(one.parts, (one.whole,)),
        parts=one.parts, whole=(one.whole,), kinds=frozenset().union(*(define(part).kinds for part in (*one.parts, one.whole))),
    )  # fmt: skip


def _time(name: str) -> Definition | None:
    one = QUANTILE_BY_NAME.get(name)
    if one is None:
        return None
    of = define(one.of)
    return Definition(
        name=name, sort="time", words=one.words, measured_in="giờ làm việc", better=one.better, of=one.of, share=one.share,
        version=versioned("handled_minutes", f"{one.share:g}", of.version), kinds=of.kinds,
    )  # fmt: skip


def _figure(name: str) -> Definition | None:
    one = FIGURE_BY_NAME.get(name)
    if one is None:
        return None
    better: Better = "down" if name in FEWER or one.measured_in == "hạng" else "up" if name in MORE or one.measured_in == "điểm" else ""
    return Definition(
        name=name, sort="figure", words=figure_words.of_figure(one), measured_in=one.measured_in, better=better,
        version=versioned(name, one.measured_in, one.over_units, one.over_days),
    )  # fmt: skip


def _figure_rate(name: str) -> Definition | None:
    one = FIGURE_RATE_BY_NAME.get(name)
    if one is None:
        return None
    return Definition(
        name=name, sort="figure_rate", words=figure_words.of_rate(name), measured_in="%", better="up",
        version=_of_parts(one.parts, one.whole), parts=one.parts, whole=one.whole,
    )  # fmt: skip


def _comparison(name: str) -> Definition | None:
    if name != SYNC:
        return None
    return Definition(
        name=name, sort="comparison", words=SYNC_WORDS, measured_in="%", better="up", version=versioned(mirrors.COUNT, str(mirrors.GRACE)),
        parts=("found",), whole=("expected",), per_period=False, kinds=frozenset({"dossier", "mirror"}),
    )  # fmt: skip


def _of_parts(parts: Sequence[str], whole: Sequence[str]) -> str:
    return versioned("above", *(define(part).version for part in parts), "below", *(define(part).version for part in whole))
