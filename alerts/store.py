"""Alerts in the database: what is open, and one transaction for what becomes of it together with its log. Used by the engine only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from alerts.evaluate import Change
from alerts.model import Alert, AlertState, Severity
from ioc.db import Connection

ORDER = (
    "rule", "subject", "severity", "state", "count", "started_at", "checked_at", "sources", "oldest_from", "fired_at", "resolved_at",
    "frozen", "good",
)  # fmt: skip
READ = ", ".join("state::text" if name == "state" else name for name in ORDER)

INSERT = f"""
insert into alerts ({", ".join(ORDER)})
values ({", ".join(f"%({name})s" + ("::text::alert_state" if name == "state" else "") for name in ORDER)})
on conflict (rule, subject) where state <> 'resolved' do update set checked_at = excluded.checked_at
returning id"""

UPDATE = """
update alerts set severity = %(severity)s, state = %(state)s::text::alert_state, count = %(count)s, checked_at = %(checked_at)s,
       sources = %(sources)s, oldest_from = %(oldest_from)s, fired_at = %(fired_at)s, resolved_at = %(resolved_at)s,
       frozen = %(frozen)s, good = %(good)s
where id = %(id)s and state <> 'resolved'"""


async def open_alerts(db: Connection) -> list[Alert]:
    """Every alert not resolved, oldest first."""
    rows = await (await db.execute(f"select id, {READ} from alerts where state <> 'resolved' order by started_at, id".encode())).fetchall()
    return [_alert(*row) for row in rows]


async def save(db: Connection, changes: Iterable[Change], now: datetime) -> list[Alert]:
    """Store what changed, with its log, all or nothing. Returns the alerts as stored (new ones with their id)."""
    saved: dict[tuple[str, str], int] = {}
    stored = []
    async with db.transaction():
        for change in changes:
            alert = change.alert
            key = (alert.rule, alert.subject)
            number = alert.id or saved.get(key)
            values = {name: getattr(alert, name) for name in Alert.__slots__} | {"id": number}
            values |= {"sources": sorted(alert.sources), "state": alert.state.value, "severity": alert.severity.value}
            if number is None:
                row = await (await db.execute(INSERT.encode(), values)).fetchone()
                assert row is not None
                number = saved[key] = row[0]
            else:
                await db.execute(UPDATE, values)
            if change.what != "checked":
                await db.execute(
                    "insert into alert_log (alert, at, what, count) values (%s, %s, %s, %s)",
                    [number, now, change.what, alert.count],
                )
            stored.append(_alert(number, *(values[name] for name in ORDER)))
    return stored


def _alert(number: int, rule: str, subject: str, severity: str, state: str, count: int, started_at: datetime, checked_at: datetime,
           sources: list[str], oldest_from: datetime | None, fired_at: datetime | None, resolved_at: datetime | None, frozen: bool,
           good: int) -> Alert:  # fmt: skip
    return Alert(
        id=number, rule=rule, subject=subject, severity=Severity(severity), state=AlertState(state), count=count, started_at=started_at,
        checked_at=checked_at, sources=frozenset(sources), oldest_from=oldest_from, fired_at=fired_at, resolved_at=resolved_at,
        frozen=frozen, good=good,
    )  # fmt: skip
