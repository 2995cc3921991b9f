"""A small province in a dict, changed at random, and its indicators counted again in words of their own.

The store and the meter are held against it: it shares no rule with them but the words of design.md.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ioc.model import Gone, Item, Kind, Pause, State, Trait, Urgency, Way
from tests.factories import item

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
COMPARE = {"by_date": "date", "by_instant": "instant"}  # one source of each kind
UNITS = [f"U{n:02}" for n in range(12)]
CLOSINGS = (State.WITHDRAWN, State.REFUSED)
CHANGES = (
    "same", "close", "close", "pause", "resume", "due", "unit", "reopen", "gone", "refuse", "received", "channel", "traits", "urgency",
    "moved",
)  # fmt: skip


class World:
    """(source, code) -> Item. Everything falls on whole minutes, so that ties are common."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.items: dict[tuple[str, str], Item] = {}
        self.n = 0

    def change(self, now: datetime, source: str) -> Item | Gone:
        r = self.random
        mine = [code for s, code in self.items if s == source]
        if not mine or r.random() < 0.25:
            self.n += 1
            changed = self._new(f"H46.{self.n:06d}", now)
        else:
            code = r.choice(mine)
            change = self._changed(self.items[source, code], now)
            if isinstance(change, Gone):
                del self.items[source, code]
                return change
            changed = change
        self.items[source, changed.code] = changed
        return changed

    def _new(self, code: str, now: datetime) -> Item:
        r = self.random
        received = now - r.choice((0, 0, 1, 60, 1440, 45000, 500000)) * MINUTE
        due = r.choice((None, now, now + MINUTE, now + r.randrange(6000) * MINUTE, received + DAY))
        kind = r.choices((Kind.DOSSIER, Kind.DOCUMENT, Kind.TASK, Kind.MIRROR), (6, 2, 1, 1))[0]
        state = r.choices((State.WORKING, State.SUBMITTED), (9, 1))[0]
        return item(
            code, unit=r.choice(UNITS), kind=kind, state=state, received_at=received, due_at=due, channel=r.choice(list(Way)),
            outgoing=r.random() < 0.5, signed=r.random() < 0.5, traits=self._traits(), urgency=r.choice(list(Urgency)),
            assigner=r.choice(("", "UBND tỉnh")), progress=r.choice((None, 0, 40)), first_due_at=r.choice((None, received)),
            step_due_at=r.choice((None, now)),
        )  # fmt: skip

    def _traits(self) -> frozenset[Trait]:
        return frozenset(trait for trait in Trait if self.random.random() < 0.4)

    def _changed(self, old: Item, now: datetime) -> Item | Gone:
        r = self.random
        closed = old.state.closed
        match r.choice(CHANGES):
            case "close":
                at = max(old.received_at, now - r.choice((0, 0, 1, 2000)) * MINUTE)
                return replace(old, state=State.DONE, closed_at=at, happened_at=at)
            case "refuse":
                return replace(old, state=r.choice(CLOSINGS), closed_at=now, happened_at=now)
            case "pause" if not closed:
                return replace(old, state=State.WAITING, happened_at=now, pauses=(Pause(since=max(now, old.received_at)),))
            case "resume" if not closed:
                pauses = tuple(replace(p, until=max(now, p.since)) if p.until is None else p for p in old.pauses)
                due = now + r.choice((0, 1, 30, 3000)) * MINUTE
                return replace(old, state=State.WORKING, happened_at=now, pauses=pauses, due_at=due)
            case "due":
                return replace(old, due_at=now + r.randrange(-3000, 3000) * MINUTE, happened_at=now)
            case "unit":
                return replace(old, unit=r.choice(UNITS), happened_at=now)
            case "reopen":
                return replace(old, state=State.WORKING, closed_at=None, happened_at=now)
            case "received":
                return replace(old, received_at=min(now - r.randrange(60000) * MINUTE, old.closed_at or now))
            case "channel":
                return replace(old, channel=r.choice(list(Way)))
            case "traits":
                return replace(old, traits=self._traits())
            case "urgency":
                return replace(old, urgency=r.choice(list(Urgency)))
            case "moved":
                return replace(old, first_due_at=old.first_due_at or old.due_at, progress=r.randrange(101))
            case "gone":
                return Gone(code=old.code, happened_at=now)
        return old


