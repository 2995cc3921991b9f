"""A number that systems only report, explained: which rows it was put together from, and who reported them when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ioc.answers import Question, keys_of, local_day
from ioc.catalogue import Catalogue
from ioc.db import Connection
from ioc.explain import links, origin, told
from ioc.explain.definition import Definition, define
from ioc.explain.origin import Fed
from ioc.explain.shape import described, head, iso
from ioc.explain.told import NEWEST, Reported, Row
from ioc.figures import BY_NAME
from ioc.periods import period
from ioc.reported import Number
from ioc.units import UnitError

LONGEST = 1000  # rows of one answer


async def explained(
    db: Connection, made: Definition, asked: Question, now: datetime, catalogue: Catalogue | None, fed: Mapping[str, Fed]
) -> dict[str, Any]:
    """A figure, or a rate of figures. Raises UnitError while there is no unit."""
    if catalogue is None:
        raise UnitError("the unit catalogue is empty, so nobody can have reported a figure; import one first")
    at = asked.as_of or now
    root = catalogue.tree.resolve(asked.unit) if asked.unit else catalogue.tree.root
    known_at = asked.known_at or at
    found = await told.read(db, made, _wanted(asked.period, at), at, known_at, root, keys_of(catalogue, asked, at))
    number, sources = found.known.get(made.name), sorted({row.source for row in found.rows})
    known = await origin.read(db, sources, at, fed)
    instants = origin.one_instant({source: max(row.at for row in found.rows if row.source == source) for source in sources})
    return head(made, asked, at) | {
        "known_at": known_at.isoformat(), "seen": None, "value": number.value if number else None, "of": number.period if number else None,
        "before": number.before if number else None, "reported_at": iso(number.at) if number else None, "definition": described(made),
        "parts": [_part(name, found.known) for name in (*made.parts, *made.whole)],
        "inputs": [_input(source, found.rows, known) for source in sources],
        "coverage": {"reporting": len({row.unit for row in found.rows}), "expected": found.units}, "instant": instants,
        "mixed": bool(made.parts) and instants["same"] is not True, "quarantined": sum(known.bad.values()),
        "rows": [_row(row) for row in found.rows[:LONGEST]], "more_rows": max(0, len(found.rows) - LONGEST),
        "adds_up": {name: _adds_up(name, found) for name in sorted({row.name for row in found.rows})},
        "again": links.explained(made.name, asked, at),
    }  # fmt: skip


def _wanted(text: str, at: datetime) -> str:
    """The reported period that a question's words mean, by its name: 2026-11; "all" is the newest. Raises PeriodError."""
    if text in ("all", NEWEST):
        return NEWEST
    period(text, at)  # a word that names none is refused
    day = local_day(at)
    running = {
        "today": f"{day}", "month": f"{day:%Y-%m}", "quarter": f"{day.year}-Q{(day.month + 2) // 3}",
        "half": f"{day.year}-H{1 if day.month <= 6 else 2}", "year": f"{day:%Y}",
    }  # fmt: skip
    return running.get(text, text)


def _part(name: str, known: Mapping[str, Number]) -> dict[str, Any]:
    words, number = define(name).words, known.get(name)
    return {"indicator": name, "vi": words.vi, "en": words.en, "value": number.value if number else None}


def _input(source: str, rows: tuple[Row, ...], known: origin.Origin) -> dict[str, Any]:
    mine = [row for row in rows if row.source == source]
    return origin.about(source, known) | {"rows": len(mine), "units": len({row.unit for row in mine}),
                                          "reported_at": iso(max(row.at for row in mine))}  # fmt: skip


def _row(row: Row) -> dict[str, Any]:
    return {
        "figure": row.name, "source": row.source, "unit": row.unit, "period": row.period, "value": row.value,
        "reported_at": iso(row.reported_at), "learned_at": row.learned_at.isoformat(),
    }  # fmt: skip


def _adds_up(name: str, found: Reported) -> dict[str, Any]:
    """The rows of one figure against its number: how they make it, and what they come to."""
    values = [row.value for row in found.rows if row.name == name]
    over = BY_NAME[name].over_units
    latest = [row.value for row in sorted(found.rows, key=lambda row: row.at) if row.name == name]
    made = sum(values) if over == "sum" else max(values) if over == "max" else latest[-1]
    return {"over_units": over, "rows": len(values), "comes_to": made, "number": found.known[name].value}
