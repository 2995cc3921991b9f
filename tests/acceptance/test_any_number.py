"""A thousand numbers drawn at random: each is as long as its list, and what independent SQL counts from the chronicle; all sums close."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ioc import answers
from ioc.answers import Question
from ioc.catalogue import Catalogue, load
from ioc.db import Connection
from ioc.indicators import BY_NAME, INDICATORS, RATE_BY_NAME, unclosed_sums, with_rates
from ioc.meter import COLUMNS, Meter, count_at, items_behind
from ioc.periods import period
from ioc.store import Store
from tests import second
from tests.chronicle import FIRST, LAST, LOCAL, UNITS, Chronicle

SEED, ITEMS, FRAMES, QUESTIONS = 766, 2500, 60, 1000
PERIODS = ("today", "week", "month", "quarter", "year", "all", "2026-06", "2026-06-22", "2026-06-15/2026-07-05", "2026-07-10")
HEIRS = {"U09": "U08"}  # two offices became one in the middle of it
MERGED = datetime(2026, 7, 1, tzinfo=LOCAL).date()

Counts = dict[str, dict[str, int]]  # unit -> name -> count


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Everything of a question but what it counts, of whom."""

    at: datetime
    known_at: datetime | None
    compare: Any
    period: str

    def question(self, **more: Any) -> Question:
        return Question(as_of=self.at, known_at=self.known_at, compare=self.compare, period=self.period, **more)


def frames(r: random.Random, dues: Sequence[datetime]) -> list[Frame]:
    """Instants of all sorts: any, to the very minute of a deadline, at a local midnight; as told then, as known later, as known now."""
    made = []
    for n in range(FRAMES):
        any_time = FIRST + r.random() * (LAST - FIRST)
        midnight = any_time.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
        at = [any_time.replace(second=30, microsecond=0), r.choice(dues), midnight][n % 5 % 3]
        later = at + r.random() * (LAST - at)
        known_at = [None, at + timedelta(milliseconds=500), None, later.replace(second=30)][n % 4]
        made.append(Frame(at=at, known_at=known_at, compare=r.choice((None, None, "date", "instant")), period=r.choice(PERIODS)))
    return made


async def by_unit(db: Connection, frame: Frame, catalogue: Catalogue) -> Counts:
    counts = await count_at(db, frame.at, period(frame.period, frame.at), known_at=frame.known_at, compare=frame.compare)
    return {catalogue.codes[unit]: numbers for unit, numbers in counts.items() if any(numbers.values())}


async def by_hand(db: Connection, frame: Frame) -> Counts:
    span = period(frame.period, frame.at)
    values = {"at": frame.at, "known": frame.known_at or LAST + timedelta(days=1), "rule": frame.compare}
    rows = await (await db.execute(second.COUNT.encode(), {**values, "since": span.since, "until": span.until})).fetchall()
    return {unit: dict(zip(second.COUNTS, numbers, strict=True)) for unit, *numbers in rows if any(numbers)}


def together(counts: Counts, units: Sequence[str]) -> dict[str, int]:
    return {name: sum(counts[unit][name] for unit in units if unit in counts) for name in second.COUNTS}


def sums_close(counts: Counts, frame: Frame) -> None:
    """Of every unit, while the period runs: what is open stands at the instant, so a period that is over has other sums."""
    if frame.at in period(frame.period, frame.at):
        for unit, numbers in counts.items():
            assert unclosed_sums(numbers) == [], (frame, unit)
            ages = sum(numbers[name] for name in numbers if name.startswith("dossiers_overdue_"))
            assert ages == numbers["dossiers_overdue"], (frame, unit)


async def told(store: Store, db: Connection) -> Chronicle:
    chronicle = Chronicle(SEED, ITEMS)
    await db.execute("update units set valid_to = %s where code = any(%s)", [MERGED, list(HEIRS)])
    for old, heir in HEIRS.items():
        await db.execute(
            "insert into unit_successors select o.id, h.id from units o, units h where o.code = %s and h.code = %s", [old, heir]
        )
    await chronicle.tell(store)
    await chronicle.write_down(db)
    for statement in (second.WORKED, second.OUTCOME, "analyze items; analyze transitions"):
        await db.execute(statement.encode())
    return chronicle


