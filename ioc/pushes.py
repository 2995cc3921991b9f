"""Calls that were taken in, by their signature, so that none is played twice. Called by the push route and by tidy()."""

from __future__ import annotations

from datetime import datetime, timedelta

from ioc.db import Connection

REMEMBERED = timedelta(hours=1)  # longer than any clock may be off, on both sides together

TAKEN = "select from pushes where source = %s and signature = %s"
NOTE = "insert into pushes (source, signature, at) values (%s, %s, %s) on conflict do nothing"
# The newest of each source stays: it says when the source was last heard.
FORGET = """
delete from pushes p where at < %(before)s and at < (select max(at) from pushes n where n.source = p.source)"""


async def taken(db: Connection, source: str, signature: bytes) -> bool:
    """Whether this very call was taken in before."""
    return (await db.execute(TAKEN, [source, signature])).rowcount > 0


async def note(db: Connection, source: str, signature: bytes, now: datetime) -> None:
    """Remember a call, once all it brought is stored."""
    await db.execute(NOTE, [source, signature, now])


async def forget(db: Connection, now: datetime) -> int:
    """Forget the calls taken long ago; returns how many."""
    return (await db.execute(FORGET, {"before": now - REMEMBERED})).rowcount
