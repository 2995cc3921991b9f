"""What a department system answered, opened: bytes to JSON, JSON to records, errors inside a 200. Pure; called by http and rest.

Envelopes met in the field: a bare list, or a list under `data`, `result`, `items` or `content`, itself sometimes one object deeper.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import orjson

from collectors.dates import read_instant
from collectors.fields import as_text, find
from collectors.source import Refused, SourceError, Unavailable, shown

LISTS = ("data", "result", "items", "content")
TOTALS = ("total", "totalRecords", "totalCount", "totalElements")
FINE = frozenset({"", "0", "OK", "200"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Where things stand in an answer. Paths go along dots; "" finds the records and the total by their usual names.

    `refused` and `expired` are error codes: a person must act, or the session is over. Every other error code is unavailable.
    """

    records: str = ""
    next: str = ""
    total: str = ""
    as_of: str = ""
    error: str = "error_code"
    message: str = "message"
    refused: frozenset[str] = frozenset()
    expired: frozenset[str] = frozenset({"401"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer, opened. `total`: how many records match in all, where the answer says so. `next`: the token of the next page."""

    records: list[object]
    next: str | None = None
    total: int | None = None
    as_of: datetime | None = None


def decode(body: bytes) -> object:
    """JSON, or Unavailable. What is no JSON is shown by its first letters; broken JSON is not, because it may name a citizen."""
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if not text:
            raise Unavailable("the answer is empty, JSON was expected") from None
        if text[:1] in b"{[":
            raise Unavailable(f"the answer is broken JSON at character {error.pos} of {len(text)} bytes") from None
        raise Unavailable(f"the answer is not JSON: {shown(text[:400].decode(errors='replace'))}") from None


def error_code(value: object, envelope: Envelope) -> str | None:
    """The error code inside an answer that came with status 200; None when all is well."""
    if not isinstance(value, dict) or not envelope.error:
        return None
    code = find(value, envelope.error)
    text = as_text(code)
    return None if text is None or text in FINE else text


def inside(code: str, value: object, envelope: Envelope) -> SourceError:
    """The error an error code stands for."""
    message = find(value, envelope.message) if isinstance(value, dict) and envelope.message else None
    said = f" {shown(message, 120)}" if isinstance(message, str) and message else ""
    story = f"the answer holds {envelope.error} {shown(code)}{said}"
    return Refused(f"{story}; a person must look at the other side") if code in envelope.refused else Unavailable(story)


def open_envelope(value: object, envelope: Envelope, zone: ZoneInfo) -> Answer:
    """The records of an answer and what it says about them. Raises Unavailable when there is no list of records in it."""
    if isinstance(value, list):
        return Answer(records=value)
    if not isinstance(value, dict):
        raise Unavailable(f"the answer is {shown(value)}, a list of records was expected")
    token = find(value, envelope.next) if envelope.next else None
    return Answer(
        records=_records(value, envelope.records),
        next=as_text(token) or None,
        total=_total(value, envelope.total),
        as_of=_as_of(value, envelope.as_of, zone) if envelope.as_of else None,
    )


def _records(value: dict[str, object], path: str) -> list[object]:
    if path:
        found = find(value, path)
    else:
        key = next((name for name in LISTS if name in value), None)
        found = value[key] if key else value
        if key and isinstance(found, dict):
            found = next((found[name] for name in LISTS if name in found), found)
    if found is None:
        return []
    if not isinstance(found, list):
        place = path or "|".join(LISTS)
        raise Unavailable(f"no list of records under {place}; the answer has {shown(', '.join(value), 120)}")
    return found


def _total(value: dict[str, object], path: str) -> int | None:
    found = find(value, path) if path else next((value[name] for name in TOTALS if name in value), None)
    text = as_text(found)
    return int(text) if text and text.isascii() and text.isdigit() else None


def _as_of(value: dict[str, object], path: str, zone: ZoneInfo) -> datetime:
    text = as_text(find(value, path)) or ""
    try:
        return read_instant(text, zone)
    except (ValueError, OverflowError) as error:
        raise Unavailable(f"the answer's {path} is {shown(text)}: {error}") from None
