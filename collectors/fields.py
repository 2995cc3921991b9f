"""One declared field: found in a record, cleaned, and read as text, code, instant, number or flag. Pure; called by reading.py.

Only declared fields ever leave a record, so a citizen's name, number or phone cannot. Each failure is a BadItem naming our field,
their field, the value (shortened) and the remedy; a value of any size or type costs no more than a look at it.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from collectors import paths
from collectors.dates import read_instant
from collectors.source import BadItem, shown
from ioc.model import Fault

Record = Mapping[str, Any]

CODE_LENGTH, TEXT_LENGTH = 64, 200


@dataclass(frozen=True, slots=True)
class Broken:
    """What stands where a record should, and why it is none. `text` makes its hash and is never shown: it may name a citizen."""

    text: str
    why: str


_FLAGS = {"true": True, "1": True, "false": False, "0": False}
ABSENT = object()  # what find() answers for a name that is not there, which is not the same as null


def expect_record(record: object) -> Record:
    """The record itself, or BadItem for what is none."""
    if isinstance(record, dict):
        return record
    why = record.why if isinstance(record, Broken) else f"a {type(record).__name__} where a record is expected"
    raise BadItem(f"{why}; correct it at the source", Fault.SHAPE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """How one field of ours is found in theirs.

    `names`: their names, the first that holds something wins; a dot goes into a nested object, one that begins with "=" is an
    expression (paths.py). `const`: always this.
    `values`: their code -> ours, nothing else is accepted. `default`: ours when theirs is missing. `empty`: their texts that
    mean missing. `cut`: a longer text is shortened, not refused.
    """

    ours: str
    names: tuple[str, ...] = ()
    const: str | None = None
    values: Mapping[str, str] | None = None
    default: str | None = None
    empty: frozenset[str] = frozenset()
    limit: int = TEXT_LENGTH
    cut: bool = False

    @property
    def place(self) -> str:
        """Both names, for messages."""
        return f"{self.ours} (field {' or '.join(self.names)})" if self.names else self.ours

    @property
    def reads(self) -> frozenset[str]:
        """The names of all their fields this one looks at."""
        return frozenset().union(*map(paths.reads, self.names))

    def text(self, record: Record) -> str | None:
        """The cleaned text, translated by `values` and `default`; None when the record says nothing."""
        if self.const is not None:
            return self.const
        raw = self.raw(record)
        if raw is None:
            return self.default
        if self.values is None:
            return raw
        if raw not in self.values:
            raise BadItem(f"unknown code {shown(raw)} for {self.place}; add it to [values.{self.ours}]", Fault.CODE)
        return self.values[raw]

    def required(self, record: Record) -> str:
        """The text, which must be there."""
        text = self.text(record)
        if text is None:
            raise self.missing()
        return text

    def missing(self) -> BadItem:
        return BadItem(f"missing {self.place}; the source must send it, or the mapping must name another field for it", Fault.MISSING)

    def instant(self, record: Record, zone: ZoneInfo) -> datetime | None:
        """The text as an instant in UTC."""
        text = self.text(record)
        if text is None:
            return None
        try:
            return read_instant(text, zone)
        except (ValueError, OverflowError) as error:
            raise BadItem(f"impossible date {shown(text)} for {self.place}: {error}; correct it at the source") from None

    def number(self, record: Record) -> float | None:
        """The text as a number from 0 to 10 000; a decimal comma is read as one."""
        text = self.text(record)
        if text is None:
            return None
        try:
            number = float(text.replace(",", ".")) if text.isascii() else math.nan
        except ValueError:
            number = math.nan
        if not 0 <= number <= 10_000:
            raise BadItem(f"{shown(text)} is no number from 0 to 10000 for {self.place}; correct it at the source")
        return number

    def flag(self, record: Record) -> bool | None:
        """true/false, 1/0, or what `values` makes of their codes."""
        text = self.text(record)
        if text is None:
            return None
        if text.lower() not in _FLAGS:
            raise BadItem(f"unknown code {shown(text)} for {self.place}; add it to [values.{self.ours}]", Fault.CODE)
        return _FLAGS[text.lower()]

    def raw(self, record: Record) -> str | None:
        """Their text, cleaned, before any translation; None when missing, blank or declared empty."""
        for name in self.names:
            text = self._clean(find(record, name))
            if text and text not in self.empty:
                return text
        return None

    def _clean(self, value: object) -> str | None:
        if value is None or value is ABSENT:
            return None
        text = as_text(value)
        if text is None:
            raise BadItem(f"{shown(value)} where a text or number is expected for {self.place}; correct the mapping or the source")
        if len(text) > 4 * self.limit and not self.cut:
            raise self._too_long(text)
        text = text[: 4 * self.limit]
        text = composed(text)
        if not storable(text):
            raise BadItem(f"{shown(text)} holds characters no text may hold for {self.place}; correct it at the source")
        if len(text) <= self.limit:
            return text
        if not self.cut:
            raise self._too_long(text)
        return text[: self.limit - 1].rstrip() + "…"

    def _too_long(self, text: str) -> BadItem:
        return BadItem(f"{shown(text)} is longer than {self.limit} characters for {self.place}; shorten it at the source")


def as_text(value: object) -> str | None:
    """A scalar as text: 4, 4.0 and "4" are the same code. None for what is no scalar, or a number without an end."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, int) and value.bit_length() <= 200:
        return str(value)
    return None