def lateness(due: datetime | None, moment: datetime, compare: str) -> str:
    """early, on_time or late: what finishing at `moment` means."""
    if due is None:
        return "on_time"
    a, b = (moment, due) if compare == "instant" else (moment.astimezone(LOCAL).date(), due.astimezone(LOCAL).date())
    return "early" if a < b else "on_time" if a == b else "late"


def local_bounds(now: datetime) -> dict[str, tuple[datetime, datetime]]:
    day = now.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    month, year = day.replace(day=1), day.replace(month=1, day=1)
    return {
        "today": (day, day + DAY),
        "month": (month, (month + timedelta(days=32)).replace(day=1)),
        "year": (year, year.replace(year=year.year + 1)),
    }


def true_of(one: Item, compare: str, at: datetime, since: datetime, until: datetime) -> set[str]:
    """The names of the indicators that count this item."""
    closed = (one.closed_at or one.happened_at) if one.state.closed else None
    came, went = since <= one.received_at < until, closed is not None and since <= closed < until
    working = one.state is State.WORKING
    overdue = working and one.due_at is not None and lateness(one.due_at, at, compare) == "late"
    on_time = closed is not None and lateness(one.due_at, closed, compare) != "late"
    if one.kind is Kind.DOCUMENT:
        names = {("documents_out" if one.outgoing else "documents_in") if came else "", "documents_overdue" if overdue else ""}
        names |= {"documents_done" if went and one.state is State.DONE and not one.outgoing else ""}
        names |= {"documents_open" if working else "", "documents_signed" if came and one.outgoing and one.signed else ""}
        return (names | {"documents_urgent_open" if working and one.urgency is not Urgency.NORMAL else ""}) - {""}
    if one.kind is Kind.TASK:
        done = went and one.state is State.DONE
        names = {"tasks_done" if done else "", "tasks_done_on_time" if done and on_time else ""}
        return (names | {"tasks_in_progress" if working else "", "tasks_overdue" if overdue else ""}) - {""}
    if one.kind is Kind.MIRROR:
        return {"mirrors_received"} if came and one.state not in (State.SUBMITTED, State.REFUSED) else set()
    if one.state in (State.SUBMITTED, State.REFUSED):
        return ({"dossiers_excluded"} if came else set()) | ({"dossiers_submitted"} if one.state is State.SUBMITTED else set())
    names = set()
    if came and one.state is not State.WITHDRAWN:
        kept = on_time if one.state is State.DONE else not overdue
        names |= {"dossiers_judged"} | ({"dossiers_kept"} if kept else set())
    if came:
        names |= {"dossiers_received"} | ({"dossiers_received_online"} if one.channel is Way.ONLINE else set())
        names |= {"dossiers_with_fee"} if one.traits & {Trait.FEE, Trait.PAID_ONLINE} else set()
        names |= {f"dossiers_{trait}" for trait in one.traits & {Trait.PAID_ONLINE, Trait.DIGITISED, Trait.REUSED}}
    elif one.received_at < since and (closed is None or closed >= since):
        names.add("dossiers_carried_over")
    if one.state is State.DONE and went:
        names |= {"dossiers_resolved", f"dossiers_{lateness(one.due_at, closed, compare)}"}
        names |= {"dossiers_electronic_result"} if Trait.ELECTRONIC_RESULT in one.traits else set()
    if one.state is State.WITHDRAWN and went:
        names.add("dossiers_returned")
    if one.state is State.WAITING:
        names.add("dossiers_waiting")
    if working:
        names |= {"dossiers_in_progress", "dossiers_overdue" if overdue else "dossiers_within_time"}
        names |= {"dossiers_undated"} if one.due_at is None else set()
        names |= {"dossiers_rescheduled"} if one.first_due_at is not None else set()
        moved = one.first_due_at is not None and one.due_at is not None and one.first_due_at < one.due_at
        names |= {"apologies_owed"} if overdue or moved else set()
        if one.step_due_at is not None and one.step_due_at <= at:
            names |= {"dossiers_step_late"} | (set() if overdue else {"dossiers_step_late_in_time"})
    return names
