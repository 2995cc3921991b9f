"""Boards, comparisons and breakdowns on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ioc.cli.words import AsOf, Compare, Demo, Json, KnownAt, Period, Reading, Unit, app, database, question


@app.command()
def board(
    unit: Unit = None, period: Period = "month", as_of: AsOf = None, known_at: KnownAt = None, compare: Compare = None,
    reading: Reading = "now",
    level: Annotated[str, typer.Option(help="All offices of a level, not the direct ones: department, district, commune.")] = "",
    sort: Annotated[str, typer.Option(help="A column, or name; -late is largest first.")] = "",
    csv: Annotated[Path | None, typer.Option(help="Write it to this file for Excel instead.")] = None,
    as_json: Json = False, demo: Demo = False,
) -> None:  # fmt: skip
    """The board of a province: received, resolved, in progress, one row a unit."""
    from ioc.commands import boards

    asked = question(unit, period, as_of, known_at, compare, reading)
    if level not in ("", "department", "district", "commune"):
        raise typer.BadParameter(f"{level!r}: use department, district or commune", param_hint="--level")
    boards.board(asked, level, sort, csv, database(demo), as_json=as_json)


@app.command("compare")
def compare_(
    indicator: Annotated[str, typer.Argument(help="The number to compare.")],
    how: Annotated[str, typer.Option(help="before: the period before; week: last week; year: the same of last year.")] = "before",
    unit: Unit = None, period: Period = "today", as_of: AsOf = None, known_at: KnownAt = None, compare: Compare = None,
    reading: Reading = "now", as_json: Json = False, demo: Demo = False,
) -> None:  # fmt: skip
    """A number beside the same hour of another period."""
    from typing import get_args

    from ioc.commands import boards
    from ioc.comparisons import How

    if how not in get_args(How):
        raise typer.BadParameter(f"{how!r}: use {', '.join(get_args(How))}", param_hint="--how")
    kind: How = how  # type: ignore[assignment]
    boards.compare(indicator, kind, question(unit, period, as_of, known_at, compare, reading), database(demo), as_json=as_json)


@app.command()
def breakdown(
    indicator: Annotated[str, typer.Argument(help="The count to split.")],
    by: Annotated[str, typer.Option(help="unit, field, procedure, step, channel, urgency, assigner, state, waits_for, due, age, ...")],
    top: Annotated[int | None, typer.Option(min=1, help="At most so many parts; the others together.")] = None,
    unit: Unit = None, period: Period = "all", as_of: AsOf = None, known_at: KnownAt = None, compare: Compare = None,
    reading: Reading = "now", as_json: Json = False, demo: Demo = False,
) -> None:  # fmt: skip
    """A count by one dimension; the parts sum to it."""
    from ioc.commands import boards

    boards.breakdown(indicator, by, top, question(unit, period, as_of, known_at, compare, reading), database(demo), as_json=as_json)
