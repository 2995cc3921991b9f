"""What a department system answered, opened: bytes to JSON, JSON to records, errors inside a 200. Pure; called by http and rest.

Envelopes met in the field: a bare list, or a list under `data`, `result`, `items` or `content`, itself sometimes one object deeper;
names in any case. Whatever stands elsewhere is found by a path, or by an expression (paths.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import orjson

from collectors.dates import read_instant
from collectors.fields import ABSENT, as_text, composed, find
from collectors.source import BadItem, Refused, SourceError, Unavailable, shown

LISTS = ("data", "result", "items", "content")
TOTALS = ("total", "totalrecords", "totalcount", "totalelements")
LONGEST_NAME, LONGEST_TOKEN = 20, 2000
FINE = frozenset({"", "0", "OK", "200"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Where things stand in an answer. Paths go along dots or are expressions; "" finds the records and the total by their usual names.

    `refused` and `expired` are error codes: a person must act, or the session is over; `expired_words` in the message say so too.
    Every other error code is unavailable.
    """

    records: str = ""
    next: str = ""
    total: str = ""
    as_of: str = ""
    error: str = "error_code"
    message: str = "message"
    refused: frozenset[str] = frozenset()
    expired: frozenset[str] = frozenset({"401"})
    expired_words: frozenset[str] = frozenset()


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
    text = as_text(_at(value, envelope.error))
    return None if text is None or text in FINE else text


def is_over(code: str, value: object, envelope: Envelope) -> bool:
    """Whether an error inside an answer says that the session is over."""
    if code in envelope.expired or not envelope.expired_words:
        return code in envelope.expired
    said = _at(value, envelope.message) if isinstance(value, dict) and envelope.message else None
    return isinstance(said, str) and any(composed(words).casefold() in composed(said[:400]).casefold() for words in envelope.expired_words)


def inside(code: str, value: object, envelope: Envelope) -> SourceError:
    """The error an error code stands for."""
    message = _at(value, envelope.message) if isinstance(value, dict) and envelope.message else None
    said = f" {shown(message, 120)}" if isinstance(message, str) and message else ""
    story = f"the answer holds {envelope.error} {shown(code)}{said}"
    return Refused(f"{story}; a person must look at the other side") if code in envelope.refused else Unavailable(story)


def open_envelope(value: object, envelope: Envelope, zone: ZoneInfo) -> Answer:
    """The records of an answer and what it says about them. Raises Unavailable when there is no list of records in it."""
    if isinstance(value, list):
        return Answer(records=value)
    if not isinstance(value, dict):
        raise Unavailable(f"the answer is {shown(value)}, a list of records was expected")
    listed, around = _records(value, envelope.records)
    return Answer(
        records=listed,
        next=_token(_at(value, envelope.next)) if envelope.next else None,
        total=_total(_at(value, envelope.total) if envelope.total else _usual(TOTALS, value, around)),
        as_of=_as_of(value, envelope.as_of, zone) if envelope.as_of else None,
    )


def _records(value: dict[str, object], path: str) -> tuple[list[object], dict[str, object]]:
    """The list of records, and the object it stands in where that is an inner one."""
    around: dict[str, object] = {}
    if path:
        found = _at(value, path)
    else:
        found = _usual(LISTS, value)
        if isinstance(found, dict):
            around, found = found, _usual(LISTS, found)
    if found is None:
        return [], around
    if not isinstance(found, list):
        place = path or "|".join(LISTS)
        raise Unavailable(f"no list of records under {place}; the answer has {shown(', '.join(value), 120)}")
    return found, around


def _usual(names: tuple[str, ...], *objects: dict[str, object]) -> object:
    """What stands under the first of some usual names, in any case, in the first object that has one; ABSENT in none."""
    for each in objects:
        keys = {key.lower(): key for key in each if len(key) <= LONGEST_NAME}
        for name in names:
            if name in keys:
                return each[keys[name]]
    return ABSENT


def _at(value: dict[str, object], path: str) -> object:
    try:
        return find(value, path)
    except BadItem as error:
        raise Unavailable(f"the answer is not as declared: {error}") from None


def _token(found: object) -> str | None:
    text = as_text(found) or None
    if text and len(text) > LONGEST_TOKEN:
        raise Unavailable(f"the token of the next page has {len(text)} characters, at most {LONGEST_TOKEN} were expected")
    return text


def _total(found: object) -> int | None:
    text = as_text(found)
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < LONGEST_NAME else None


def _as_of(value: dict[str, object], path: str, zone: ZoneInfo) -> datetime:
    text = as_text(_at(value, path)) or ""
    try:
        return read_instant(text, zone)
    except (ValueError, OverflowError) as error:
        raise Unavailable(f"the answer's {path} is {shown(text)}: {error}") from None
