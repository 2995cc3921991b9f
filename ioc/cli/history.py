"""Numbers over time, on the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from ioc.cli.words import Demo, Json, KnownAt, Reading, Unit, app, database

STEPS = ("auto", "minute", "half_hour", "hour", "day", "week", "month")


@app.command()
def history(
    indicator: Annotated[str, typer.Argument(help="dossiers_overdue; with its period where it has one: dossiers_received.today.")],
    since: Annotated[str, typer.Option("--from", help="Its beginning, ISO; without a zone it is Vietnamese time.")],
    until: Annotated[str, typer.Option("--to", help="Its end; now when not given.")] = "",
    step: Annotated[str, typer.Option(help=", ".join(STEPS))] = "auto",
    known: Annotated[str, typer.Option(help="then: as it was measured; now: counted again from what is known now.")] = "then",
    known_at: KnownAt = None, reading: Reading = "now", unit: Unit = None, as_json: Json = False, demo: Demo = False,
) -> None:  # fmt: skip
    """A number as a curve: any count or rate of any unit, by the minute or the month."""
    from ioc.commands import history as curves

    for option, given, words in (("--step", step, STEPS), ("--known", known, ("then", "now")), ("--reading", reading, ("now", "then"))):
        if given not in words:
            raise typer.BadParameter(f"{given!r}: use {', '.join(words)}", param_hint=option)
    asked = curves.series(indicator, since, until, step, known=known, known_at=known_at, reading=reading, unit=unit)
    curves.show(asked, database(demo), as_json=as_json)
