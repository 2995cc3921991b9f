"""Where a number comes from, on the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from ioc.cli.words import AsOf, Compare, Demo, Json, KnownAt, Period, Reading, Unit, app, database, question


@app.command()
def explain(
    name: Annotated[str, typer.Argument(help="The number: dossiers_overdue, on_time_rate, visits … (docs/indicators.md).")],
    unit: Unit = None, period: Period = "all", as_of: AsOf = None, known_at: KnownAt = None, compare: Compare = None,
    reading: Reading = "now", as_json: Json = False, demo: Demo = False,
) -> None:  # fmt: skip
    """What a number means, which systems it was counted from and how old their data are, and where the dossiers behind it are listed."""
    from ioc.commands import explain as explaining

    explaining.explain(name, question(unit, period, as_of, known_at, compare, reading), database(demo), as_json=as_json)
