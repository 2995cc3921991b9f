"""A compiled Mapping: one record of a department system read into one of our items. Pure; called by every source.

`read` raises BadItem and nothing else, whatever the record holds. What the source says that cannot be true is read by a stated rule
and named in `Item.suspect` with the original values. A code the mapping does not know is refused, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from collectors.fields import ABSENT, Field, Record, expect_record, find
from collectors.paths import reads
from collectors.records import Shape, bad_row
from collectors.source import BadItem, shown
from ioc.model import BadRow, Figure, Gone, Item, Kind, Pause, Reason, State, Term, TermUnit, Trait, Urgency, Way

AHEAD = timedelta(days=1)  # how far a clock elsewhere may be ahead of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseList:
    """Where the stretches stand in which the clock stood still: a list in the record, each with its begin, end and reason."""

    each: str
    since: Field
    until: Field
    reason: Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Where the appointed times stand that were moved: a list in the record, each with the old and the new one."""

    each: str
    old: Field
    new: Field


@dataclass(slots=True)
class Read:
    """What a list of records became. `fields`: the names of the fields they came with."""

    items: list[Item | Gone] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    fields: frozenset[str] = frozenset()

    def and_then(self, more: Read) -> Read:
        return Read(
            items=[*self.items, *more.items],
            figures=[*self.figures, *more.figures],
            bad=[*self.bad, *more.bad],
            fields=self.fields | more.fields,
        )


