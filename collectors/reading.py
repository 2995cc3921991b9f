"""A compiled Mapping: one record of a department system read into one of our items. Pure; called by every source.

`read` raises BadItem and nothing else, whatever the record holds. What the source says that cannot be true is read by a stated rule
and named in `Item.suspect` with the original values. A code the mapping does not know is refused, never guessed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from collectors.fields import ABSENT, Broken, Field, Record, expect_record, find
from collectors.source import BadItem, shown
from ioc.model import BadRow, Gone, Item, Kind, Pause, State, Term, TermUnit, Way

AHEAD = timedelta(days=1)  # how far a clock elsewhere may be ahead of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseList:
    """Where the stretches stand in which the clock stood still: a list in the record, each with its begin and end."""

    each: str
    since: Field
    until: Field
    reason: str


@dataclass(slots=True)
class Read:
    """What a list of records became."""

    items: list[Item | Gone] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """How one system's records become items. Made by `collectors.mapping.compile`; `fields` holds ours by name.

    `create_units`: the store may make units it does not know. `take_received`: a closing before the reception counts as closed
    when received, and is suspect; otherwise such a record is refused. `last_by`: several rows describe one item, the last by
    this field counts.
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
    gone: Field | None = None
    last_by: Field | None = None

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
        pauses, pausing = self._pauses(record)
        return Item(
            code=code,
            unit=self.fields["unit"].required(record),
            kind=Kind(self._text("kind", record, Kind.DOSSIER)),
            state=state,
            received_at=received,
            happened_at=happened,
            closed_at=closed,
            due_at=self._instant("due_at", record, None),
            term=self._term(record),
            channel=Way(self._text("channel", record, Way.COUNTER)),
            field=self._text("field", record),
            procedure=self._text("procedure", record),
            step=self._text("step", record),
            outgoing=self._flag("outgoing", record),
            signed=self._flag("signed", record),
            pauses=pauses,
            suspect="; ".join(filter(None, (closing, pausing))),
        )

    def read_all(self, records: Iterable[object], now: datetime) -> Read:
        """Every record, the good ones as items and the others as bad rows, in their order."""
        result = Read()
        for record in records:
            try:
                result.items.append(self.read(record, now))  # type: ignore[arg-type]
            except BadItem as error:
                result.bad.append(self.bad_row(record, error))
        return result

    def bad_row(self, record: object, error: BadItem) -> BadRow:
        return BadRow(reason=str(error), raw_hash=raw_hash(record), code=self.code_of(record))

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

    def _term(self, record: Record) -> Term | None:
        declared = self.fields.get("term")
        amount = declared.number(record) if declared else None
        return None if amount is None else Term(amount=amount, unit=self.term_unit)

    def _pauses(self, record: Record) -> tuple[tuple[Pause, ...], str]:
        """The stretches the source names, and what of them is suspect."""
        declared = self.pauses
        rows = find(record, declared.each) if declared else None
        if declared is None or rows is None or rows is ABSENT or rows == "":
            return (), ""
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise BadItem(f"a {type(rows).__name__} where a list of pauses is expected (field {declared.each}); correct it at the source")
        spans = [(declared.since.instant(row, self.zone), declared.until.instant(row, self.zone)) for row in rows]
        good = [(since, until) for since, until in spans if since is not None and (until is None or since <= until)]
        wrong = len(spans) - len(good)
        suspect = f"{wrong} of {len(spans)} pauses begin nowhere or end before they begin; not used" if wrong else ""
        return tuple(Pause(since=since, until=until, reason=declared.reason) for since, until in good), suspect


def raw_hash(record: object) -> str:
    """SHA-256 of a record as canonical JSON; of its field names alone when it cannot be written as JSON."""
    try:
        record = record.text if isinstance(record, Broken) else record
        text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    except (TypeError, ValueError, RecursionError):
        text = repr(sorted(map(str, record))) if isinstance(record, dict) else type(record).__name__
    return hashlib.sha256(text.encode()).hexdigest()
