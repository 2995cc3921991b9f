"""sample(): a source asked once, and what would become of its answer; nothing is stored. Called by `ioc sample`.

Shown are the names of all fields, how often each came, and masked examples of those the mapping declares; of the others only the name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from collectors.records import LONGEST_NAME, MOST_FIELDS, noted
from collectors.source import Source
from ioc.model import BadRow, Batch, Fault, Figure, Gone, Item
from ioc.privacy import kept, masked

DEEPEST, WIDEST = 6, 20  # how far objects and lists in a record are looked into
EXAMPLE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSeen:
    """One field of theirs. `times`: in how many records it held something. `example`: masked, "" where the mapping does not declare it."""

    name: str
    times: int
    declared: bool
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A field the mapping declares and no record had; `near`: one that came and is written nearly so."""

    name: str
    near: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one answer holds and what it would become. `unknown_codes`: each reason and how often; `as_of`: what the source says it is
    true for."""

    source: str
    records: int = 0
    fields: Sequence[FieldSeen] = ()
    missing: Sequence[Missing] = ()
    items: Sequence[Item | Gone] = ()
    figures: Sequence[Figure] = ()
    bad: Sequence[BadRow] = ()
    unknown_codes: tuple[tuple[str, int], ...] = ()
    unknown_units: tuple[tuple[str, int], ...] = ()
    as_of: datetime | None = None


async def sample(source: Source, now: datetime, known: Callable[[str], bool]) -> Sample:
    """Ask for the first batch from the very beginning. `known`: whether a unit is in the catalogue. Raises SourceError."""
    with noted() as records:
        async with aclosing(source.fetch(None, now)) as batches:  # type: ignore[type-var]
            batch = await anext(batches, None)
    once = {id(record): record for record in records}  # rows that were gathered are looked at twice
    return told(source, batch or Batch(position=None), list(once.values()), known)


def told(source: Source, batch: Batch, records: Sequence[object], known: Callable[[str], bool]) -> Sample:
    """What there is to say of a batch and of the records it came from. Pure."""
    declared = source.mapping.declared
    listed = _fields(records, declared) or [FieldSeen(name=name, times=0, declared=name in declared) for name in sorted(batch.fields)]
    units = Counter(each.unit for each in (*batch.items, *batch.figures) if not isinstance(each, Gone) and not known(each.unit))
    codes = Counter(row.reason for row in batch.bad if row.fault is Fault.CODE)
    return Sample(
        source=source.name,
        records=len(records) or len(batch.items) + len(batch.bad),
        fields=listed,
        missing=_missing(listed, declared),
        items=batch.items,
        figures=batch.figures,
        bad=batch.bad,
        unknown_codes=tuple(codes.most_common()),
        unknown_units=() if source.mapping.create_units else tuple((masked(unit), times) for unit, times in units.most_common()),
        as_of=batch.as_of,
    )


def _fields(records: Sequence[object], declared: frozenset[str]) -> list[FieldSeen]:
    """Every field that came, in the order of its first coming."""
    folded = {name.casefold() for name in declared}
    times: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for record in records:
        came = {name: value for name, value in _flat(record) if value not in (None, "")}
        times.update(name for name in came if name in times or len(times) < MOST_FIELDS)
        for name, value in _flat(kept(record, declared) or {}):
            if value not in (None, "") and name.casefold() in folded:
                examples.setdefault(name, str(value)[:EXAMPLE])
    return [FieldSeen(name=name, times=n, declared=name.casefold() in folded, example=examples.get(name, "")) for name, n in times.items()]


def _missing(listed: Sequence[FieldSeen], declared: frozenset[str]) -> list[Missing]:
    came = {each.name.casefold() for each in listed}
    others = [each.name for each in listed if not each.declared]
    missing = sorted(name for name in declared if name.casefold() not in came)
    return [Missing(name=name, near=next(iter(get_close_matches(name, others, n=1)), "")) for name in missing] if listed else []


def _flat(value: object, place: str = "", depth: int = 0) -> Iterator[tuple[str, object]]:
    """The scalars of a record by their dotted names; those of lists without a number. Names that look like a person's are left out."""
    if isinstance(value, dict) and depth < DEEPEST:
        for name, inner in value.items():
            if isinstance(name, str) and name and len(name) <= LONGEST_NAME and masked(name) == name:
                yield from _flat(inner, f"{place}.{name}".lstrip("."), depth + 1)
    elif isinstance(value, list) and depth < DEEPEST:
        for inner in value[:WIDEST]:
            yield from _flat(inner, place, depth + 1)
    elif place and not isinstance(value, dict | list):
        yield place, value
