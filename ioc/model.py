"""The nouns everything else speaks of: items, figures, batches and transitions. Pure; imports nothing of ours.

Sources build `Item`s, the store keeps them, indicators count them. All times are aware and in UTC
(`datetime.timezone.utc`: a ZoneInfo time makes binary COPY 2.6 times slower).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    DOSSIER = "dossier"
    DOCUMENT = "document"
    TASK = "task"
    MIRROR = "mirror"  # a dossier as a second system shows it: in no total, held against the first by its code (ioc/mirrors.py)


class State(StrEnum):
    """What the law and the reports distinguish; a source's own codes are mapped to these, never guessed."""

    SUBMITTED = "submitted"  # sent in, not received yet: in no total
    WORKING = "working"
    WAITING = "waiting"  # for the applicant (supplement, fee, suspension): the clock is stopped
    DONE = "done"
    WITHDRAWN = "withdrawn"  # received, then taken back or returned
    REFUSED = "refused"  # never received: excluded from totals, counted by itself

    @property
    def closed(self) -> bool:
        return self in (State.DONE, State.WITHDRAWN, State.REFUSED)


class Way(StrEnum):
    """How an item came in (KenhThucHien). Called `channel` in data; `Channel` alone means a way to notify a person."""

    COUNTER = "counter"
    ONLINE = "online"
    POST = "post"


class Urgency(StrEnum):
    """Độ khẩn of a document or task, rising."""

    NORMAL = "normal"
    URGENT = "urgent"  # khẩn
    VERY_URGENT = "very_urgent"  # thượng khẩn
    EXPRESS = "express"  # hỏa tốc


class Trait(StrEnum):
    """What else is counted of a dossier; each holds or is not known to hold."""

    FEE = "fee"  # something is to be paid for it
    PAID_ONLINE = "paid_online"
    DIGITISED = "digitised"  # its papers were digitised
    ELECTRONIC_RESULT = "electronic_result"
    REUSED = "reused"  # it reuses data digitised before


class TermUnit(StrEnum):
    WORKING_DAYS = "working_days"
    WORKING_HOURS = "working_hours"
    CALENDAR_DAYS = "calendar_days"
    MONTHS = "months"


class Reason(StrEnum):
    """Why a clock stands still, as the decrees on the one-stop mechanism distinguish it (domain.md 2.1)."""

    SUPPLEMENT = "supplement"  # papers are missing (bổ sung): under the policy "restart" the time is counted anew after it
    FEE = "fee"  # a financial obligation of the applicant
    SUSPENDED = "suspended"  # dừng xử lý
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """How long the procedure may take; used when the source gives no due date itself."""

    amount: float
    unit: TermUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A stretch in which the clock stood still; `until` None: it still does."""

    since: datetime
    until: datetime | None = None
    reason: Reason = Reason.SUPPLEMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One dossier, document or task as its source now describes it.

    `due_at` is the appointed time the source states (None: it states none; then `term` decides, and without
    both there is no deadline); `first_due_at` the one stated first, where it was moved since. `step_due_at` is the deadline of the
    present step alone. `submitted_at` is when it was sent in, where that was before the reception; `apology_at` when the office said
    sorry for being late; `waits_for` why it waits, while it does. `happened_at` is when the present state became true.
    `outgoing` and `signed` matter for documents only;
    `assigner` is the office a task came from and `progress` how far it is, in per cent. `suspect` names what the source says that
    cannot be true and how it was read.
    """

    code: str
    unit: str
    state: State
    received_at: datetime
    happened_at: datetime
    kind: Kind = Kind.DOSSIER
    due_at: datetime | None = None
    first_due_at: datetime | None = None
    step_due_at: datetime | None = None
    submitted_at: datetime | None = None
    apology_at: datetime | None = None
    waits_for: Reason | None = None
    term: Term | None = None
    closed_at: datetime | None = None
    channel: Way = Way.COUNTER
    field: str = ""
    procedure: str = ""
    step: str = ""
    outgoing: bool = False
    signed: bool = False
    urgency: Urgency = Urgency.NORMAL
    assigner: str = ""
    progress: int | None = None
    traits: frozenset[Trait] = frozenset()
    pauses: tuple[Pause, ...] = ()
    suspect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The source took an item back: it never existed."""

    code: str
    happened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number a system only reports. `name` is one of ioc.figures; `period` as in ioc.periods ("2026-11-20", "2024-06", "2024-H1", ...).

    `reported_at`: when its source says it was reported (None: it does not say; then the reading counts).
    """

    unit: str
    period: str
    name: str
    value: float
    measured_in: str = ""
    reported_at: datetime | None = None


class Fault(StrEnum):
    """Why a record could not be read. A CODE nobody declared means that the other side changed its words: that is drift."""

    VALUE = "value"  # a value that cannot be true: an impossible date, a text too long
    CODE = "code"  # a code the mapping does not know
    MISSING = "missing"  # a field that must be there is not
    SHAPE = "shape"  # no record at all, or one nobody can take apart
    UNIT = "unit"  # a unit that is not in the catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A record that could not be read. `reason` says what is wrong with which value and what to do.

    `raw_hash` is a SHA-256 of the record as received: enough to recognise it, nothing personal in it. `code` is the record's own code
    when that much could be read. `record` is what may be kept of it: the fields the mapping names, masked; enough to read it again.
    """

    reason: str
    raw_hash: str
    code: str | None = None
    fault: Fault = Fault.VALUE
    record: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one read of a source returned: rows good and bad, and where the next read begins.

    `position` None leaves the cursor where it stands (what did not come by reading on: pushed or retried records). `fields` are the
    names of the fields its records came with, so that a change of their shape is noticed. `as_of` is the instant the source says its
    answer is true for (None: the moment it was asked). Storing a batch twice changes nothing; when a code comes twice in one batch the
    later one wins.
    """

    position: str | None
    items: Sequence[Item | Gone] = ()
    figures: Sequence[Figure] = ()
    bad: Sequence[BadRow] = field(default=())
    fields: frozenset[str] = frozenset()
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One item's change of state: from what (None: it was new) to what (None: it is gone), and both times."""

    source: str
    code: str
    unit: str
    kind: Kind
    was: State | None
    state: State | None
    happened_at: datetime
    learned_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What storing one batch did. `refused`: what was read well but could not be kept; `quarantined` counts these too."""

    read: int
    transitions: Sequence[Transition] = ()
    changed: int = 0
    quarantined: int = 0
    suspect: int = 0
    refused: Sequence[BadRow] = ()
