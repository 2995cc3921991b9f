"""The offices on the command line: what another catalogue would change, and changing it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ioc.cli.words import Demo, Json, app, database

units_app = typer.Typer(no_args_is_help=True, help="The catalogue of units: what another one would change, and taking it up.")
app.add_typer(units_app, name="units")
File = Annotated[Path, typer.Argument(help="The catalogue, a CSV file; docs/units.md says what is in it.")]


@units_app.command("diff")
def units_diff(file: File, as_json: Json = False, demo: Demo = False) -> None:
    """What would change, and what stands at the units that end. Nothing is changed."""
    from ioc.commands import units

    units.diff(file, database(demo), as_json=as_json)


@units_app.command("apply")
def units_apply(
    file: File, note: Annotated[str, typer.Option(help="Why, as in the number of the resolution.")] = "", as_json: Json = False,
    demo: Demo = False,
) -> None:  # fmt: skip
    """Take the catalogue up, all or nothing. Running servers follow within seconds."""
    from ioc.commands import units

    units.apply(file, database(demo), note=note, as_json=as_json)
