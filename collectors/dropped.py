"""Files dropped into a folder: which of them may be taken up, and where each goes afterwards with a report beside it."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

import orjson

from collectors.pieces import Mark
from ioc.model import Batch, Item

REASONS = 1000  # as many bad rows are explained in a report; all are counted
SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".xlsx", ".xlsm", ".xls"})


def waiting(folder: Path, now: datetime, quiet: float) -> list[Path]:
    """Files that have lain unchanged for `quiet` seconds; hidden ones and those of other kinds are still being written, or not ours.

    Spreadsheet programs keep a file beside the one they hold open; it begins with "~$".
    """
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file()
        and path.suffix.lower() in SUFFIXES
        and not path.name.startswith((".", "~$"))
        and now.timestamp() - path.stat().st_mtime >= quiet
    )


@dataclass(slots=True)
class Tally:
    """What one dropped file came to in this round, for the report beside it."""

    sha256: str = ""
    items: int = 0
    figures: int = 0
    suspect: int = 0
    bad: int = 0
    reasons: list[dict[str, str | None]] = field(default_factory=list)

    def add(self, batch: Batch) -> None:
        self.sha256 = Mark.of(batch.position).sha256
        self.items += len(batch.items)
        self.figures += len(batch.figures)
        self.suspect += sum(1 for item in batch.items if isinstance(item, Item) and item.suspect)
        self.bad += len(batch.bad)
        room = REASONS - len(self.reasons)
        self.reasons += [{"code": row.code, "reason": row.reason} for row in batch.bad[:room]]

    def report(self) -> dict[str, object]:
        return asdict(self) if self.sha256 else {"note": "stored before: nothing in this file is new"}


def put_away(path: Path, where: str, report: dict[str, object]) -> None:
    """Move a dropped file and write its report beside it; a file of the same name there is kept, the new one gets a number."""
    folder = path.parent / where
    folder.mkdir(exist_ok=True)
    target, number = folder / path.name, 1
    while target.exists():
        number += 1
        target = folder / f"{path.stem}.{number}{path.suffix}"
    text = orjson.dumps({"file": path.name, **report}, option=orjson.OPT_INDENT_2)
    target.with_name(target.name + ".report.json").write_bytes(text)
    os.replace(path, target)
