"""From the configuration to the calendar: the usual hours, the offices that keep others, the rules of counting.

Asked by the server and the commands, so that all count by one calendar. Pure. An office is named by its code or by its level; a level
stands for the units the catalogue then has of it, and the calendar holds their codes: an old version still tells by what each unit worked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from zoneinfo import ZoneInfo

from ioc.calendar import CalendarError, Office, WorkCalendar
from ioc.rest_days import RestDay
from ioc.settings import CalendarConfig, OfficeConfig
from ioc.units import Unit


def calendar_of(given: CalendarConfig, rows: tuple[RestDay, ...], catalogue: Iterable[Unit] = ()) -> WorkCalendar:
    """The calendar a configuration declares, with its table of rest days. Raises CalendarError for hours that are none, a unit named
    twice, and a level without units."""
    return WorkCalendar(
        hours=(given.morning, given.afternoon),
        saturday=_one(given.saturday),
        rows=rows,
        zone=ZoneInfo(given.zone),
        cut_off=given.cut_off,
        after_supplement=given.after_supplement,
        reception_hours=given.reception_hours,
        offices=_offices(given, tuple(catalogue)),
    )


def _offices(given: CalendarConfig, catalogue: tuple[Unit, ...]) -> tuple[Office, ...]:
    named = {code for entry in given.office if not isinstance(entry.units, str) for code in entry.units}
    return tuple(_office(given, entry, _meant(entry, catalogue, named)) for entry in given.office)


def _meant(entry: OfficeConfig, catalogue: tuple[Unit, ...], named: set[str]) -> set[str]:
    """All codes of an entry's units. What is named by its code is told apart from its level, wherever that is."""
    if isinstance(entry.units, str):
        units = [unit for unit in catalogue if unit.level == entry.units and named.isdisjoint(_codes(unit))]
        if not units:
            raise CalendarError(f"calendar.office: there is no unit of the level {entry.units!r}; name the catalogue by units = FILE")
        return {code for unit in units for code in _codes(unit)}
    known = {code: unit for unit in catalogue for code in _codes(unit)}
    if catalogue and (unknown := sorted(set(entry.units) - known.keys())):
        raise CalendarError(f"calendar.office: there is no unit {unknown[0]!r} in the catalogue; correct the code")
    return set(entry.units).union(*(_codes(known[code]) for code in entry.units if code in known))


def _office(given: CalendarConfig, entry: OfficeConfig, codes: set[str]) -> Office:
    """An office has the usual hours where it says nothing else."""
    return Office(
        units=tuple(sorted(codes)),
        hours=(entry.morning or given.morning, entry.afternoon or given.afternoon),
        saturday=_one(entry.saturday or given.saturday),
    )


def _codes(unit: Unit) -> tuple[str, ...]:
    return (unit.code, *unit.alt_codes)


def _one(stretch: tuple[time, time] | None) -> tuple[tuple[time, time], ...]:
    return () if stretch is None else (stretch,)
