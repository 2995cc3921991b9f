"""Published figures held against ours, on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ioc.cli.words import Demo, Json, app, database


@app.command("reconcile")
def reconcile_(
    file: Annotated[Path | None, typer.Argument(help="A sheet of published figures: JSON, CSV or XLSX. Without one: what is kept.")] = None,
    set_name: Annotated[str, typer.Option("--set", help="The set the rows belong to that name none; without a file: only this set.")] = "",
    sheet: Annotated[str, typer.Option(help="The sheet of a workbook; the first with rows when not given.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="The figures that are equal or only shown too.")] = False,
    as_json: Json = False, demo: Demo = False,
) -> None:  # fmt: skip
    """Hold published figures against ours: equal, explained dossier by dossier, or unexplained."""
    from ioc.commands import reconcile

    reconcile.compare(file, set_name, sheet, database(demo), everything=everything, as_json=as_json)
