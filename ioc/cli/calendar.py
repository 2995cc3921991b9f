"""The working calendar on the command line: what is in force, what the configured one would move, and bringing that in force."""

from __future__ import annotations

from typing import Annotated

import typer

from ioc.cli.words import Configured, Json, app

calendar_app = typer.Typer(no_args_is_help=True, help="The working calendar: what is in force, and what another would move.")
app.add_typer(calendar_app, name="calendar")
Limit = Annotated[int, typer.Option(min=0, help="At most so many items are listed; all are counted.")]


@calendar_app.command("show")
def calendar_show(
    config: Configured, year: Annotated[int | None, typer.Option(min=1976, max=2099, help="This year when not given.")] = None,
    as_json: Json = False,
) -> None:  # fmt: skip
    """The calendar in force: its hours, the rest days of a year, its version and since when."""
    from ioc.commands import calendar

    calendar.show(config, year, as_json=as_json)


@calendar_app.command("diff")
def calendar_diff(config: Configured, limit: Limit = 50, as_json: Json = False) -> None:
    """Whose due dates the configured calendar would move, from when to when. Nothing is written."""
    from ioc.commands import calendar

    calendar.diff(config, limit, as_json=as_json)


@calendar_app.command("apply")
def calendar_apply(
    config: Configured, note: Annotated[str, typer.Option(max=200, help="Why; it stays with the version.")] = "", limit: Limit = 50,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Bring the configured calendar in force and move exactly those due dates. Nobody is notified anew."""
    from ioc.commands import calendar

    calendar.apply(config, note, limit, as_json=as_json)
