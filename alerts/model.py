"""Rules and alerts. `rules()` turns the `[[rule]]` tables of the configuration into Rules and says what is wrong with them. Pure.

RuleError is the root (and only) error: its message names the rule, the key, the value and the remedy.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from ioc.model import Kind, Term, TermUnit

E = TypeVar("E", bound=StrEnum)


class RuleError(Exception):
    """A rule cannot be used as written."""


class Severity(StrEnum):
    """P1 is told at once and climbs in minutes, P2 within the hour, P3 by the end of the shift."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


class AlertState(StrEnum):
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


class When(StrEnum):
    OVERDUE = "overdue"
    DUE_WITHIN = "due_within"
    SILENT = "silent"
    DRIFT = "drift"

    @property
    def of_sources(self) -> bool:
        """Whether it is about department systems; the others are about units."""
        return self in (When.SILENT, When.DRIFT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`at_least` items of one unit for which `when` holds make an alert, once that lasted `hold`; or one source, silent or drifting.

    `term`: for due_within, how much working time is left; for overdue, how late an item must be to count (None: at all).
    `todo` and `owner` say what to do and whose task it is: a rule without them is refused.
    """

    name: str
    title: str
    title_en: str
    when: When
    severity: Severity
    todo: str
    owner: str
    term: Term | None = None
    kind: Kind = Kind.DOSSIER
    at_least: int = 1
    hold: timedelta = timedelta(0)
    units: frozenset[str] = frozenset()  # subtrees it is limited to; empty: all


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A rule holds for one subject, a unit or a source: how many items, since when, and from which sources we know."""

    subject: str
    count: int
    since: datetime
    oldest_from: datetime
    sources: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One rule holding for one subject. `id` None: not stored yet."""

    rule: str
    subject: str
    severity: Severity
    state: AlertState
    count: int
    started_at: datetime
    checked_at: datetime
    sources: frozenset[str]
    oldest_from: datetime | None = None
    fired_at: datetime | None = None
    resolved_at: datetime | None = None
    frozen: bool = False
    good: int = 0
    id: int | None = None


TERM_WORDS = {
    "working days": TermUnit.WORKING_DAYS,
    "working hours": TermUnit.WORKING_HOURS,
    "calendar days": TermUnit.CALENDAR_DAYS,
}
KEYS = ("name", "title", "title_en", "when", "severity", "todo", "owner", "term", "kind", "at_least", "for", "units")
REQUIRED = ("name", "title", "when", "severity", "todo", "owner")


def rules(tables: Iterable[Mapping[str, Any]], known_units: frozenset[str] | None = None) -> tuple[Rule, ...]:
    """The rules of a configuration. `known_units` None: units are not checked. Raises RuleError at the first bad one."""
    made = [_rule(n, table, known_units) for n, table in enumerate(tables, 1)]
    names = [rule.name for rule in made]
    for name in names:
        if names.count(name) > 1:
            raise RuleError(f"rule {name!r}: name used twice; give each rule its own")
    return tuple(made)


def _rule(n: int, table: Mapping[str, Any], known_units: frozenset[str] | None) -> Rule:
    place = f"rule {table.get('name') or n!r}"
    for key in table:
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, n=1)
            raise RuleError(f"{place}: {key}: unknown key; " + (f"did you mean {near[0]!r}?" if near else f"known: {', '.join(KEYS)}"))
    for key in REQUIRED:
        if not str(table.get(key, "")).strip():
            raise RuleError(f"{place}: {key}: missing; a rule needs {', '.join(REQUIRED)}")
    when = _one_of(place, "when", table["when"], When)
    term = _term(place, table["term"]) if "term" in table else None
    if when is When.DUE_WITHIN and term is None:
        raise RuleError(f'{place}: term: missing; due_within needs one, for example "1 working days"')
    if when.of_sources and (useless := sorted({"term", "kind", "at_least", "units"} & table.keys())):
        raise RuleError(f"{place}: {useless[0]}: says nothing where when = {when.value!r}; remove it")
    units = frozenset(table.get("units", ()))
    if known_units is not None and units - known_units:
        raise RuleError(f"{place}: units: unknown unit {min(units - known_units)!r}; use codes of the unit catalogue")
    return Rule(
        name=table["name"], title=table["title"], title_en=table.get("title_en", table["title"]), when=when, term=term, units=units,
        severity=_one_of(place, "severity", table["severity"], Severity), todo=table["todo"], owner=table["owner"],
        kind=_one_of(place, "kind", table.get("kind", "dossier"), Kind), at_least=_count(place, table.get("at_least", 1)),
        hold=timedelta(seconds=_seconds(place, table.get("for", 0))),
    )  # fmt: skip


def _one_of(place: str, key: str, value: Any, known: type[E]) -> E:
    try:
        return known(value)
    except ValueError:
        raise RuleError(f"{place}: {key} = {value!r}: use one of {', '.join(known)}") from None


def _term(place: str, text: Any) -> Term:
    amount, _, word = str(text).partition(" ")
    try:
        number = float(amount)
        unit = TERM_WORDS[word.strip() if word.strip().endswith("s") else word.strip() + "s"]
    except (ValueError, KeyError):
        raise RuleError(f'{place}: term = {text!r}: write a number and one of {", ".join(TERM_WORDS)}, like "2 working days"') from None
    if not 0 < number <= 1000:
        raise RuleError(f"{place}: term = {text!r}: must be more than 0 and at most 1000")
    return Term(amount=number, unit=unit)


def _count(place: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise RuleError(f"{place}: at_least = {value!r}: use a whole number from 1 on")
    return value


def _seconds(place: str, value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise RuleError(f"{place}: for = {value!r}: use seconds, 0 or more")
    return float(value)
