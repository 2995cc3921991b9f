"""The systems behind a number, how each was at an instant, and whether they speak of one instant at all. Reads, then judges (pure).

How a source was is read from the watch book, so every server can answer, also one that does not lead, and for the past.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ioc import watchbook
from ioc.db import Connection
from ioc.explain.counted import Share
from ioc.hearing import Flip

NEAR = timedelta(minutes=5)  # the watch book is written once a minute: what was heard this shortly after an instant may stand for it
SILENT = ("stale", "down")

TITLES = "select name, title from sources where name = any(%s)"
READ = "select source, learned_at from cursors where source = any(%s)"
OPEN = """
select source, count(*)::int from quarantine
where source = any(%(sources)s) and first_at <= %(at)s and (resolved_at is null or resolved_at > %(at)s) group by source"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fed:
    """What the configuration says of a source; nobody knows it of one that was imported."""

    title: str
    type: str
    every: float  # seconds between two polls


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was heard of a source: its data's instant and when they were read. `when`: "then", or "later" (shortly after), or "unknown"."""

    as_of: datetime | None = None
    read_at: datetime | None = None
    when: str = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What is known of the sources of a number at an instant, by name."""

    titles: Mapping[str, str]
    flips: Mapping[str, Flip]
    heard: Mapping[str, Heard]
    bad: Mapping[str, int]
    fed: Mapping[str, Fed] = field(default_factory=dict)

    def silent(self, source: str) -> bool:
        flip = self.flips.get(source)
        return flip is not None and (flip.state in SILENT or flip.stuck is not None)


async def read(db: Connection, sources: Collection[str], at: datetime, fed: Mapping[str, Fed]) -> Origin:
    """What is known of these sources at `at`."""
    names = sorted(sources)
    facts = await watchbook.recall(db, names)
    cursors: dict[str, datetime] = dict(await (await db.execute(READ, [names])).fetchall())
    told = {name: (one.as_of, one.read_at) for name, (_, one) in facts.items()}
    told |= {name: (read, read) for name, read in cursors.items() if name not in told}  # imported: true for when it was
    flips = await watchbook.standing(db, at)
    return Origin(
        titles=dict(await (await db.execute(TITLES, [names])).fetchall()),
        flips={name: flips[name] for name in names if name in flips},
        heard={name: heard(*told.get(name, (None, None)), at) for name in names},
        bad=dict(await (await db.execute(OPEN, {"sources": names, "at": at})).fetchall()),
        fed=fed,
    )


def heard(as_of: datetime | None, read_at: datetime | None, at: datetime) -> Heard:
    """What the newest thing heard of a source says of an instant: what was heard long after it says nothing of it."""
    if read_at is None or read_at - at > NEAR:
        return Heard()
    return Heard(as_of=as_of, read_at=read_at, when="then" if read_at <= at else "later")


def inputs(shares: Iterable[Share], origin: Origin) -> list[dict[str, Any]]:
    """One line a source: how it was, and what of the number is from it."""
    grouped: dict[str, list[Share]] = {}
    for share in shares:
        grouped.setdefault(share.source, []).append(share)
    return [_line(source, listed, origin) for source, listed in sorted(grouped.items())]


def _line(source: str, listed: Sequence[Share], origin: Origin) -> dict[str, Any]:
    return about(source, origin) | {
        "items": sum(share.counted for share in listed),
        "brought": sum(share.brought for share in listed),
        "units": len({share.unit for share in listed}),
        "suspect": sum(share.suspect for share in listed),
    }


def about(source: str, origin: Origin) -> dict[str, Any]:
    """How one source was. `state` null: nobody watches it, as one that was imported."""
    flip, known, fed = origin.flips.get(source), origin.heard.get(source, Heard()), origin.fed.get(source)
    lag = None if known.as_of is None or known.read_at is None else max(0, round((known.read_at - known.as_of).total_seconds()))
    return {
        "source": source, "title": fed.title if fed else origin.titles.get(source, source), "type": fed.type if fed else None,
        "every": fed.every if fed else None, "as_of": _iso(known.as_of), "read_at": _iso(known.read_at), "heard": known.when, "lag": lag,
        "state": flip.state if flip else None, "since": _iso(flip.since) if flip else None, "stuck": _iso(flip.stuck) if flip else None,
        "drift": _iso(flip.drift) if flip else None, "why": flip.why if flip else "", "quarantined": origin.bad.get(source, 0),
    }  # fmt: skip


def coverage(shares: Iterable[Share], origin: Origin) -> dict[str, int]:
    """Units reporting of units expected: expected is whoever ever brought such items, reporting is one of whom no source is silent."""
    units: dict[int, set[str]] = {}
    for share in shares:
        units.setdefault(share.unit, set()).add(share.source)
    return {"reporting": sum(not any(map(origin.silent, sources)) for sources in units.values()), "expected": len(units)}


def one_instant(instants: Mapping[str, datetime | None]) -> dict[str, Any]:
    """Whether all sources speak of the same instant, else how far apart they are; `same` null: of some it is not known.

    `instants`: source -> what its data are true for.
    """
    known = sorted(at for at in instants.values() if at is not None)
    apart = round((known[-1] - known[0]).total_seconds(), 3) if known else None
    same = True if len(instants) <= 1 else None if len(known) < len(instants) else known[0] == known[-1]
    vi, en = _said(len(instants), same, apart)
    return {
        "same": same, "sources": len(instants), "oldest": _iso(known[0]) if known else None, "newest": _iso(known[-1]) if known else None,
        "apart": apart, "vi": vi, "en": en,
    }  # fmt: skip


def _said(sources: int, same: bool | None, apart: float | None) -> tuple[str, str]:
    if not sources:
        return "Chưa nguồn nào có dữ liệu này.", "No source has brought any of this yet."
    if sources == 1:
        return "Một nguồn, một thời điểm.", "One source, one instant."
    if same:
        return f"Cả {sources} nguồn cùng một thời điểm.", f"All {sources} sources speak of one instant."
    if same is None:
        return (
            f"Không biết dữ liệu của cả {sources} nguồn là của lúc nào; không coi là cùng một thời điểm.",
            f"It is not known of which instant each of the {sources} sources spoke; do not take them for one.",
        )
    seconds = f"{apart:.0f}" if apart is not None and apart >= 1 else "< 1"
    return (
        f"Gộp {sources} nguồn không cùng thời điểm, cách nhau {seconds} giây.",
        f"Mixes {sources} sources of different instants, {seconds} s apart.",
    )


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
