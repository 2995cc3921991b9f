"""masked(), kept(): what may be shown of a text, and kept of a record nobody could read. Pure; imports nothing of ours.

A record that goes to quarantine keeps the fields its mapping names and no other; what looks like a person even there (a row whose cells
moved by one puts a name where a code belongs) is masked. Nine to twelve digits in a row are an identity, insurance or phone
number; dossier codes are longer, shorter, or broken by dots and dashes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

MASK = "•••"
LONGEST = 200  # characters kept of one value
MOST = 40  # values kept of one list

_SURNAMES = (
    "Nguyễn|Trần|Lê|Phạm|Hoàng|Huỳnh|Phan|Vũ|Võ|Đặng|Bùi|Đỗ|Hồ|Ngô|Dương|Lý|Đinh|Trịnh|Đoàn|Trương|Lâm|Tạ|Cao|Lương|Tô|Đào|Châu|Quách|Mai|"
    "Hà|Lưu|Phùng|Tống|Thái|Vương|Nông|Triệu|Chu|Kiều|Giàng|Thào|Sùng|Vàng|Lò|Cầm|Quàng|Hờ|Mùa|Y|Niê|Ksor|Rơ"
)
_WORD = r"(?:[^\W\d_]+)"
_NAME = re.compile(rf"\b(?:{_SURNAMES}|{_SURNAMES.upper()})(?: {_WORD}){{1,5}}")
_NUMBER = re.compile(r"(?<![\d.\-/])(?:\+?84|0)?\d{9,12}(?![\d\-/]|\.\d)")
_SPACED = re.compile(r"(?<!\d)0\d{2,3}[ .]\d{3}[ .]\d{3,4}(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")


def masked(text: str) -> str:
    """A text without what looks like a person's name, number, phone or address."""
    text = _EMAIL.sub(MASK, _SPACED.sub(MASK, _NUMBER.sub(MASK, text)))
    return _NAME.sub(lambda found: MASK if _capitalised(found[0]) else found[0], text)


def _capitalised(words: str) -> bool:
    """Whether at least three words of a row begin with a capital, as a name's do; so that Hà Nội and Cao Bằng stay places."""
    capitals = [word[:1].isupper() for word in words.split()]
    return len(capitals) >= 3 and all(capitals[:3])


def kept(record: object, names: Iterable[str]) -> dict[str, Any] | None:
    """The named fields of a record, masked and shortened; None when there is none. A dotted name keeps its place in nested objects."""
    if not isinstance(record, Mapping):
        return None
    wanted = {name.split(".", 1)[0].casefold() for name in names} | {name.casefold() for name in names}
    below = {name.casefold() for name in names}
    held = {
        key: _value(value, f"{key.casefold()}.", below)
        for key, value in record.items()
        if isinstance(key, str) and key.casefold() in wanted
    }
    return held or None


def _value(value: Any, place: str, names: set[str]) -> Any:
    """A value below `place`: of an object only what is named, of a list its first entries, of a text its beginning."""
    if isinstance(value, Mapping):
        inner = {name.removeprefix(place) for name in names if name.startswith(place)}
        return kept(value, inner) or {}
    if isinstance(value, list | tuple):
        return [_value(each, place, names) for each in value[:MOST]]
    if isinstance(value, str):
        return masked(value[:LONGEST].replace("\0", "")).encode("utf-8", "ignore").decode()
    return value if isinstance(value, bool | int | float) or value is None else None
