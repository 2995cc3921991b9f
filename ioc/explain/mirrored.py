"""The share of our dossiers that the portal shows, explained: its counts by kind of difference, and where the differences are listed.

Two systems are only ever compared as they are now, so the answer is of now, whatever instant was asked about, and says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from ioc import mirrors
from ioc.answers import Question
from ioc.db import Connection
from ioc.explain import origin
from ioc.explain.definition import Definition
from ioc.explain.origin import Fed
from ioc.explain.shape import described, head
from ioc.indicators import rate

BROUGHT = """
select source, count(*)::int from items
where kind in ('dossier', 'mirror') and (%(units)s::int[] is null or unit = any(%(units)s)) group by source"""


async def explained(
    db: Connection, made: Definition, asked: Question, now: datetime, units: Collection[int] | None, fed: Mapping[str, Fed]
) -> dict[str, Any]:
    """Raises nothing of its own; without a single mirror the value is None."""
    tallies = await mirrors.counts(db, now)
    mine = [tally for unit, tally in tallies.items() if units is None or unit in units]
    sums = {name: sum(getattr(tally, name) for tally in mine) for name in mirrors.Tally.__slots__}
    listed = None if units is None else sorted(units)
    brought: dict[str, int] = dict(await (await db.execute(BROUGHT, {"units": listed})).fetchall())
    known = await origin.read(db, brought, now, fed)
    instants = origin.one_instant({source: one.as_of for source, one in known.heard.items()})
    return head(made, asked, now) | {
        "value": rate(sums["found"], sums["expected"]), "definition": described(made),
        "note_vi": "Luôn so tại hiện tại.", "note_en": "Always compared as of now.",
        "parts": [{"indicator": name, "count": count, "items": _differences(asked.unit, name)} for name, count in sums.items()],
        "inputs": [origin.about(source, known) | {"items": items} for source, items in sorted(brought.items())],
        "instant": instants, "mixed": instants["same"] is not True, "quarantined": sum(known.bad.values()),
        "differences": _differences(asked.unit, None),
    }  # fmt: skip


def _differences(unit: str | None, kind: str | None) -> str | None:
    """The list of one kind of difference, of all (None); a count that is no difference has none."""
    if kind is not None and kind not in {one.value for one in mirrors.DifferenceKind}:
        return None
    given = {"unit": unit, "kind": kind}
    query = urlencode({name: value for name, value in given.items() if value is not None})
    return "/api/v1/differences" + (f"?{query}" if query else "")
