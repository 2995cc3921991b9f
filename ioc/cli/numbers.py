"""Numbers on the command line: files and published figures in, indicators and the items behind them out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ioc.cli.words import AsOf, Compare, Demo, Json, KnownAt, Period, Reading, Unit, app, database, question


@app.command("import")
def import_(
    file: Path, mapping: Annotated[Path, typer.Option(help="The mapping, a TOML file.")],
    sheet: Annotated[str, typer.Option(help="The sheet of a workbook; the first with rows when not given.")] = "",
    skip: Annotated[list[str] | None, typer.Option(help="Rows that begin with this word are no data, such as totals.")] = None,
    as_json: Json = False, demo: Demo = False,
) -> None:  # fmt: skip
    """Read a CSV, XLSX or JSON file of dossiers or figures into the database."""
    from collectors.formats import Layout
    from ioc.commands import data

    data.import_file(file, mapping, database(demo), layout=Layout(sheet=sheet, skip=tuple(skip or ())), as_json=as_json)


@app.command()
def figure(
    name: str, value: float, period: Annotated[str, typer.Option(help="2025, 2026-11, 2026-H1, 2026-11-20 …")], unit: Unit = None,
    reported_at: Annotated[str | None, typer.Option(help="When it was published, ISO; now when not given.")] = None,
    as_json: Json = False, demo: Demo = False,
) -> None:  # fmt: skip
    """Type in a number somebody published: an index, a rank, a count."""
    from ioc.answers import instant
    from ioc.commands import figure as typed

    typed.keep(name, value, period, unit, instant(reported_at) if reported_at else None, database(demo), as_json=as_json)


@app.command()
def indicators(
    unit: Unit = None, period: Period = "all", as_of: AsOf = None, known_at: KnownAt = None, compare: Compare = None,
    reading: Reading = "now", as_json: Json = False, demo: Demo = False,
) -> None:  # fmt: skip
    """Every number of a unit, within a period, at an instant."""
    from ioc.commands import data

    data.indicators(question(unit, period, as_of, known_at, compare, reading), database(demo), as_json=as_json)


@app.command()
def items(
    indicator: Annotated[str, typer.Option(help="The number whose items are wanted.")],
    unit: Unit = None, period: Period = "all", as_of: AsOf = None, known_at: KnownAt = None, compare: Compare = None,
    reading: Reading = "now",
    whole: Annotated[bool, typer.Option("--whole", help="Of a rate: what it is divided by, not what is above the line.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None, as_json: Json = False, demo: Demo = False,
) -> None:  # fmt: skip
    """The dossiers behind a number: the list is exactly as long as the number."""
    from ioc.commands import data

    asked = question(unit, period, as_of, known_at, compare, reading)
    data.items(indicator, asked, database(demo), side="whole" if whole else "part", limit=limit, as_json=as_json)
