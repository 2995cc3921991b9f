"""JSON files: a bare array, an envelope around one, or one object a line. Pure."""

from __future__ import annotations

import orjson

from collectors.answer import LISTS
from collectors.source import Refused


def records(name: str, body: bytes) -> list[object]:
    """The records of a text in UTF-8. Raises Refused naming the place where it breaks off."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if body.lstrip()[:1] == b"{" and b"\n" in body.strip():
            return [_line(name, number, line) for number, line in enumerate(body.splitlines(), 1) if line.strip()]
        raise Refused(f"{name}: broken JSON at character {error.pos} of {len(body)} bytes; export it again") from None
    if isinstance(value, dict):
        key = next((each for each in LISTS if isinstance(value.get(each), list)), None)
        return list(value[key]) if key else [value]
    return list(value)


def _line(name: str, number: int, line: bytes) -> object:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise Refused(f"{name}: line {number} is broken JSON at character {error.pos}; export it again") from None