def composed(text: str) -> str:
    """A text without blanks around it and with its letters composed (NFC), so that equal words are equal."""
    return (text if text.isascii() else unicodedata.normalize("NFC", text)).strip()


def storable(text: str) -> bool:
    """Without NUL and without lone surrogates, which neither UTF-8 nor the database can hold."""
    return text.isprintable() or ("\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text))


def find(record: Record, name: str) -> object:
    """A value by its declared name: as it stands, else in another case, else along its dots into nested objects; or ABSENT.

    An expression finds what it finds, exactly as it is written; nothing is ABSENT.
    """
    if name[:1] == paths.SIGN:
        return _searched(record, name)
    found = _here(record, name)
    if found is not ABSENT or "." not in name:
        return found
    value: object = record
    for part in name.split("."):
        if not isinstance(value, Mapping):
            return ABSENT
        value = _here(value, part)
    return value


def _searched(record: Record, name: str) -> object:
    try:
        found = paths.search(record, name)
    except paths.PathError as error:
        raise BadItem(f"{shown(name)}: {error}; correct the mapping or the source") from None
    return ABSENT if found is None else found


def has(names: Iterable[str], name: str) -> bool:
    """Whether a header holds a declared name, in any case; of an expression, one of the fields it looks at."""
    held = {_folded(each) for each in names}
    return any(_folded(each) in held for each in paths.reads(name))


def _here(record: Record, name: str) -> object:
    if name in record:
        return record[name]
    near = _near(record, name)
    if len(near) > 1:
        raise BadItem(f"{len(near)} fields could be {shown(name)}, which differ only in case; write the mapping exactly as one of them")
    return record[near[0]] if near else ABSENT


# The fields of the last record in which a name was looked for, and those of them it may mean: records of one list are alike, and without
# this a third of all reading would go into looking for optional fields that are not there.
_LOOKED: dict[str, tuple[tuple[Any, ...], list[str]]] = {}


def _near(record: Record, name: str) -> list[str]:
    """The fields of a record that are a name in another case."""
    fields = tuple(record)
    looked = _LOOKED.get(name)
    if looked is None or looked[0] != fields:
        wanted = _folded(name)
        looked = fields, [key for key in fields if isinstance(key, str) and len(key) <= TEXT_LENGTH and _folded(key) == wanted]
        _LOOKED[name] = looked
    return looked[1]


@lru_cache(maxsize=4096)
def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
