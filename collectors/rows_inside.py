"""Lists of rows inside a record, read with care: what a preparation (portal_shape.py, gateway_shape.py) looks at them with. Pure."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from collectors.fields import ABSENT, Field, Record, find
from collectors.source import BadItem
from ioc.model import Fault


def rows_of(record: Record, name: str) -> list[Record]:
    """The rows under a name; none where it is missing or empty. Raises BadItem for what is no list of rows."""
    found = find(record, name)
    if found is ABSENT or found is None or found == "":
        return []
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise BadItem(f"a {type(found).__name__} where a list of rows is expected (field {name}); correct it at the source", Fault.SHAPE)
    return found


def instants(rows: list[Record], field: Field, zone: ZoneInfo) -> list[datetime]:
    """The instants a field of the rows holds, those that hold one. Raises BadItem for what is no date."""
    return [at for row in rows if (at := field.instant(row, zone)) is not None]


def latest(times: list[datetime]) -> str:
    """The latest of some instants as a text any mapping can read; "" for none."""
    return max(times).isoformat() if times else ""
