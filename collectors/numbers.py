"""Numbers as department systems write them, in Vietnamese and in English, read without guessing. Pure; called by figure_mapping.py.

A number of JSON or of a sheet is taken as it is. In a text one kind of separator groups digits by three and the other is the decimal
point; where only a declaration could tell which ("1.234"), the text is refused until one is there.
"""

from __future__ import annotations

import math
import re

LARGEST = 1e18
LONGEST = 64  # characters
MINUS = ("-", "\u2212")
NONE = frozenset({"-", "--", "–", "—", "…", "...", "n/a", "N/A", "null", "chưa có", "Chưa có", "chưa xác định", "Chưa xác định"})

_SPACES = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f](?=\d)")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*", re.ASCII)
_GROUPED = {mark: re.compile(rf"[1-9]\d{{0,2}}(?:\{mark}\d{{3}})+") for mark in ". ,"}
HINT = 'write decimal = "," or decimal = "." into the mapping'


def read_number(value: object, decimal: str = "") -> float:
    """The finite number from 0 on that a value means; a per cent sign behind it changes nothing ("95,3 %" is 95.3).

    `decimal` is the declared decimal point, "," or "."; without one, what can be read in two ways raises. Raises ValueError saying what is
    wrong (the value itself is not repeated).
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("a number or a text is expected")
    if isinstance(value, int) and value.bit_length() > 64:
        raise ValueError(f"it is above {LARGEST:g}")
    number = _written(value, decimal) if isinstance(value, str) else float(value)
    if not math.isfinite(number):
        raise ValueError("it is not finite")
    if number < 0:
        raise ValueError("it is below 0")
    if number > LARGEST:
        raise ValueError(f"it is above {LARGEST:g}")
    return number + 0.0  # no minus zero


def _written(text: str, decimal: str) -> float:
    plain = text.strip() if len(text) <= LONGEST else ""
    plain = _SPACES.sub(" ", plain.removesuffix("%").rstrip())
    sign = -1.0 if plain[:1] in MINUS else 1.0
    whole, mark, fraction = _parts(plain[1:] if plain[:1] in ("+", *MINUS) else plain, decimal)
    if not whole:
        raise ValueError("no number is written so")
    return sign * float(f"{whole}.{fraction}" if mark else whole)


def _parts(text: str, decimal: str) -> tuple[str, str, str]:
    """The digits before the decimal point, the point, and the digits behind it; no digits for what is no number."""
    if not _DIGITS.fullmatch(text.replace(" ", "")):
        return "", "", ""
    point = decimal or _point(text)
    head, mark, fraction = text.partition(point) if point else (text, "", "")
    if mark and not (fraction.isascii() and fraction.isdigit()):
        return "", "", ""
    grouping = {each for each in ". ," if each in head}
    if not grouping:
        return head, mark, fraction
    good = len(grouping) == 1 and _GROUPED[grouping.pop()].fullmatch(head)
    return ("".join(filter(str.isdigit, head)), mark, fraction) if good else ("", "", "")


def _point(text: str) -> str:
    """Which separator is the decimal point; "" for none. Raises ValueError where that cannot be told."""
    marks = [letter for letter in text if letter in ".,"]
    if not marks:
        return ""
    last = marks[-1]
    if len(set(marks)) == 2:
        return last
    if len(marks) > 1:
        return ""  # 1.234.567
    head, _, fraction = text.partition(last)
    if len(fraction) == 3 and " " not in head and 1 <= len(head) <= 3 and not head.startswith("0"):
        raise ValueError(f"it can be read in two ways; {HINT}")
    return last
