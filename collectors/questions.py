"""What a source of figures asks: one call for each period and unit, its words filled into the declared address, fields and body. Pure.

Called by sources/figures.py. A slot stands in braces: {year} {month} {quarter} {half} {day} {from} {to} {period} {unit}. {day},
{from} and {to} are dates in the source's own form; {month:02} is written with two digits. In a JSON body a text that is nothing but the
slot of a number becomes that number. Other braces are left alone, so a JSON text may stand in a form field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from collectors.figure_periods import SHAPES, named
from collectors.source import SettingsError, shown, suggestion
from ioc.periods import period as span

NUMBERS = ("year", "half", "quarter", "month")
WORDS = (*NUMBERS, "day", "from", "to", "period", "unit")
DAY = timedelta(days=1)
_PLACE = re.compile(r"\{([a-z]+)(:02)?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One call: about a period, from its first to its last day, and one unit ("": all)."""

    period: str
    first: date
    last: date
    unit: str = ""

    @property
    def key(self) -> str:
        return f"{self.period}/{self.unit}" if self.unit else self.period

    def words(self, written: str) -> dict[str, int | str]:
        """What the slots mean; `written` is strftime's form of a date."""
        month = self.first.month
        first, last = self.first.strftime(written), self.last.strftime(written)
        numbers = {"year": self.first.year, "half": (month + 5) // 6, "quarter": (month + 2) // 3, "month": month}
        return {**numbers, "day": first, "from": first, "to": last, "period": self.period, "unit": self.unit}


def of_day(step: str, day: date, units: Sequence[str], zone: ZoneInfo) -> list[Question]:
    """The questions about the period of a kind (one of SHAPES) that a day lies in: one a unit, or one for all."""
    name = named(step, day)
    found = span(name, datetime(day.year, day.month, day.day, tzinfo=zone), zone)
    first, last = found.since.astimezone(zone).date(), found.last_instant.astimezone(zone).date()
    return [Question(period=name, first=first, last=last, unit=unit) for unit in units or ("",)]


def present(step: str, back: int, units: Sequence[str], now: datetime, zone: ZoneInfo) -> list[Question]:
    """The questions about the present period and the `back` ones before it, the oldest first."""
    rounds = [of_day(step, now.astimezone(zone).date(), units, zone)]
    for _ in range(back):
        rounds.append(of_day(step, rounds[-1][0].first - DAY, units, zone))
    return [question for each in reversed(rounds) for question in each]


def between(step: str, units: Sequence[str], since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[Question]:
    """The questions about every period that touches [since, until), the oldest first."""
    day = since.astimezone(zone).date()
    while since < until and datetime(day.year, day.month, day.day, tzinfo=zone) < until:
        questions = of_day(step, day, units, zone)
        yield from questions
        day = questions[0].last + DAY


def filled(declared: Any, words: Mapping[str, int | str], *, numbers: bool = False, quoted: bool = False) -> Any:
    """The declared text, or the texts anywhere in a declared table or list, with their slots filled in.

    `numbers`: one that is nothing but a number's slot becomes a number. `quoted`: what is filled in becomes part of an address.
    """
    if isinstance(declared, Mapping):
        return {key: filled(each, words, numbers=numbers, quoted=quoted) for key, each in declared.items()}
    if isinstance(declared, list | tuple):
        return [filled(each, words, numbers=numbers, quoted=quoted) for each in declared]
    if not isinstance(declared, str):
        return declared
    alone = _PLACE.fullmatch(declared) if numbers else None
    if alone and alone[1] in NUMBERS and not alone[2]:
        return words[alone[1]]

    def word(found: re.Match[str]) -> str:
        value = words[found[1]]
        text = f"{value:02}" if found[2] and isinstance(value, int) else str(value)
        return quote(text, safe="") if quoted else text

    return _PLACE.sub(word, declared)


def slots_of(declared: Any) -> set[str]:
    """The words in braces anywhere in what is declared."""
    if isinstance(declared, Mapping):
        return set().union(*map(slots_of, declared.values()))
    if isinstance(declared, list | tuple):
        return set().union(*map(slots_of, declared))
    return {found[1] for found in _PLACE.finditer(declared)} if isinstance(declared, str) else set()


def check(source: str, used: set[str], step: str, back: int, units: Sequence[str]) -> None:
    """Whether these slots can be filled and make the questions different. Raises SettingsError."""
    for word in sorted(used - set(WORDS)):
        raise SettingsError(f"source.{source}: {{{word}}} is no slot{suggestion(word, WORDS)}")
    for word in sorted(used & set(SHAPES)):
        if SHAPES.index(word) < SHAPES.index(step):
            raise SettingsError(f'source.{source}: {{{word}}} is finer than step = "{step}"; use {{from}} and {{to}}, or a finer step')
    if ("unit" in used) != bool(units):
        raise SettingsError(f"source.{source}: give units and ask for each by {{unit}}, or neither")
    if back and not used - {"unit"}:
        raise SettingsError(f"source.{source}.back: {shown(back)}, but nothing asked for names the period; use {{day}}, {{month}}, ...")
