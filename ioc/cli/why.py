"""Why a number moved, on the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from ioc.cli.words import Compare, Demo, Json, Period, Reading, Unit, app, database, question


@app.command("why")
def why_(
    indicator: Annotated[str, typer.Argument(help="The number: a count or a rate of docs/indicators.md.")],
    since: Annotated[str, typer.Option("--from", help="The first moment: an instant, or a period as it stood at its end (2026-10).")],
    until: Annotated[str, typer.Option("--to", help="The second moment.")],
    by: Annotated[str, typer.Option(help="unit, field, step, channel or procedure.")] = "unit",
    unit: Unit = None, period: Period = "all", reading: Reading = "now", compare: Compare = None,
    known: Annotated[str, typer.Option(help="now: by what we know now; then: with what was known at each moment.")] = "now",
    top: Annotated[int, typer.Option(min=1, max=1000, help="So many parts; the others together.")] = 10,
    as_json: Json = False, demo: Demo = False,
) -> None:  # fmt: skip
    """What each part contributed to a change, and which dossiers came and went."""
    from ioc.commands import why

    if known not in ("now", "then"):
        raise typer.BadParameter(f"{known!r}: use now or then", param_hint="--known")
    asked = question(unit, period, None, None, compare, reading)
    why.tell(indicator, since, until, by, asked, database(demo), known=known, top=top, as_json=as_json)  # type: ignore[arg-type]
