"""A dossier of the provincial gateway (MSyncDocument, domain.md 1.2) made ready for its mapping: flags and dates become one state. Pure.

`status` says the state where the system sends it; the flags must agree. Where it sends none, the flags say it:

    isSuccess                                  done           with or without isReturned (the result was handed over)
    isReturned alone                           cancelled      given back without a result
    requireSupplementaryDate, not answered     waiting
    none of these, and no date of an end       processing

Flags and dates that contradict each other, or the status, are refused: nobody can know which of them is wrong. Used by lgsp.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from collectors.fields import Field, Record
from collectors.rows_inside import instants, latest, rows_of
from collectors.source import BadItem
from ioc.model import State

WORDS = {State.WORKING: "processing", State.WAITING: "waiting", State.DONE: "done", State.WITHDRAWN: "cancelled"}
SUPPLEMENTS, FEES = "supplementaries", "docFees"

_STATUS = Field(ours="state", names=("status",))
_SUCCESS, _RETURNED = Field(ours="state", names=("isSuccess",)), Field(ours="state", names=("isReturned",))
_ENDS = tuple(Field(ours="closed_at", names=(name,)) for name in ("finishedDate", "successDate", "returnedDate"))
_HAS, _REQUIRED = Field(ours="state", names=("hasSupplementary",)), Field(ours="pauses.since", names=("requireSupplementaryDate",))
_ASKED, _BROUGHT = Field(ours="pauses.since", names=("requireDate",)), Field(ours="pauses.until", names=("receiveDate",))
_PAID = Field(ours="paid_online", names=("paidOnline",))

LOOKS_AT = frozenset(
    {name for field in (_STATUS, _SUCCESS, _RETURNED, _HAS, _REQUIRED, *_ENDS) for name in field.names}
    | {f"{SUPPLEMENTS}.{name}" for field in (_ASKED, _BROUGHT) for name in field.names}
    | {f"{FEES}.paidOnline"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What a record says of its state beside `status`. `success`, `returned`: None where it does not say. `ended`: it names a date of
    an end. `asked`: a supplement was required; `brought`: whether the last one came, None where no row says."""

    success: bool | None = None
    returned: bool | None = None
    ended: bool = False
    asked: bool = False
    brought: bool | None = None

    @property
    def missing(self) -> bool:
        return self.success is None and self.returned is None and not self.ended and not self.asked

    @property
    def waits(self) -> bool:
        return self.asked and not self.brought


def ready(record: Record, zone: ZoneInfo, *, words: Mapping[str, str]) -> dict[str, Any]:
    """A copy of a record with its `status` where its flags alone say it, and with `supplementPeriods`, `stateSince`, `hasFee` and
    `paidOnline`. `words`: the mapping's codes of states. Raises BadItem."""
    supplements, fees = rows_of(record, SUPPLEMENTS), rows_of(record, FEES)
    signs, status = read_signs(record, supplements, zone), _STATUS.raw(record)
    said = State(words[status]) if status and status in words else None
    state = said if signs.missing or (status and said is None) else state_of(signs, said)
    times = [*instants(supplements, _ASKED, zone), *instants(supplements, _BROUGHT, zone), *instants([record], _REQUIRED, zone)]
    alone = [{"requireDate": _REQUIRED.raw(record)}] if state is State.WAITING and signs.asked and not supplements else []
    return {
        **record,
        "status": status or (WORDS.get(state) if state else None),
        "supplementPeriods": supplements or alone,
        "stateSince": latest(times),
        "hasFee": "true" if fees else None,
        "paidOnline": "true" if any(_PAID.flag(row) for row in fees) else None,
    }


def read_signs(record: Record, supplements: list[Record], zone: ZoneInfo) -> Signs:
    """The flags and dates of a record. Raises BadItem where a supplement is required and is not."""
    has, required = _HAS.flag(record), _REQUIRED.instant(record, zone)
    if has is not None and has != (required is not None or bool(supplements)):
        raise BadItem(f"hasSupplementary {_word(has)} {'without' if has else 'with'} requireSupplementaryDate; correct it at the source")
    answered = [_BROUGHT.instant(row, zone) is not None for row in supplements]
    return Signs(
        success=_SUCCESS.flag(record),
        returned=_RETURNED.flag(record),
        ended=any(field.instant(record, zone) is not None for field in _ENDS),
        asked=required is not None or bool(supplements),
        brought=all(answered) if answered else None,
    )


def state_of(signs: Signs, said: State | None) -> State:
    """The one state that all signs and the status allow. Raises BadItem where there is none."""
    if signs.success:
        _expect(said in (None, State.DONE), "isSuccess true", f"status {said}")
        _expect(signs.ended, "isSuccess true", "no finishedDate or successDate")
        _expect(not (signs.waits and signs.brought is False), "isSuccess true", "a supplement still required")
        return State.DONE
    if signs.returned and not (said is State.DONE and signs.success is None):
        _expect(said in (None, State.WITHDRAWN, State.REFUSED), "isReturned true, isSuccess not", f"status {said}")
        _expect(signs.ended, "isReturned true", "no finishedDate or returnedDate")
        return said or State.WITHDRAWN
    _expect(not (said is State.DONE and signs.success is False), "isSuccess false", "status done")
    if said is not None and said.closed:
        return said
    _expect(not signs.ended, "a date of an end", f"status {said}" if said else "neither isSuccess nor isReturned")
    if signs.waits and said is not State.WAITING:
        _expect(said is None or signs.brought is None, "a supplement still required", f"status {said}")
        return said or State.WAITING
    return said or State.WORKING


def _expect(holds: bool, one: str, other: str) -> None:
    if not holds:
        raise BadItem(f"{one} and {other} contradict each other for state; correct it at the source")


def _word(flag: bool) -> str:
    return "true" if flag else "false"