class Reader(Protocol):
    """A declared mapping, whatever it makes of records: items (Mapping, here) or figures (FigureMapping, figure_mapping.py)."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def zone(self) -> ZoneInfo: ...
    @property
    def create_units(self) -> bool: ...
    @property
    def declared(self) -> frozenset[str]:
        """The names of their fields this mapping reads; nothing else of a record is ever kept."""
        ...

    def columns(self) -> Iterable[Field]:
        """The fields a table must have a column for, or say nothing about."""
        ...

    def read_all(self, records: Iterable[object], now: datetime) -> Read:
        """Every record, the good ones read and the others as bad rows, in their order. Never raises for what a record holds."""
        ...

    def code_of(self, record: object) -> str | None:
        """What tells a record from others, where that much can be read."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """How one system's records become items. Made by `collectors.mapping.compile`; `fields` holds ours by name.

    `moved`: where the record lists appointed times that were moved. `traits`: a field each, holding true or false. `keep`: more of
    their fields that may be kept of a record in quarantine. `create_units`: the store may make units it does not know.
    `take_received`: a closing before the reception counts as closed when received, and is suspect; otherwise such a record is refused.
    `last_by`: several rows describe one item, the last by this field counts.
    """

    name: str
    title: str
    zone: ZoneInfo
    fields: dict[str, Field]
    create_units: bool = False
    state_from_closed: bool = False
    term_unit: TermUnit = TermUnit.WORKING_DAYS
    take_received: bool = True
    pauses: PauseList | None = None
    moved: Moved | None = None
    traits: dict[Trait, Field] = field(default_factory=dict)
    gone: Field | None = None
    last_by: Field | None = None
    keep: frozenset[str] = frozenset()
    declared: frozenset[str] = field(init=False, default=frozenset())

    def __post_init__(self) -> None:
        lists = [(self.pauses.each, [self.pauses.since, self.pauses.until, self.pauses.reason])] if self.pauses else []
        lists += [(self.moved.each, [self.moved.old, self.moved.new])] if self.moved else []
        inner = {f"{place}.{name}" for each, inside in lists for place in reads(each) for one in inside for name in one.reads}
        own = (*self.fields.values(), *self.traits.values(), *filter(None, (self.gone, self.last_by)))
        object.__setattr__(self, "declared", frozenset(inner | self.keep).union(*(one.reads for one in own)))

    def columns(self) -> Iterable[Field]:
        """The fields a table must have a column for, unless they have a default."""
        return (*self.fields.values(), *filter(None, (self.last_by, self.gone)))

    def read(self, record: Record, now: datetime) -> Item | Gone:
        """One record as an item, or as gone when the source says it took it back."""
        expect_record(record)
        code = self.fields["code"].required(record)
        changed = self._instant("happened_at", record, now)
        if self.gone is not None and self.gone.flag(record):
            return Gone(code=code, happened_at=changed or now)
        received = self._instant("received_at", record, now)
        if received is None:
            raise self.fields["received_at"].missing()
        closed = self._instant("closed_at", record, now)
        state = (State.DONE if closed else State.WORKING) if self.state_from_closed else State(self.fields["state"].required(record))
        happened, closed, closing = self._closing(record, state, received, closed, changed)
        submitted, sending = self._sent(record, state, received, now)
        waits_for = self._waits_for(record, state)
        pauses, pausing = self._pauses(record, waits_for)
        first_due, due = self._due(record)
        return Item(
            code=code,
            unit=self.fields["unit"].required(record),
            kind=Kind(self._text("kind", record, Kind.DOSSIER)),
            state=state,
            received_at=received,
            happened_at=happened,
            closed_at=closed,
            due_at=due,
            first_due_at=first_due,
            step_due_at=self._instant("step_due_at", record, None),
            submitted_at=submitted,
            apology_at=self._instant("apology_at", record, now),
            waits_for=waits_for,
            term=self._term(record),
            channel=Way(self._text("channel", record, Way.COUNTER)),
            field=self._text("field", record),
            procedure=self._text("procedure", record),
            step=self._text("step", record),
            outgoing=self._flag("outgoing", record),
            signed=self._flag("signed", record),
            urgency=Urgency(self._text("urgency", record, Urgency.NORMAL)),
            assigner=self._text("assigner", record),
            progress=self._progress(record),
            traits=frozenset(trait for trait, flag in self.traits.items() if flag.flag(record)),
            pauses=pauses,
            suspect="; ".join(filter(None, (closing, sending, pausing))),
        )

    def read_all(self, records: Iterable[object], now: datetime) -> Read:
        """Every record, the good ones as items and the others as bad rows, in their order."""
        result, seen = Read(), Shape()
        for record in records:
            seen.add(record)
            try:
                result.items.append(self.read(record, now))  # type: ignore[arg-type]
            except BadItem as error:
                result.bad.append(self.bad_row(record, error))
        result.fields = seen.fields
        return result

    def bad_row(self, record: object, error: BadItem) -> BadRow:
        return bad_row(record, error, self.code_of(record), self.declared)

    def code_of(self, record: object) -> str | None:
        """The record's own code where that much can be read."""
        try:
            return self.fields["code"].text(record) if isinstance(record, dict) else None
        except BadItem:
            return None

    def _closing(
        self, record: Record, state: State, received: datetime, closed: datetime | None, changed: datetime | None
    ) -> tuple[datetime, datetime | None, str]:
        """When the state became true, the closing time, and what of it is suspect."""
        if not state.closed:
            suspect = f"closed_at {self._said('closed_at', record)} although {state}; not used" if closed else ""
            return max(changed or received, received), None, suspect
        suspect = ""
        if closed is None and changed is None:
            raise BadItem(f"missing {self._place('closed_at')} although {state}; the source must send when it was closed")
        if closed is None and state is State.DONE:
            suspect = f"closed_at missing although {state}; read as the last change {self._said('happened_at', record)}"
        closed = closed or changed or received
        if closed < received:
            story = f"closed_at {self._said('closed_at', record)} is before received_at {self._said('received_at', record)}"
            if not self.take_received:
                raise BadItem(f"{story}; correct it at the source")
            closed, suspect = received, f"{story}; read as closed when received"
        return closed, closed, suspect

    def _sent(self, record: Record, state: State, received: datetime, now: datetime) -> tuple[datetime | None, str]:
        """When it was sent in, None where it was received at once, and what of it is suspect."""
        sent = self._instant("submitted_at", record, now)
        if sent is None or sent < received or (sent == received and state in (State.SUBMITTED, State.REFUSED)):
            return sent, ""
        if sent == received:
            return None, ""
        said = f"submitted_at {self._said('submitted_at', record)} is after received_at {self._said('received_at', record)}"
        return None, f"{said}; not used"

    def _waits_for(self, record: Record, state: State) -> Reason | None:
        """Why it waits. The codes of other states are none of this field's business, so it is read of waiting items only."""
        text = self._text("waits_for", record) if state is State.WAITING else ""
        return Reason(text) if text else None

    def _place(self, ours: str) -> str:
        return self.fields[ours].place if ours in self.fields else ours

    def _said(self, ours: str, record: Record) -> str:
        return shown(self.fields[ours].raw(record) or "") if ours in self.fields else "''"

    def _instant(self, ours: str, record: Record, now: datetime | None) -> datetime | None:
        """An instant; with `now` it must not lie ahead of it."""
        declared = self.fields.get(ours)
        instant = declared.instant(record, self.zone) if declared else None
        if instant is not None and now is not None and instant - now > AHEAD:
            raise BadItem(f"{self._said(ours, record)} is in the future for {self.fields[ours].place}; correct it at the source")
        return instant

    def _text(self, ours: str, record: Record, otherwise: str = "") -> str:
        declared = self.fields.get(ours)
        return (declared.text(record) if declared else None) or otherwise

    def _flag(self, ours: str, record: Record) -> bool:
        declared = self.fields.get(ours)
        return bool(declared and declared.flag(record))

    def _progress(self, record: Record) -> int | None:
        declared = self.fields.get("progress")
        share = declared.number(record) if declared else None
        if declared and share is not None and share > 100:
            raise BadItem(f"{shown(declared.raw(record) or '')} is no share from 0 to 100 for {declared.place}; correct it at the source")
        return None if share is None else round(share)

    def _due(self, record: Record) -> tuple[datetime | None, datetime | None]:
        """The appointed time stated first, None where it was never moved, and the one that holds."""
        stated, first = self._instant("due_at", record, None), self._instant("first_due_at", record, None)
        rows = find(record, self.moved.each) if self.moved else None
        if self.moved is not None and isinstance(rows, list):
            known = [row for row in rows if isinstance(row, dict)]
            old = [at for row in known if (at := self.moved.old.instant(row, self.zone))]
            new = [at for row in known if (at := self.moved.new.instant(row, self.zone))]
            first = first or (min(old) if old else None)
            stated = max([*new, stated]) if new and stated else stated or (max(new) if new else None)
        return (None if first == stated else first), stated

    def _term(self, record: Record) -> Term | None:
        declared = self.fields.get("term")
        amount = declared.number(record) if declared else None
        return None if amount is None else Term(amount=amount, unit=self.term_unit)

    def _pauses(self, record: Record, waits_for: Reason | None) -> tuple[tuple[Pause, ...], str]:
        """The stretches the source names, and what of them is suspect. One that lasts is for what the item waits for now."""
        declared = self.pauses
        rows = find(record, declared.each) if declared else None
        if declared is None or rows is None or rows is ABSENT or rows == "":
            return (), ""
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise BadItem(f"a {type(rows).__name__} where a list of pauses is expected (field {declared.each}); correct it at the source")
        good = [pause for row in rows if (pause := self._pause(declared, row))]
        wrong = len(rows) - len(good)
        suspect = f"{wrong} of {len(rows)} pauses begin nowhere or end before they begin; not used" if wrong else ""
        return tuple(replace(one, reason=waits_for) if waits_for and one.until is None else one for one in good), suspect

    def _pause(self, declared: PauseList, row: Record) -> Pause | None:
        since, until = declared.since.instant(row, self.zone), declared.until.instant(row, self.zone)
        if since is None or (until is not None and until < since):
            return None
        return Pause(since=since, until=until, reason=Reason(declared.reason.text(row) or Reason.SUPPLEMENT))
