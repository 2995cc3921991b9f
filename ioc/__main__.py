"""The command line: words and options only. What the commands do is in ioc/commands."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Intelligent Operations Center server.")

Json = Annotated[bool, typer.Option("--json", help="JSON for machines.")]
Demo = Annotated[bool, typer.Option("--demo", help="Ask the demo province's database.")]
Unit = Annotated[str | None, typer.Option(help="A unit's code; it is counted with all below it.")]
Period = Annotated[str, typer.Option(help="today, month, 2024-06, 2024-Q2, 2024-H1, 2024, 2016-01/2016-07, all …")]
AsOf = Annotated[str | None, typer.Option(help="An instant, ISO; without a zone it is Vietnamese time.")]
KnownAt = Annotated[str | None, typer.Option(help="As it was known at this instant, not as we know it now.")]
Compare = Annotated[str | None, typer.Option(help="How deadlines are compared: date or instant.")]


@app.command("import")
def import_(
    file: Path, mapping: Annotated[Path, typer.Option(help="The mapping, a TOML file.")], as_json: Json = False, demo: Demo = False
) -> None:
    """Read a CSV or JSON file of dossiers into the database."""
    from ioc.commands import data

    data.import_file(file, mapping, _database(demo), as_json=as_json)


@app.command()
def indicators(
    unit: Unit = None, period: Period = "all", as_of: AsOf = None, known_at: KnownAt = None, compare: Compare = None,
    as_json: Json = False, demo: Demo = False,
) -> None:  # fmt: skip
    """Every number of a unit, within a period, at an instant."""
    from ioc.commands import data

    data.indicators(_question(unit, period, as_of, known_at, compare), _database(demo), as_json=as_json)


@app.command()
def items(
    indicator: Annotated[str, typer.Option(help="The number whose items are wanted.")],
    unit: Unit = None, period: Period = "all", as_of: AsOf = None, known_at: KnownAt = None, compare: Compare = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None, as_json: Json = False, demo: Demo = False,
) -> None:  # fmt: skip
    """The dossiers behind a number: the list is exactly as long as the number."""
    from ioc.commands import data

    data.items(indicator, _question(unit, period, as_of, known_at, compare), _database(demo), limit=limit, as_json=as_json)


@app.command()
def migrate() -> None:
    """Bring the database to this program's version."""
    from ioc.commands import data

    data.migrate_database(_database(False))


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
) -> None:
    """Run the demo province: simulated departments, 90 days of history, a wall that lives."""
    from ioc.commands import demo as province

    province.start(exit_with_parent=exit_with_parent, seed=seed)


def _database(demo: bool) -> str:
    from ioc.commands.engines import DEMO, PRIVATE

    return DEMO if demo else PRIVATE


def _question(unit: str | None, period: str, as_of: str | None, known_at: str | None, compare: str | None) -> Any:
    from ioc.answers import Question, instant

    if compare not in (None, "date", "instant"):
        raise typer.BadParameter(f"{compare!r}: use date or instant", param_hint="--compare")
    rule: Literal["date", "instant"] | None = compare  # type: ignore[assignment]
    return Question(
        unit=unit,
        period=period,
        compare=rule,
        as_of=instant(as_of) if as_of else None,
        known_at=instant(known_at) if known_at else None,
    )


def main() -> None:
    """Run a command. What a person must correct ends with status 2 and one line a problem, never with a traceback."""
    sys.exit(_guarded(app))


def _guarded(run: Callable[..., Any]) -> int:
    from collectors.source import SourceError
    from ioc.commands.engines import EngineError
    from ioc.config import ConfigError
    from ioc.db import MigrationError
    from ioc.indicators import IndicatorError
    from ioc.periods import PeriodError
    from ioc.units import UnitError

    try:
        run()
    except (ConfigError, SourceError, PeriodError, UnitError, IndicatorError) as error:
        print(f"ioc: {error}", file=sys.stderr)
        return 2
    except (EngineError, MigrationError) as error:
        print(f"ioc: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    main()
