"""Published numbers as they come from outside: a sheet, a feed, an article. Pure; rows of plain values in, `Published` out.

Called by `ioc reconcile` with what a file holds. A sheet is taken whole or not at all: `published` raises PublishedError and nothing else,
with one line for each row that cannot be one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ioc.periods import VIETNAM, PeriodError, period
from ioc.privacy import masked, told

MOST = 10_000  # figures of one sheet
MOST_CODES = 1_000_000  # dossiers a publisher may say it counted, all figures together
LONGEST = 120  # characters of a name
LEVELS = ("", "province", "department", "district", "commune")
NUMBERS = ("rank", "of", "target", "before", "change")  # what may be printed beside a figure, each one number
KNOWN = ("set", "seed", "unit", "level", "period", "figure", "value", "measured_in", "cut_off", "source", "parts", "codes", *NUMBERS)
_GROUPED = re.compile(r"-?\d{1,3}(?:(?:\.\d{3}){2,}|(?:\.\d{3})+,\d{1,6})", re.ASCII)
_EITHER = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_PLAIN = re.compile(r"-?\d{1,15}([.,]\d{1,6})?", re.ASCII)


class PublishedError(ValueError):
    """Rows that are no published figures; `problems` has a line for each, naming the row, the value and the remedy."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One number somebody published. `level`: of all units of that level below `unit` together; "": of the unit with all below it.

    `cut_off`: the instant it was counted at (None: the end of its period). `codes`: which dossiers were counted (None: not told); those
    of a kept figure stay in the database, `listed` says that they are there.
    `detail`: what was printed beside it: rank, of, target, before, change, parts, source. `reported`: by one of our sources, not published.
    """

    unit: str
    period: str
    figure: str
    value: float
    set_name: str = ""
    level: str = ""
    measured_in: str = ""
    cut_off: datetime | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    codes: tuple[str, ...] | None = None
    key: int | None = None  # its row in the database
    listed: bool = False
    reported: bool = False


def published(rows: Iterable[object], now: datetime, set_name: str = "", zone: ZoneInfo = VIETNAM) -> list[Published]:
    """The figures of a sheet. `set_name` is for rows that name none. Raises PublishedError."""
    made: list[Published] = []
    problems: list[str] = []
    codes = 0
    for number, row in enumerate(rows, 1):
        if number > MOST:
            problems.append(f"more than {MOST} rows; split the file")
            break
        try:
            one = _one(row, now, set_name, zone)
        except ValueError as error:
            problems.append(f"row {number}: {error}")
            continue
        codes += len(one.codes or ())
        made.append(one)
    if codes > MOST_CODES:
        problems.append(f"{codes} codes; at most {MOST_CODES} are read, split the file")
    if problems:
        raise PublishedError(problems[:20])
    return made


def _one(row: object, now: datetime, set_name: str, zone: ZoneInfo) -> Published:
    if not isinstance(row, Mapping):
        raise ValueError(f"a {type(row).__name__} where a record is expected; write one record a figure")
    held = {str(name): value for name, value in row.items() if value is not None and value != ""}
    if unknown := sorted(held.keys() - set(KNOWN)):
        raise ValueError(f"unknown field {_shown(unknown[0])}; known: {', '.join(KNOWN)}")
    level, cut_off, span = _text(held, "level"), held.get("cut_off"), _text(held, "period", needed=True)
    if level not in LEVELS:
        raise ValueError(f"unknown level {_shown(level)}; use {', '.join(LEVELS[1:])}, or leave it out")
    period(span, now, zone)
    return Published(
        set_name=(_text(held, "set") or _text(held, "seed") or set_name)[:LONGEST],
        unit=_text(held, "unit", needed=True),
        level=level,
        period=span,
        figure=_text(held, "figure", needed=True),
        value=number(held.get("value"), "value"),
        measured_in=_text(held, "measured_in"),
        cut_off=None if cut_off is None else _instant(cut_off, zone),
        detail=_detail(held),
        codes=_codes(held.get("codes")),
    )


def number(value: object, place: str) -> float:
    """A number as spreadsheets hold or people print it: 281821, 89.47, "89,47", "1.100.000", "1.234,56". A text that can be read in two
    ways ("281.821") is not guessed; a number that is no text is taken as it is."""
    if isinstance(value, str):
        text = value.strip().removesuffix("%").strip()
        if _EITHER.fullmatch(text):
            raise ValueError(f"{place} {_shown(value)} can be read in two ways; write 281821, or 281.821,0")
        if _GROUPED.fullmatch(text):
            return float(text.replace(".", "").replace(",", "."))
        if _PLAIN.fullmatch(text):
            return float(text.replace(",", "."))
    elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15 and math.isfinite(value):
        return float(value)
    raise ValueError(f"{place} {_shown(value)} is no number; write one like 281821 or 89.47")


def _detail(held: Mapping[str, Any]) -> dict[str, Any]:
    detail: dict[str, Any] = {name: number(held[name], name) for name in NUMBERS if name in held}
    if (source := _text(held, "source")) != "":
        detail["source"] = masked(source)
    parts = held.get("parts")
    if parts is not None:
        listed = parts.replace("+", " ").split() if isinstance(parts, str) else parts
        if not isinstance(listed, list) or not 0 < len(listed) <= 100:
            raise ValueError(f"parts {_shown(parts)} is no list of numbers; write them like [241, 31, 5] or 241+31+5")
        detail["parts"] = [number(part, "parts") for part in listed]
    return detail


def _codes(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    listed = value.split() if isinstance(value, str) else value
    if not isinstance(listed, list) or len(listed) > MOST_CODES:
        raise ValueError(f"codes is no list of at most {MOST_CODES} dossier codes; write them in one list, or separated by spaces")
    for one in listed:
        if not isinstance(one, str) or not 0 < len(one) <= 64 or "\0" in one or not one.isprintable():
            raise ValueError(f"code {_shown(one)} is no dossier code; write text of at most 64 characters")
        if told(one) is None:
            raise ValueError("a code is rather a person's name or number; list the dossiers' own codes")
    return tuple(dict.fromkeys(listed)) or None


def _text(held: Mapping[str, Any], name: str, *, needed: bool = False) -> str:
    value = held.get(name)
    if value is None and not needed:
        return ""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9 else value
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST or not text.strip().isprintable():
        raise ValueError(f"{name} {_shown(value)} is no text of 1 to {LONGEST} characters; correct it")
    return text.strip()


def _instant(value: object, zone: ZoneInfo) -> datetime:
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(value if isinstance(value, str) else "")
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise PeriodError(f"cut_off {_shown(value)} is not an instant; write one like 2024-06-30T17:00:00+07:00") from None


def _shown(value: object) -> str:
    if isinstance(value, str):
        return repr(masked(value[:80])).encode("utf-8", "replace").decode()
    return repr(value) if value is None or isinstance(value, bool | float) else f"a {type(value).__name__}"
