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
    file: Path, mapping: Annotated[Path, typer.Option(help="The mapping, a TOML file.")],
    sheet: Annotated[str, typer.Option(help="The sheet of a workbook; the first with rows when not given.")] = "",
    skip: Annotated[list[str] | None, typer.Option(help="Rows that begin with this word are no data, such as totals.")] = None,
    as_json: Json = False, demo: Demo = False,
) -> None:  # fmt: skip
    """Read a CSV, XLSX or JSON file of dossiers or figures into the database."""
    from collectors.formats import Layout
    from ioc.commands import data

    data.import_file(file, mapping, _database(demo), layout=Layout(sheet=sheet, skip=tuple(skip or ())), as_json=as_json)


@app.command()
def figure(
    name: str, value: float, period: Annotated[str, typer.Option(help="2025, 2026-11, 2026-H1, 2026-11-20 …")], unit: Unit = None,
    reported_at: Annotated[str | None, typer.Option(help="When it was published, ISO; now when not given.")] = None,
    as_json: Json = False, demo: Demo = False,
) -> None:  # fmt: skip
    """Type in a number somebody published: an index, a rank, a count."""
    from ioc.answers import instant
    from ioc.commands import figure as typed

    typed.keep(name, value, period, unit, instant(reported_at) if reported_at else None, _database(demo), as_json=as_json)


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


sources_app = typer.Typer(no_args_is_help=True, help="How the sources are, and what is different about them.")
app.add_typer(sources_app, name="sources")


@sources_app.command("list")
def sources_list(config: Annotated[Path, typer.Option(help="The configuration, a TOML file.")], as_json: Json = False) -> None:
    """Every source: its state and since when, how old its data are, what drifts, what waits in quarantine."""
    from ioc.commands import health

    health.listing(config, as_json=as_json)


@sources_app.command("accept")
def sources_accept(
    source: str, config: Annotated[Path, typer.Option(help="The configuration, a TOML file.")], as_json: Json = False
) -> None:
    """Take a source's new fields as known, and wait no longer for those that went missing."""
    from ioc.commands import health

    health.accept(config, source, as_json=as_json)


@app.command()
def feeders(
    config: Annotated[Path, typer.Option(help="The configuration, a TOML file.")],
    month: Annotated[str, typer.Option(help="2026-11, or 2026 for the whole year.")],
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    unit: Annotated[str | None, typer.Option(help="Only this unit.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="A table for spreadsheets.")] = False,
    as_json: Json = False,
) -> None:
    """Who delivered by the cut-off, and who did not."""
    from ioc.commands import health

    health.feeders(config, month, source, unit, as_csv=as_csv, as_json=as_json)


quarantine_app = typer.Typer(no_args_is_help=True, help="Records nobody could read: see them, try again, drop them.")
app.add_typer(quarantine_app, name="quarantine")
Hash = Annotated[str, typer.Argument(metavar="HASH", help="A record's hash; its first letters suffice.")]
Hashes = Annotated[list[str] | None, typer.Argument(metavar="[HASH]...", help="Only these; all that wait when none is given.")]


@quarantine_app.command("list")
def quarantine_list(
    source: Annotated[str | None, typer.Argument(help="Only of this source.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Those that left quarantine too.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the latest first.")] = 100, as_json: Json = False, demo: Demo = False,
) -> None:  # fmt: skip
    """What waits, with the reason, how often and since when."""
    from ioc.commands import quarantine

    quarantine.listing(source, _database(demo), everything=everything, limit=limit, as_json=as_json)


@quarantine_app.command("show")
def quarantine_show(start: Hash, as_json: Json = False, demo: Demo = False) -> None:
    """One record: its reason, and what could be kept of it."""
    from ioc.commands import quarantine

    quarantine.show(start, _database(demo), as_json=as_json)


@quarantine_app.command("retry")
def quarantine_retry(
    source: Annotated[str, typer.Argument(help="The source whose records are read again.")],
    config: Annotated[Path, typer.Option(help="The configuration, a TOML file.")], hashes: Hashes = None, as_json: Json = False,
) -> None:  # fmt: skip
    """Read what was kept again with the present mapping: what reads well counts from now on."""
    from ioc.commands import quarantine

    quarantine.retry(source, config, hashes or (), as_json=as_json)


@quarantine_app.command("drop")
def quarantine_drop(
    hashes: Annotated[list[str], typer.Argument(metavar="HASH...", help="The records; their first letters suffice.")],
    reason: Annotated[str, typer.Option(help="Why nobody needs to wait for them.")], demo: Demo = False,
) -> None:  # fmt: skip
    """Wait for records no more, also when the source sends them again."""
    from ioc.commands import quarantine

    quarantine.drop(hashes, reason, _database(demo))


@app.command()
def check(config: Annotated[Path, typer.Option(help="The configuration, a TOML file.")]) -> None:
    """Check a configuration with everything it names, without starting."""
    from ioc.commands import serve

    serve.check(config)


@app.command()
def sample(
    source: str, config: Annotated[Path, typer.Option(help="The configuration, a TOML file.")],
    records: Annotated[int, typer.Option(min=1, help="At most so many records of each sort.")] = 5, as_json: Json = False,
) -> None:  # fmt: skip
    """Ask a source once and show what would become of its answer. Nothing is stored."""
    from ioc.commands import sources

    sources.sample(source, config, records=records, as_json=as_json)


@app.command()
def backfill(
    config: Annotated[Path, typer.Option(help="The configuration, a TOML file.")],
    source: Annotated[str, typer.Argument(help="Its name; with --list it may be left out.")] = "",
    since: Annotated[str, typer.Option("--from", help="The first day, 2026-01-01 or 01/01/2026.")] = "",
    until: Annotated[str, typer.Option("--to", help="The last day, that one included.")] = "",
    pause: Annotated[float, typer.Option(min=0, help="Seconds of rest after each page.")] = 0.5,
    show: Annotated[bool, typer.Option("--list", help="Show the stretches read again, and those still open.")] = False,
    as_json: Json = False,
) -> None:
    """Read an old stretch of a source again, beside the live read, or go on with one that was stopped."""
    from ioc.commands import sources

    if show:
        sources.backfills(config, source or None, as_json=as_json)
    elif not (source and since and until):
        raise typer.BadParameter("name a source and give --from and --to, or --list")
    else:
        sources.backfill(source, config, since, until, pause=pause, as_json=as_json)


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
