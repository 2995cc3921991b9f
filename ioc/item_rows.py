"""One item as the columns of its row, and why an item cannot be kept. Pure; called by the store.

What an item can differ by is listed here once: `incoming`, COPY, the comparison and the history all follow FACTS.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from psycopg.types.multirange import TimestamptzMultirange
from psycopg.types.range import TimestamptzRange

from ioc.calendar import WorkCalendar
from ioc.deadline import Compare, fold
from ioc.model import Gone, Item, Pause, Reason, State, Term
from ioc.periods import VIETNAM
from ioc.privacy import masked, public, told

# What an item can differ by, with the type its column is compared as. Order: `incoming`, COPY and history alike.
FACTS = {
    "kind": "item_kind", "unit": "int4", "field": "text", "procedure": "text", "step": "text", "channel": "item_channel",
    "state": "item_state", "outgoing": "bool", "signed": "bool", "received_at": "timestamptz", "appointed_at": "timestamptz",
    "due_at": "timestamptz", "soon_at": "timestamptz", "early_before": "timestamptz", "late_from": "timestamptz",
    "closed_at": "timestamptz", "pauses": "tstzmultirange", "suspect": "text", "first_due_at": "timestamptz",
    "step_due_at": "timestamptz", "urgency": "item_urgency", "assigner": "text", "progress": "int2", "traits": "text[]",
    "submitted_at": "timestamptz", "reception_due_at": "timestamptz", "apology_at": "timestamptz", "apology_due_at": "timestamptz",
    "waits_for": "text", "term": "text", "counted_from": "timestamptz", "handled_minutes": "int4",
    "supplements": "tstzmultirange",
}  # fmt: skip
ENUMS = {name for name, kind in FACTS.items() if kind.startswith("item_")}
COPIED = {
    "code": "text",
    **{n: "text" if n in ENUMS else t for n, t in FACTS.items()},
    "calendar": "text",
    "happened_at": "timestamptz",
    "gone": "bool",
}
SUSPECT = list(COPIED).index("suspect")  # where a row says what is suspect of its item


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How one source's items are read: its days (`zone`), its comparison of deadlines, its working time."""

    name: str
    title: str
    calendar: WorkCalendar
    zone: ZoneInfo = VIETNAM
    compare: Compare = "date"
    create_units: bool = False


def problem(item: Item | Gone, units: dict[str, int]) -> str:
    """Why an item cannot be kept; "" when it can. One such row would otherwise fail its whole batch."""
    if told(item.code) is None:
        return "code is rather a person's name or number; the mapping must name the field that holds the item's own code"
    if isinstance(item, Gone):
        return f"code holds {wrong}; the source must repair it" if (wrong := unstorable(item.code)) else ""
    if item.unit not in units:
        return f"unknown unit {masked(item.unit)!r}; add it to the unit catalogue, or let the mapping create units"
    for name in ("code", "field", "procedure", "step", "assigner", "suspect"):
        if wrong := unstorable(getattr(item, name)):
            return f"{name} holds {wrong}; the source must repair it"
    return ""


def storable(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def unstorable(text: str) -> str:
    """What PostgreSQL cannot keep in a text."""
    if "\0" in text:
        return "a NUL character"
    return "" if text.isascii() or storable(text) == text else "half a surrogate pair"


def row(item: Item, profile: Profile, unit: int) -> tuple[Any, ...]:
    """One item as its columns. A closing before the reception becomes the reception and is marked: else the sums could not close."""
    closed, suspect = (item.closed_at or item.happened_at) if item.state.closed else None, item.suspect
    if closed is not None and closed < item.received_at:
        suspect = suspect or f"closed {closed.isoformat()} before received {item.received_at.isoformat()}; taken as closed when received"
        closed = item.received_at
    # A stopped clock hides the effective deadline only: the rest stays, so that instants before the pause can still be judged.
    waiting = item.state is State.WAITING
    calendar = profile.calendar.of(item.unit)
    folded = fold(replace(item, state=State.WORKING) if waiting else item, calendar, profile.compare, profile.zone)
    stated = item.due_at is not None or item.term is None
    # What is free text may hold a person, where a source's columns have moved or a step is called after who does it.
    facts = (
        item.kind.value, unit, public(item.field), public(item.procedure), public(item.step), item.channel.value, item.state.value,
        item.outgoing, item.signed, item.received_at, folded.due_at, None if waiting else folded.due_at, folded.soon_at,
        folded.early_before, folded.late_from, closed, _multirange(_pauses(item)), suspect or None, item.first_due_at, item.step_due_at,
        item.urgency.value, public(item.assigner), item.progress,
        sorted(trait.value for trait in item.traits), item.submitted_at, folded.reception_due_at, item.apology_at, folded.apology_due_at,
        (item.waits_for or Reason.SUPPLEMENT).value if waiting else None, None if stated else written(item.term), folded.counted_from,
        folded.handled_minutes if closed else None, _multirange(p for p in item.pauses if p.reason is Reason.SUPPLEMENT),
    )  # fmt: skip
    return (item.code, *facts, profile.calendar.version, item.happened_at, False)


def written(term: Term | None) -> str | None:
    """A term as its column: "5 working_days"."""
    return None if term is None else f"{term.amount:.15g} {term.unit.value}"


def _pauses(item: Item) -> Sequence[Pause]:
    """Its pauses; of a waiting item one that lasts, whether its source lists it or not."""
    if item.state is State.WAITING and not any(p.until is None for p in item.pauses):
        return (*item.pauses, Pause(since=max(item.happened_at, item.received_at)))
    return item.pauses


def _multirange(pauses: Iterable[Pause]) -> TimestamptzMultirange | None:
    ranges = [TimestamptzRange(p.since, p.until) for p in pauses if p.until is None or p.until > p.since]
    return TimestamptzMultirange(ranges) if ranges else None
