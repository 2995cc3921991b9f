"""The service index and the yearly indices on the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from ioc.cli.words import AsOf, Compare, Demo, Json, KnownAt, Period, Unit, app, database, question


@app.command()
def index(
    unit: Unit = None, period: Period = "year", as_of: AsOf = None, known_at: KnownAt = None, compare: Compare = None,
    change: Annotated[list[str] | None, typer.Option(help="What if: dossiers_paid_online:+620.")] = None,
    level: Annotated[str, typer.Option(help="Rank all units of this level instead: commune, department, district.")] = "",
    criteria: Annotated[str, typer.Option(help="Score by this file of criteria instead of the shipped one.")] = "",
    as_json: Json = False, demo: Demo = False,
) -> None:  # fmt: skip
    """The service index of Decision 766: our estimate of a unit, beside what was published."""
    from ioc.commands import indices

    asked = question(unit, period, as_of, known_at, compare)
    if level:
        indices.ranking(asked, level, criteria, database(demo), as_json=as_json)
    else:
        indices.index(asked, change or [], criteria, database(demo), as_json=as_json)


@app.command("yearly")
def yearly_(unit: Unit = None, as_json: Json = False, demo: Demo = False) -> None:
    """PAR INDEX, SIPAS, PCI, PAPI and 766 year by year."""
    from ioc.commands import indices

    indices.yearly(unit, database(demo), as_json=as_json)
