"""Data sets a simulated department can serve, read from files into records. Called by __main__ and by tests."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from collectors.dates import read_instant
from collectors.departments.dialects import Dialect


def read_records(path: Path) -> list[dict[str, Any]]:
    """The rows of a CSV file as they stand, or the objects of a JSON array."""
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix.lower() == ".json":
        records = json.loads(text)
        if not isinstance(records, list):
            raise ValueError(f"{path.name}: an array of records was expected, not {type(records).__name__}")
        return records
    return list(csv.DictReader(text.splitlines()))


def last_rows(rows: list[dict[str, Any]], dialect: Dialect) -> list[dict[str, Any]]:
    """One record a code, its row of the last change: event rows as a system that keeps only the present would serve them."""
    last: dict[str, tuple[datetime, dict[str, Any]]] = {}
    for row in rows:
        code, changed = row[dialect.code], read_instant(row[dialect.updated], dialect.zone)
        if code not in last or last[code][0] <= changed:
            last[code] = (changed, row)
    return [row for _, row in last.values()]
