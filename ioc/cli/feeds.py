"""The sources on the command line: how they are, what units deliver, what waits in quarantine, reading an old stretch again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ioc.cli.words import Demo, Json, app, database

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

    quarantine.listing(source, database(demo), everything=everything, limit=limit, as_json=as_json)


@quarantine_app.command("show")
def quarantine_show(start: Hash, as_json: Json = False, demo: Demo = False) -> None:
    """One record: its reason, and what could be kept of it."""
    from ioc.commands import quarantine

    quarantine.show(start, database(demo), as_json=as_json)


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

    quarantine.drop(hashes, reason, database(demo))


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
