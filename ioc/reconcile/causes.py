"""Why two systems count differently: the hypotheses there are, and which of them make up a difference exactly. Pure.

A hypothesis is another way to count. It explains a difference only if what it changes is the difference to the last dossier, alone or with
others that concern other dossiers: "about as many" explains nothing. What no hypothesis explains stays in sight as the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from itertools import combinations

from ioc.periods import BEGINNING, END, VIETNAM, Period
from ioc.reconcile.counting import Basis, Difference, Dossier
from ioc.reconcile.declared import OTHER_STATES, Ours

DAY, HOURS = timedelta(days=1), timedelta(hours=7)  # Vietnam is so far from UTC
TOGETHER = 3  # causes of one difference


class Cause(StrEnum):
    """What makes the difference. The first six are of how it is counted, the others of what was counted."""

    LAG = "lag"  # learned after the publisher counted
    CHANGED = "changed"  # known then, changed since
    COMPARISON = "comparison"  # deadlines compared by date there and by instant here, or the reverse
    STATES = "states"  # the states are mapped otherwise
    BORDER = "border"  # received or closed on the border of the period
    UNIT_TREE = "unit_tree"  # the offices as they were, and as they are
    ONE_SYSTEM = "one_system"  # counted by one of the systems alone
    PORTAL = "portal"  # counted by what the national portal shows
    GONE = "gone"  # its source took it back
    QUARANTINED = "quarantined"  # came, but could not be read
    NEVER_READ = "never_read"  # no source ever sent it
    HELD = "held"  # we hold it, and judge it otherwise


WORDS: dict[Cause, tuple[str, str]] = {
    Cause.LAG: ("đồng bộ sau thời điểm chốt số liệu", "learned after the cut-off"),
    Cause.CHANGED: ("thay đổi sau thời điểm chốt số liệu", "changed after the cut-off"),
    Cause.COMPARISON: ("cách so hạn khác nhau", "deadlines compared by another rule"),
    Cause.STATES: ("quy đổi trạng thái khác nhau", "states mapped otherwise"),
    Cause.BORDER: ("tiếp nhận hoặc kết thúc vào ngày giáp ranh của kỳ", "received or closed on the border of the period"),
    Cause.UNIT_TREE: ("cây đơn vị khác nhau", "another tree of offices"),
    Cause.ONE_SYSTEM: ("chỉ tính một hệ thống", "one system alone"),
    Cause.PORTAL: ("theo hồ sơ hiển thị trên Cổng DVC quốc gia", "as the national portal shows it"),
    Cause.GONE: ("hệ thống nguồn đã thu hồi hồ sơ", "taken back by its source"),
    Cause.QUARANTINED: ("bản ghi lỗi đang cách ly", "in quarantine, could not be read"),
    Cause.NEVER_READ: ("chưa hệ thống nào gửi hồ sơ này", "no source ever sent it"),
    Cause.HELD: ("đã có hồ sơ nhưng đánh giá khác", "held here and judged otherwise"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """Another way to count; `vi`, `en` say which, where the cause alone does not."""

    cause: Cause
    basis: Basis
    counts: tuple[str, ...]
    vi: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one cause makes of a difference: `change` of our number were it counted so, and the dossiers (None: they cannot be named)."""

    cause: Cause
    change: float
    vi: str = ""
    en: str = ""
    of: Difference | None = None

    @property
    def dossiers(self) -> tuple[Dossier, ...]:
        return (*self.of.added, *self.of.left_out) if self.of else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is true of a unit that other ways of counting depend on: `trees` its keys by the other readings of history, each with its words,
    `sources` the systems that hold dossiers of it, `portal` whether there is any picture of them on the portal."""

    trees: tuple[tuple[str, str, tuple[int, ...]], ...] = ()
    sources: tuple[str, ...] = ()
    portal: bool = False


def hypotheses(basis: Basis, ours: Ours, around: Around) -> Iterator[Hypothesis]:
    """In the order in which they are believed."""

    def other(cause: Cause, vi: str = "", en: str = "", counts: tuple[str, ...] = ours.counts, **changed: object) -> Hypothesis:
        return Hypothesis(cause=cause, basis=replace(basis, **changed), counts=counts, vi=vi, en=en)  # type: ignore[arg-type]

    yield other(Cause.GONE, gone=True)
    yield other(Cause.LAG, known_at=basis.at)
    for rule, vi, en in (("date", "so theo ngày", "by date"), ("instant", "so theo thời điểm", "by instant")):
        if rule != basis.compare:
            yield other(Cause.COMPARISON, vi, en, compare=rule)
    for name, more, vi, en in OTHER_STATES:
        if name in ours.counts and not ours.whole:
            yield other(Cause.STATES, vi, en, counts=(*ours.counts, *more))
    for vi, en, keys in around.trees:
        yield other(Cause.UNIT_TREE, vi, en, units=keys)
    if around.portal and ours.kind == "dossier":
        yield other(Cause.PORTAL, portal=True)
    if len(around.sources) > 1:
        for source in around.sources:
            yield other(Cause.ONE_SYSTEM, f"chỉ hệ thống {source}", f"only {source}", source=source)
    for span, vi, en in borders(basis.span):
        yield other(Cause.BORDER, vi, en, span=span)


def borders(span: Period) -> Iterator[tuple[Period, str, str]]:
    """The same period with its border elsewhere, as people who count by hand or by UTC draw it."""
    if span.since == BEGINNING or span.until == END:
        return
    last = (span.until - DAY).astimezone(VIETNAM)
    first = span.since.astimezone(VIETNAM)
    if span.until - span.since > DAY:
        yield replace(span, until=span.until - DAY), f"không tính ngày {last:%d/%m/%Y}", f"without {last:%d/%m/%Y}"
        yield replace(span, since=span.since + DAY), f"không tính ngày {first:%d/%m/%Y}", f"without {first:%d/%m/%Y}"
    yield replace(span, until=span.until + DAY), f"tính cả ngày {last + DAY:%d/%m/%Y}", f"with {last + DAY:%d/%m/%Y}"
    yield replace(span, since=span.since - DAY), f"tính cả ngày {first - DAY:%d/%m/%Y}", f"with {first - DAY:%d/%m/%Y}"
    yield replace(span, since=span.since + HOURS, until=span.until + HOURS), "ngày tính theo giờ UTC", "days counted in UTC"


def attributed(difference: float, effects: Sequence[Effect]) -> tuple[Effect, ...]:
    """The fewest causes that make up the difference to the last dossier, each concerning other ones; () when there are none.

    Of as many, those believed first. Causes whose dossiers cannot all be named may only explain alone: they might be the same.
    """
    able = [effect for effect in effects if effect.change]
    for size in range(1, TOGETHER + 1):
        for chosen in combinations(able, size):
            if sum(effect.change for effect in chosen) == difference and _apart(chosen):
                return chosen
    return ()


def _apart(chosen: Sequence[Effect]) -> bool:
    """Whether no dossier is counted twice."""
    if len(chosen) == 1:
        return True
    if any(effect.of is None or not effect.of.listed for effect in chosen):
        return False
    if len({effect.cause for effect in chosen}) < len(chosen):
        return False  # the border of a period lies in one place
    named = [(one.source, one.code) for effect in chosen for one in effect.dossiers]
    return len(named) == len(set(named))
