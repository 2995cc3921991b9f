"""The demo province's records read as its sources read them, without the wire between. Used by the tests of the province."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path

from collectors import gateway_shape, portal_shape
from collectors.departments.envelopes import envelope
from collectors.departments.province_cases import System
from collectors.departments.province_words import Record
from collectors.edxml.envelope import parse
from collectors.edxml.record import Line, Secrecy, Step, records
from collectors.edxml.settings import LEVELS, MARKS, NO_SECRET
from collectors.mapping import load
from collectors.prepared import Prepared
from collectors.reading import Read

MAPPINGS = Path(__file__).parents[3] / "examples" / "mappings"
SECRECY = Secrecy(names=LEVELS, open=NO_SECRET, marks=MARKS)
OTHERWISE = {System.LAND: "lgsp", System.AXIS: "edxml", System.PORTAL: "dvcqg"}  # the others' mappings are called as they are


def read_all(system: str, listed: Iterable[Record], now: datetime) -> Read:
    """Records of a system as items and bad rows."""
    return _reader(System(system))(listed, now)


@lru_cache
def _reader(system: System) -> Callable[[Iterable[Record], datetime], Read]:
    mapping = load(MAPPINGS / f"{OTHERWISE.get(system, system)}.toml")
    if system is System.LAND:
        words = mapping.fields["state"].values or {}
        prepare = partial(gateway_shape.ready, words=words)
        return Prepared(mapping=mapping, prepare=prepare, looks_at=gateway_shape.LOOKS_AT).read_all
    if system is System.PORTAL:
        return Prepared(mapping=mapping, prepare=portal_shape.ready, looks_at=portal_shape.LOOKS_AT).read_all
    if system is System.AXIS:
        return lambda listed, now: mapping.read_all([line for record in listed for line in _lines(record)], now)
    if system is System.EDUCATION:
        return lambda listed, now: mapping.read_all([_texts(record) for record in listed], now)
    return mapping.read_all


def _lines(document: Record) -> list[Record]:
    """What the axis' collector makes of one document: nothing of a restricted one."""
    header = parse([envelope(document)], secrecy=LEVELS)
    if SECRECY.hides(header):
        return []
    line = Line(number=document["DocumentId"], status=document["Status"], created=document["Timestamp"], updated=document["Updated"])
    return list(records(header, line, [Step(status=document["Status"], time=document["Finished"] or document["Updated"])], ("H99",)))


def _texts(row: Record) -> Record:
    """A row as it comes out of a database: instants as ISO text."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
