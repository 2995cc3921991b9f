"""edXML documents dropped into a folder: read a few at a time, then moved to done/, failed/ or restricted/ with a report beside each.

Called by the source `edxml` where it has a path. A file is moved only after its batch is stored, so a stop in between reads it again,
which changes nothing. What was dropped has no status of an axis: it arrived.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from collectors.dropped import put_away
from collectors.edxml.envelope import parse
from collectors.edxml.record import Line, Secrecy, records
from collectors.source import BadItem, Refused

SUFFIXES = frozenset({".xml", ".edxml"})
FILES = 100  # a batch
ARRIVED = "01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """One file: its records, or why it has none. `restricted`: it is never collected."""

    path: Path
    records: list[dict[str, Any]] = field(default_factory=list)
    error: BadItem | None = None
    restricted: bool = False

    def put_away(self) -> None:
        if self.restricted:
            put_away(self.path, "restricted", {"note": "a restricted document: nothing of it was read on"})
        elif self.error is not None:
            put_away(self.path, "failed", {"error": str(self.error)})
        else:
            put_away(self.path, "done", {"records": len(self.records)})


def waiting(folder: Path, now: datetime, quiet: float) -> list[Path]:
    """Documents that have lain unchanged for `quiet` seconds, by name. Raises Refused when there is no such folder."""
    try:
        found = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()]
    except OSError as error:
        raise Refused(f"{folder.name}: cannot be read ({error.strerror}); correct path of this source") from None
    return sorted(path for path in found if now.timestamp() - path.stat().st_mtime >= quiet)


def read(path: Path, secrecy: Secrecy, ours: tuple[str, ...], longest: int) -> Dropped:
    """One file, no more of it than its header needs."""
    try:
        envelope = parse(_pieces(path), secrecy=secrecy.names, longest=longest)
        if secrecy.hides(envelope):
            return Dropped(path=path, restricted=True)
        at = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
        return Dropped(path=path, records=list(records(envelope, Line(number=path.name, status=ARRIVED, created=at, updated=at), (), ours)))
    except BadItem as error:
        return Dropped(path=path, error=error)
    except OSError as error:
        return Dropped(path=path, error=BadItem(f"cannot be read ({error.strerror}); check its rights"))


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1 << 16):
            yield piece
