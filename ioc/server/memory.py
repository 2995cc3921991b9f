"""The sources' facts between this process and the watch book (ioc/watchbook.py): recalled when the jobs begin here, written down while they
go on, passed on by a process that takes pushes but does not lead. Called by lead.py and by the measure job.

Time in which nobody listened is not charged to the sources: a restart, a takeover or a lost database flips nothing by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from collectors.drift import Refused, learned
from collectors.health import after, resumed
from ioc import watchbook
from ioc.db import Connection
from ioc.hearing import Flip, Heard
from ioc.server.center import Center
from ioc.server.feed import recalled

log = structlog.get_logger("ioc.sources")

KEEP = timedelta(seconds=60)  # between two writings of all facts
LISTEN = timedelta(seconds=10)  # between two signs that somebody listens
LOOK = timedelta(seconds=5)  # between two looks at what others may have changed
CALLS = timedelta(seconds=2)  # and at what other processes heard of sources that call us
FORGOTTEN = timedelta(days=30)  # how far back the last change of a source is looked for


async def recall(center: Center, db: Connection, now: datetime) -> None:
    """What is known of the sources from before, as this process begins to do the jobs."""
    rows, told, fields = await watchbook.recall(db), await watchbook.standing(db), await watchbook.known_fields(db)
    read: dict[str, datetime] = dict(await (await db.execute("select source, learned_at from cursors")).fetchall())
    strangers = [name for name in center.feeds if name not in rows and name in read]
    moved = await watchbook.last_moves(db, strangers, now - FORGOTTEN) if strangers else {}
    for name, feed in center.feeds.items():
        feed.told, feed.known = told.get(name), fields.get(name, {})
        if name in rows:
            alive_at, heard = rows[name]
            alive_at = max(alive_at, feed.told.at) if feed.told else alive_at
        else:
            alive_at, heard = now, _unwritten(name, read, moved, now)
        feed.heard = _latest(feed.heard, heard, center.measured_at, alive_at, now)
        feed.health = recalled(feed.told) if feed.told else None
        feed.next_at = None
    center.board.silent = frozenset(name for name, feed in center.feeds.items() if feed.silent)
    center.board.touch(center.feeds)
    center.figures = await watchbook.figures_of(db)
    center.whole = True
    await watchbook.write_flips(db, [_left(flip, now) for name, flip in told.items() if name not in center.feeds and flip.state != "never"])
    await watchbook.listen(db, now)
    center.kept_at, center.listened_at, center.looked_at = now, now, None


def _unwritten(name: str, read: Mapping[str, datetime], moved: Mapping[str, datetime], now: datetime) -> Heard:
    """What is known of a source the watch book does not know: when it was last read, if ever."""
    at = read.get(name)
    if at is None:
        return Heard(started=now, resumed=now)
    return Heard(started=at, resumed=now, first_at=at, read_at=at, as_of=at, said_at=at, moved_at=moved.get(name, at), turned_at=at)


def _latest(mine: Heard | None, written: Heard, measured_at: datetime | None, alive_at: datetime, now: datetime) -> Heard:
    """Of what this process heard and what is written, the later; nobody listened since then."""
    if mine is not None and measured_at is not None and (written.read_at is None or (mine.read_at and mine.read_at >= written.read_at)):
        return resumed(mine, max(measured_at, mine.resumed), now)
    return resumed(written, min(alive_at, now), now)


def _left(flip: Flip, now: datetime) -> Flip:
    """A source that is collected no more: nothing can be said of it, so nothing is held against it."""
    return Flip(source=flip.source, at=now, state="never", since=now, why="not in the configuration any more")


async def write(center: Center, db: Connection, now: datetime, *, at_once: bool = False) -> None:
    """Write down what must not be lost: flips as they come, the rest from time to time (`at_once`: now)."""
    flips, center.board.flips = center.board.flips, []
    try:
        while flips:
            batch = {flip.source: flip for flip in reversed(flips)}  # the first of each source; a statement takes one a source
            await watchbook.write_flips(db, batch.values())
            flips = [flip for flip in flips if batch[flip.source] is not flip]
    finally:
        center.board.flips = flips + center.board.flips
    if at_once or center.listened_at is None or now - center.listened_at >= LISTEN:
        await watchbook.listen(db, now)
        center.listened_at = now
    if at_once or center.kept_at is None or now - center.kept_at >= KEEP:
        await watchbook.keep(db, {name: feed.heard for name, feed in center.feeds.items() if feed.heard is not None}, now)
        center.kept_at = now


async def look(center: Center, db: Connection, now: datetime) -> None:
    """Learn what others changed: pushes other processes took, codes in quarantine, fields a person accepted."""
    if center.called_at is None or now - center.called_at >= CALLS:
        center.called_at = now
        await _calls(center, db)
    if not center.suspicious and center.looked_at is not None and now - center.looked_at < LOOK:
        return
    center.looked_at, center.suspicious = now, False
    for name, feed in center.feeds.items():
        if feed.unsaved:
            await watchbook.keep_fields(db, name, feed.unsaved)
            feed.unsaved = {}
    if center.reported:
        changed = await watchbook.figures_of(db, sorted(center.reported))
        center.board.touch(name for name, count in changed.items() if count != center.figures.get(name))
        center.figures |= changed
        center.reported.clear()
    await _fields(center, db)
    await _codes(center, db)


async def _calls(center: Center, db: Connection) -> None:
    moved: list[str] = []
    names = [name for name, feed in center.feeds.items() if feed.how == "push"]
    for name, (at, heard) in (await watchbook.recall(db, names)).items() if names else ():
        feed = center.feeds[name]
        elsewhere = center.kept_at is None or at > center.kept_at  # what is written at that instant is our own
        if elsewhere and (heard.read_at, heard.failures) != (feed.read_at, feed.failures) and not _earlier(heard, feed.heard):
            if feed.heard is None or heard.moved_at != feed.heard.moved_at:
                moved.append(name)
            feed.heard, feed.tried = replace(heard, resumed=feed.heard.resumed if feed.heard else heard.resumed), True
            center.board.touch([name])
    if moved:
        await center.fed.recount(db, moved)
        await _read_fields(center, db, moved)
        center.reported.update(moved)


def _earlier(written: Heard, mine: Heard | None) -> bool:
    """Whether this process heard more of a source than what is written."""
    if mine is None or mine.read_at is None:
        return False
    return written.read_at is None or written.read_at < mine.read_at


async def _fields(center: Center, db: Connection) -> None:
    """A person may have accepted what is different about a source."""
    drifting = [name for name, feed in center.feeds.items() if any(drift.what != "unknown_code" for drift in feed.drift)]
    if drifting:
        await _read_fields(center, db, drifting)


async def _read_fields(center: Center, db: Connection, names: Sequence[str]) -> None:
    """Take the fields of these sources as they are written."""
    written = await watchbook.known_fields(db, names)
    for name in names:
        feed, known = center.feeds[name], written.get(name, {})
        if not feed.unsaved and known != feed.known:
            feed.known = known
            center.board.touch([name])


async def _codes(center: Center, db: Connection) -> None:
    found: dict[str, list[Refused]] = {}
    for source, reason, records, since in await watchbook.unknown_codes(db):
        found.setdefault(source, []).append(Refused(reason=reason, records=records, since=since))
    for name, feed in center.feeds.items():
        codes = tuple(found.get(name, ()))
        if codes != feed.codes:
            feed.codes = codes
            center.board.touch([name])


async def pass_on(center: Center, db: Connection, now: datetime) -> None:
    """What this process heard while another one leads, into the watch book: that one shows it."""
    while center.passed:
        name, report = center.passed[0]
        feed = center.feeds[name]
        known = (await watchbook.recall(db, [name])).get(name)
        heard = known[1] if known else Heard(started=report.started, resumed=report.started)
        await watchbook.keep(db, {name: after(heard, report, feed.rule.calendar.zone)}, now)
        fields = (await watchbook.known_fields(db, [name])).get(name, {})
        met = learned(fields, report, feed.source.mapping.declared)
        await watchbook.keep_fields(db, name, {field: one for field, one in met.items() if one is not fields.get(field)})
        center.passed.popleft()