async def test_a_thousand_numbers_are_their_lists_and_what_another_count_says(store: Store, db: Connection, reader: Connection) -> None:
    assert second.COUNTS.keys() == BY_NAME.keys(), "a declared number has its second definition in tests/second.py"
    assert {name: (list(one.parts), one.whole) for name, one in RATE_BY_NAME.items()} == second.RATES
    chronicle, r = await told(store, db), random.Random(SEED)
    catalogue = await load(db, LAST.date())
    assert catalogue is not None
    dues = [v.due_at for _, _, v in chronicle.events if getattr(v, "due_at", None) and FIRST < v.due_at < LAST]
    listed = whole = compared = 0
    for n, frame in enumerate(frames(r, dues)):
        counted, hand = await by_unit(db, frame, catalogue), await by_hand(db, frame)
        assert counted == hand, (frame, differences(counted, hand))
        compared += len(counted) * len(second.COUNTS)
        sums_close(counted, frame)
        for _ in range(QUESTIONS // FRAMES + (n < QUESTIONS % FRAMES)):
            name = r.choice([*BY_NAME, *RATE_BY_NAME])
            unit = r.choice([None, *(unit for unit in UNITS if unit not in HEIRS)])
            await holds(db, catalogue, frame, name, unit, hand)
            listed += 1
        if n % 6 == 0:
            await answered(db, frame, hand)
            whole += 1
    await shown_live(db, reader, catalogue)
    print(f"{listed} numbers, {compared} counts compared, {whole} answers whole, {len(chronicle.events)} versions told")
    assert listed == QUESTIONS


async def holds(db: Connection, catalogue: Catalogue, frame: Frame, name: str, unit: str | None, hand: Counts) -> None:
    """One number: its list, on both sides of a rate, is as long as the count by hand."""
    units = [*hand] if unit is None else [unit, *(old for old, heir in HEIRS.items() if heir == unit)]
    keys = None if unit is None else sorted(catalogue.keys(unit, "now", LAST.date()))
    numbers = together(hand, units)
    sides = {"part": second.RATES[name][0], "whole": [second.RATES[name][1]]} if name in second.RATES else {"part": [name]}
    for side, names in sides.items():
        found = await items_behind(
            db, name, keys, frame.at, period(frame.period, frame.at), side=side, known_at=frame.known_at, compare=frame.compare  # type: ignore[arg-type]
        )  # fmt: skip
        assert len(found) == sum(numbers[one] for one in names), (frame, name, unit, side)
        assert len({(item["source"], item["code"]) for item in found}) == len(found)


async def answered(db: Connection, frame: Frame, hand: Counts) -> None:
    """The answer a screen gets, of an office that took over another one and of everything, in both readings."""
    for reading, unit, units in (("now", None, [*hand]), ("now", "U08", ["U08", "U09"]), ("then", "U08", None)):
        if units is None:
            units = ["U08"] if frame.at.astimezone(LOCAL).date() < MERGED else ["U08", "U09"]
        answer = await answers.indicators(db, frame.question(unit=unit, reading=reading), LAST)
        values = {name: one["value"] for name, one in answer["indicators"].items()}
        expected = with_rates(together(hand, units))
        assert {name: values[name] for name in expected} == expected, (frame, reading, unit)


def differences(counted: Counts, hand: Counts) -> list[tuple[str, str, int, int]]:
    nothing = dict.fromkeys(second.COUNTS, 0)
    pairs = [(unit, counted.get(unit, nothing), hand.get(unit, nothing)) for unit in sorted(counted.keys() | hand.keys())]
    return [(unit, name, ours[name], theirs[name]) for unit, ours, theirs in pairs for name in ours if ours[name] != theirs[name]][:20]


async def shown_live(db: Connection, reader: Connection, catalogue: Catalogue) -> None:
    """What the meter keeps running, too."""
    meter = Meter(reader)
    await meter.recount(LAST)
    for span in ("today", "month", "year"):
        hand = await by_hand(db, Frame(at=LAST, known_at=LAST, compare=None, period=span))
        for unit, totals in meter.totals.items():
            numbers = {i.name: totals[n] for n, (_, i, p) in enumerate(COLUMNS) if p in ("", span)}
            expected = {i.name: hand[catalogue.codes[unit]][i.name] for i in INDICATORS if i.running}
            assert numbers == expected, (span, catalogue.codes[unit])
