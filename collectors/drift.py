"""How a source's answers no longer look as they did: fields that went missing, fields never seen, codes nobody declared. Pure.

Called after every poll with the fields its records came with. What a first read brings is accepted; a new field is noted until a person
accepts it; a declared field is missing when so many records in a row came without it: at least 20, and three times the longest such
row it ever came back from, so that what is rare by nature is soon no news.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from collectors.poll import PollReport
from ioc.hearing import KnownField

ENOUGH = 20  # records
RARER = 3
MOST = 40  # entries told of one source
REASON = re.compile(r"unknown code (?P<code>.{1,120}?) for (?P<ours>\w+)(?: \(field (?P<field>[^)]{1,200})\))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One difference: in which field (or "field: code"), on how many records, since when."""

    what: Literal["unknown_code", "missing_field", "new_field"]
    name: str
    records: int
    since: datetime

    @property
    def holds(self) -> bool:
        """Whether something is held back by it; a new field only informs."""
        return self.what != "new_field"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Open records of one reason, because of a code nobody declared."""

    reason: str
    records: int
    since: datetime


def learned(known: Mapping[str, KnownField], report: PollReport, declared: frozenset[str]) -> Mapping[str, KnownField]:
    """The fields of a source after one more poll; the very same mapping while nothing about them changed."""
    if not report.fields:
        return known
    first, at = not known, report.ended
    changed: dict[str, KnownField] = {}
    for name in report.fields:
        had = known.get(name)
        if had is None:
            changed[name] = KnownField(first_at=at, last_at=at, accepted=first)
        elif had.missing:
            changed[name] = replace(had, last_at=at, missing=0, missing_since=None, gap=max(had.gap, had.missing))
    more = _records(report)
    read = _outermost(declared) if more else frozenset()
    for name in [name for name in known.keys() - report.fields if name.casefold() in read]:
        had = known[name]
        changed[name] = replace(had, missing=had.missing + more, missing_since=had.missing_since or at)
    return {**known, **changed} if changed else known


def _records(report: PollReport) -> int:
    """How many records tell something about the fields: a whole read, else only those that are not read again by overlap."""
    return report.read if report.read >= ENOUGH else min(report.read, report.changed + report.quarantined)


def _outermost(declared: Iterable[str]) -> frozenset[str]:
    """The names as they may stand in a record itself, in any case: of a dotted one the outermost part too."""
    return frozenset(part for name in declared for part in (name.casefold(), name.casefold().split(".", 1)[0]))


def drifts(known: Mapping[str, KnownField], codes: Iterable[Refused]) -> tuple[Drift, ...]:
    """What is different now, the oldest first of each kind: codes, missing fields, new fields."""
    found = [*_codes(codes)]
    for name, field in known.items():
        if field.missing_since and field.missing >= max(ENOUGH, RARER * field.gap):
            found.append(Drift(what="missing_field", name=name, records=field.missing, since=field.missing_since))
        elif not field.accepted:
            found.append(Drift(what="new_field", name=name, records=0, since=field.first_at))
    order = ("unknown_code", "missing_field", "new_field")
    return tuple(sorted(found, key=lambda drift: (order.index(drift.what), drift.since, drift.name))[:MOST])


def _codes(codes: Iterable[Refused]) -> Iterable[Drift]:
    """One entry a field and code, whatever else their reasons say."""
    sums: dict[str, tuple[int, datetime]] = {}
    for refused in codes:
        met = REASON.search(refused.reason)
        name = f"{met['field'] or met['ours']}: {met['code']}" if met else refused.reason[:80]
        records, since = sums.get(name, (0, refused.since))
        sums[name] = records + refused.records, min(since, refused.since)
    return [Drift(what="unknown_code", name=name, records=records, since=since) for name, (records, since) in sums.items()]


def held_since(found: Sequence[Drift]) -> datetime | None:
    """Since when something is held back; None: nothing is."""
    return min((drift.since for drift in found if drift.holds), default=None)
