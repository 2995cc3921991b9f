"""The command line as one program: what runs the server, and every command of ioc/cli. A mistake is one line, never a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from ioc.cli import boards, calendar, explain, feeds, forecast, history, indices, numbers, reconcile, units, why
from ioc.cli.words import Json, app

__all__ = [
    "app", "boards", "calendar", "explain", "feeds", "forecast", "history", "indices", "main", "numbers", "reconcile", "units", "why",
]  # fmt: skip


@app.command()
def migrate() -> None:
    """Bring the database to this program's version."""
    from ioc.commands import data
    from ioc.commands.engines import PRIVATE

    data.migrate_database(PRIVATE)


@app.command()
def check(config: Annotated[Path, typer.Option(help="The configuration, a TOML file.")]) -> None:
    """Check a configuration with everything it names, without starting."""
    from ioc.commands import serve

    serve.check(config)


@app.command("serve")
def serve_(config: Annotated[Path, typer.Option(help="The configuration, a TOML file.")]) -> None:
    """Run the server."""
    from ioc.commands import serve

    serve.serve(config)


@app.command()
def demo(
    exit_with_parent: Annotated[bool, typer.Option("--exit-with-parent", help="Stop when the process that started this one ends.")] = False,
    seed: Annotated[int, typer.Option(help="Another seed is another province.")] = 766,
    days: Annotated[int, typer.Option(min=30, max=366, help="Days of history it begins with.")] = 90,
) -> None:
    """Run the demo province: simulated departments, 90 days of history, a wall that lives."""
    from ioc.commands import demo as province

    province.start(exit_with_parent=exit_with_parent, seed=seed, days=days)


@app.command()
def departments(
    turns: Annotated[list[str] | None, typer.Argument(metavar="[KNOB=VALUE]...", help="With --turn: what to turn, as in delay=3.")] = None,
    _list: Annotated[bool, typer.Option("--list", help="Every simulated system (what it does anyway).")] = False,
    start: Annotated[str, typer.Option(metavar="NAME", help="Run one alone, with the demo province's records.")] = "",
    port: Annotated[int, typer.Option(help="With --start: where it answers; 0: any free port.")] = 0,
    turn: Annotated[str, typer.Option(metavar="NAME", help="Turn knobs of one system of the running demo.")] = "",
    knobs: Annotated[bool, typer.Option("--knobs", help="What can be turned; with --turn NAME as it is turned now.")] = False,
    as_json: Json = False,
) -> None:  # fmt: skip
    """The simulated department systems: list them, run one, turn the knobs of a running demo."""
    from ioc.commands import departments as rooms

    if start:
        rooms.start(start, port)
    elif turn and turns:
        rooms.turn(turn, turns)
    elif turn or knobs:
        rooms.knobs(turn)
    else:
        rooms.listing(as_json=as_json)


def main() -> None:
    """Run a command. What a person must correct ends with status 2 and one line a problem, never with a traceback."""
    sys.exit(_guarded(app))


def _guarded(run: Callable[..., Any]) -> int:
    from collectors.source import SourceError
    from ioc.boards import BoardError
    from ioc.breakdown import DimensionError
    from ioc.calendar import CalendarError
    from ioc.commands.engines import EngineError
    from ioc.config import ConfigError
    from ioc.db import MigrationError
    from ioc.history import HistoryError
    from ioc.indicators import IndicatorError
    from ioc.periods import PeriodError
    from ioc.service_index.criteria import CriteriaError
    from ioc.units import UnitError

    mistakes = (
        ConfigError, SourceError, PeriodError, UnitError, IndicatorError, CriteriaError, CalendarError, BoardError,
        DimensionError, HistoryError,
    )  # fmt: skip
    try:
        run()
    except mistakes as error:
        print(f"ioc: {error}", file=sys.stderr)
        return 2
    except (EngineError, MigrationError) as error:
        print(f"ioc: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    main()
