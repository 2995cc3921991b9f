"""The forecast on the command line: what becomes overdue by name, and how well that was foretold so far."""

from __future__ import annotations

from typing import Annotated

import typer

from ioc.cli.words import AsOf, Demo, Json, Reading, Unit, app, database

forecast_app = typer.Typer(invoke_without_command=True, help="Which open dossiers will become overdue.")
app.add_typer(forecast_app, name="forecast")


@forecast_app.callback()
def forecast(
    context: typer.Context, unit: Unit = None,
    slots: Annotated[str, typer.Option(help="hours: to the end of the next working day; days: ten working days.")] = "hours",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many dossiers, the most endangered first.")] = 20,
    reading: Reading = "now", as_json: Json = False, demo: Demo = False,
) -> None:  # fmt: skip
    """Which open dossiers will become overdue: certain by their deadlines, likely (≈) by what became of similar ones."""
    if context.invoked_subcommand is not None:
        return
    from ioc.commands import forecast as rooms

    if slots not in ("hours", "days"):
        raise typer.BadParameter(f"{slots!r}: use hours or days", param_hint="--slots")
    if reading not in ("now", "then"):
        raise typer.BadParameter(f"{reading!r}: use now or then", param_hint="--reading")
    rooms.forecast(unit, slots, reading, database(demo), limit=limit, as_json=as_json)  # type: ignore[arg-type]


@forecast_app.command()
def backtest(as_of: AsOf = None, as_json: Json = False, demo: Demo = False) -> None:
    """Learn from the earlier 70 % of the dossiers, ask about the later ones, and show how good the answers were."""
    from ioc.answers import instant
    from ioc.commands import forecast as rooms

    rooms.backtest(database(demo), instant(as_of) if as_of else None, as_json=as_json)
