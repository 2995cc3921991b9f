"""The date shapes department systems write, read into UTC and written back. Pure; called by mappings and by cursors.

Five shapes: `yyyyMMddHHmmss`; ISO with `T`; ISO with a space; `dd/MM/yyyy[ HH:mm[:ss]]`; `yyyy/MM/dd[ HH:mm[:ss]]`. A date alone is
its midnight. Where the text names no offset the given zone applies; a local time that came twice (clocks set back) is the
first of the two, one that never was (set forward) counts with the offset before the change.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 1990, 2199
LONGEST = 40  # characters; the longest shape has 35

_CLOCK = r"(?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,9}))?)?"
_OFFSET = r"(?P<offset>[Zz]|[+-]\d{2}(?::?\d{2})?)?"
_SHAPES = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})",
        rf"(?P<year>\d{{4}})-(?P<month>\d{{2}})-(?P<day>\d{{2}})(?:[T ]{_CLOCK} ?{_OFFSET})?",
        rf"(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})/(?P<year>\d{{4}})(?: {_CLOCK})?",
        rf"(?P<year>\d{{4}})/(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}})(?: {_CLOCK})?",
    )
)
# How each shape is written back: to the second, as every one of these systems accepts it.
_WRITTEN = ("%Y%m%d%H%M%S", "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S")


def read_instant(text: str, zone: ZoneInfo) -> datetime:
    """The instant a text means, in UTC. Raises ValueError saying what is wrong with it (the text itself is not repeated)."""
    _, parts = _match(text)
    year = int(parts["year"])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"the year is not between {FIRST_YEAR} and {LAST_YEAR}")
    offset = parts.get("offset")
    local = datetime(
        year,
        int(parts["month"]),
        int(parts["day"]),
        int(parts.get("hour") or 0),
        int(parts.get("minute") or 0),
        int(parts.get("second") or 0),
        int(parts.get("fraction", "")[:6].ljust(6, "0")),
        tzinfo=_offset(offset) if offset else zone,
    )
    return local.astimezone(UTC)


def earlier(text: str, seconds: float, zone: ZoneInfo) -> str:
    """The same text moved back by some seconds, in its own shape and offset; a text that is no date comes back as it is."""
    try:
        return like(text, read_instant(text, zone) - timedelta(seconds=seconds), zone)
    except ValueError:
        return text


def like(text: str, instant: datetime, zone: ZoneInfo) -> str:
    """An instant written in the shape and with the offset of a text, to the second. Raises ValueError where the text is no date."""
    shape, parts = _match(text)
    offset = parts.get("offset", "")
    local = instant.astimezone(_offset(offset) if offset else zone)
    plain = local.strftime(_WRITTEN[shape])
    return (plain.replace("T", " ") if shape == 1 and text[10:11] == " " else plain) + offset


def written(instant: datetime, shape: str, zone: ZoneInfo) -> str:
    """An instant in a declared shape (strftime), in a zone."""
    return instant.astimezone(zone).strftime(shape)


def _match(text: str) -> tuple[int, dict[str, str]]:
    """Which shape a text has (0 to 3; ISO with and without `T` are one here) and its parts, "" where it has none."""
    if len(text) <= LONGEST:
        for number, shape in enumerate(_SHAPES):
            if found := shape.fullmatch(text):
                return number, found.groupdict(default="")
    raise ValueError("none of the five date shapes fits")


def _offset(text: str) -> timezone:
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    if minutes > 14 * 60 or int(digits[2:]) > 59:
        raise ValueError("the offset from UTC is not possible")
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
