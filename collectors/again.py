"""Records from quarantine, read again with the present mapping. Pure; called by `ioc quarantine retry`.

What reads well shall be stored as if it had just come; it is never guessed: where masking took a code or a unit away, the source must send
the record again, and a record older than what is known of its dossier by now changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from collectors.reading import Read, Reader
from collectors.source import shown
from ioc.model import Fault, Figure, Gone, Item
from ioc.privacy import MASK
from ioc.quarantine import Kept, again

MASKED = "what identifies it was masked; the source must send it again"


@dataclass(slots=True)
class Again:
    """`good`: the hashes of those that read well; `items` and `figures` what is to be stored of them; `still`: why the others do not."""

    good: set[str] = field(default_factory=set)
    items: list[Item | Gone] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    still: dict[str, tuple[str, Fault]] = field(default_factory=dict)


def reread(waiting: Iterable[Kept], reader: Reader, units: Collection[str] | None, newest: Mapping[str, datetime], now: datetime) -> Again:
    """`units`: the codes that are known, None where the store may make units. `newest`: since when each code is as the store has it."""
    result = Again()
    for kept in waiting:
        read = _read(kept, reader, now)
        wrong = _wrong(read, units)
        if wrong is not None:
            result.still[kept.raw_hash] = wrong
            continue
        result.good.add(kept.raw_hash)
        result.items += [item for item in read.items if item.code not in newest or item.happened_at >= newest[item.code]]
        result.figures += read.figures
    return result


def _read(kept: Kept, reader: Reader, now: datetime) -> Read:
    """What was read well before but could not be kept is taken as it was; the others are read by the mapping."""
    known = again(kept.record)
    if known is None:
        return reader.read_all([kept.record], now)
    return Read(figures=[known]) if isinstance(known, Figure) else Read(items=[known])


def _wrong(read: Read, units: Collection[str] | None) -> tuple[str, Fault] | None:
    """Why a record cannot be stored now; None when it can."""
    if read.bad:
        return read.bad[0].reason, read.bad[0].fault
    named = [item.code for item in read.items]
    places = [each.unit for each in (*read.items, *read.figures) if not isinstance(each, Gone)]
    if not named and not places:
        return "it holds nothing that is read now; the mapping must name its fields, or drop it", Fault.MISSING
    if any(MASK in text for text in (*named, *places)):
        return MASKED, Fault.VALUE
    strange = next((unit for unit in places if units is not None and unit not in units), None)
    if strange is not None:
        return f"unknown unit {shown(strange)}; add it to the unit catalogue, or let the mapping create units", Fault.UNIT
    return None
