"""A compiled mapping of figures: records of a system that only reports numbers, read into Figures. Pure; called by every source.

Made by figure_declaring.py from a TOML file with [figures]. `read_all` never raises for what records hold: a record that cannot be
read is a bad row, and so is a single number, while the other numbers of its record count. A number that is missing, empty or "—" is no
figure: nothing reported is not zero. A unit, a name or a period that is not understood is refused, never guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from collectors.fields import Field, Record, expect_record, find
from collectors.figure_periods import ON, When
from collectors.numbers import read_number
from collectors.reading import AHEAD, Read
from collectors.records import Shape, bad_row, raw_hash
from collectors.source import BadItem, shown
from ioc.figures import BY_NAME
from ioc.model import BadRow, Fault, Figure
from ioc.periods import PeriodError
from ioc.periods import period as span
from ioc.privacy import kept

TIE = 0.001  # points by which two scores may differ and still share a place, as the portal ranks


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """How one number is found. `parts` add up; of each the first of its names that holds something counts.

    `scale` multiplies what is written; `decimal` is the declared decimal point, "" where the writing itself must show it.
    """

    parts: tuple[Field, ...]
    scale: float = 1.0
    decimal: str = ""

    def read(self, record: Record) -> float | None:
        """The number; None when the record does not say it. Raises BadItem."""
        amounts = [self._amount(part, record) for part in self.parts]
        said = [amount for amount in amounts if amount is not None]
        return round(sum(said) * self.scale, 9) if len(said) == len(amounts) else None

    def _amount(self, part: Field, record: Record) -> float | None:
        for name in part.names:
            value = find(record, name)
            plain = isinstance(value, int | float) and not isinstance(value, bool) and part.values is None
            said = value if plain else replace(part, names=(name,)).text(record)  # 1.234 in JSON is no riddle, as a text it is one
            if said is None:
                continue
            try:
                return read_number(said, self.decimal)
            except ValueError as error:
                raise BadItem(f"{shown(said)} is no number for {part.place}: {error}; correct it at the source") from None
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a record says of all its numbers."""

    unit: str
    period: str
    reported_at: datetime | None

    @property
    def code(self) -> str:
        return f"{self.unit}/{self.period}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureMapping:
    """How one system's records become figures. Wide: `values` holds ours by name. Long: `called` says which figure `value` is.

    `only`: their codes of the units that are ours, where an answer holds everybody's; the others' records are no figures of ours, and
    nothing is wrong with them. `ranks`: figure -> the figure that is its place among all records of the answer.
    """

    name: str
    title: str
    zone: ZoneInfo
    unit: Field
    when: When
    reported_at: Field | None = None
    values: Mapping[str, Number] = field(default_factory=dict)
    called: Field | None = None
    value: Number | None = None
    create_units: bool = False
    only: frozenset[str] = frozenset()
    ranks: Mapping[str, str] = field(default_factory=dict)
    declared: frozenset[str] = field(init=False, default=frozenset())
    _about: frozenset[str] = field(init=False, default=frozenset())

    def __post_init__(self) -> None:
        about = frozenset[str]().union(*(one.reads for one in self._of_about())) | {ON}
        object.__setattr__(self, "_about", about)
        object.__setattr__(self, "declared", about.union(*(one.reads for one in self.columns())))

    def columns(self) -> Iterable[Field]:
        """The fields a table must have a column for, unless they have a default."""
        numbers = (*self.values.values(), *filter(None, (self.value,)))
        return (*self._of_about(), *(part for number in numbers for part in number.parts))

    def _of_about(self) -> tuple[Field, ...]:
        return (self.unit, *self.when.fields, *filter(None, (self.called, self.reported_at)))

    @property
    def relative(self) -> bool:
        """Whether an answer is always about the present, so that none can be read for the past."""
        return self.when.relative

    def code_of(self, record: object) -> str | None:
        """unit/period, where that much can be read."""
        if not isinstance(record, dict):
            return None
        try:
            unit = self.unit.text(record)
            return f"{unit}/{self.when.period(record, self.zone, None)}" if unit else None
        except BadItem:
            return None

    def read_all(self, records: Iterable[object], now: datetime) -> Read:
        """Every record's figures, of one unit, period and name the last, and what could not be read."""
        figures: dict[tuple[str, str, str], Figure] = {}
        result, seen, times = Read(), Shape(), Counter[str]()
        listed = list(records) if self.ranks else records
        for record in listed:
            seen.add(record)
            if self._foreign(record):
                continue
            try:
                known = expect_record(record)
                about = self._read_about(known, now)
                numbers = list(self._numbers(known))
            except BadItem as error:
                result.bad.append(self._bad_record(record, error, now, times))
                continue
            for name, number in numbers:
                try:
                    value = number.read(known)
                except BadItem as error:
                    result.bad.append(self._bad_number(known, error, about, name, number))
                    continue
                if value is not None:
                    figures[about.unit, about.period, name] = _figure(about, name, value)
        result.figures.extend(figures.values())
        if self.ranks:
            result.figures.extend(self._places(listed, figures.values(), now))
        result.fields = seen.fields
        return result

    def _foreign(self, record: object) -> bool:
        """Whether a record is of a unit that is not ours."""
        try:
            return bool(self.only) and isinstance(record, dict) and (self.unit.raw(record) or "") not in self.only
        except BadItem:
            return False

    def _places(self, records: Iterable[object], ours: Iterable[Figure], now: datetime) -> Iterator[Figure]:
        """Our places among all: as many are ahead as have more by a thousandth, so that equals share a place (1, 2, 2, 4)."""
        everybody = replace(self, only=frozenset(), ranks={}).read_all(records, now).figures
        for figure in ours:
            if figure.name in self.ranks:
                rivals = (one.value for one in everybody if (one.name, one.period) == (figure.name, figure.period))
                ahead = sum(value > figure.value + TIE for value in rivals)
                name = self.ranks[figure.name]
                yield replace(figure, name=name, value=1.0 + ahead, measured_in=BY_NAME[name].measured_in)

    def _read_about(self, record: Record, now: datetime) -> About:
        period = self.when.period(record, self.zone, now)
        try:
            begins = span(period, now, self.zone).since
        except PeriodError as error:
            raise BadItem(f"{error}; correct it at the source") from None
        reported = self.reported_at.instant(record, self.zone) if self.reported_at else None
        for instant, place in ((begins, f"period {shown(period)}"), (reported, "reported_at")):
            if instant is not None and instant - now > AHEAD:
                raise BadItem(f"{place} lies in the future; correct it at the source")
        return About(unit=self.unit.required(record), period=period, reported_at=reported)

    def _numbers(self, record: Record) -> Iterator[tuple[str, Number]]:
        """The numbers of a record by the names of ours."""
        if self.called is None or self.value is None:
            yield from self.values.items()
            return
        name = self.called.required(record)
        if name not in BY_NAME:
            raise BadItem(f"unknown code {shown(name)} for {self.called.place}; add it to [values.name]", Fault.CODE)
        yield name, self.value

    def _bad_record(self, record: object, error: BadItem, now: datetime, times: Counter[str]) -> BadRow:
        """A record nobody can read, known by what it is about and not by its numbers: these change with each answer."""
        bad = bad_row(self._dated(record, now), error, self.code_of(record), self.declared)
        about = kept(record, self._about - (self.reported_at.reads if self.reported_at else frozenset()))
        if about is None:
            return bad
        same = raw_hash(about | {"fault": error.fault})
        times[same] += 1
        return replace(bad, raw_hash=raw_hash({"of": same, "time": times[same]}))

    def _bad_number(self, record: Record, error: BadItem, about: About, name: str, number: Number) -> BadRow:
        """One number of a record, with what is needed to read it again and no other number: those may be newer by then."""
        reads = frozenset[str]().union(*(one.reads for one in number.parts))
        bad = bad_row({**record, ON: about.period}, error, f"{name}/{about.code}", self._about | reads)
        return replace(bad, raw_hash=raw_hash({"of": bad.code, "says": kept(record, reads)}))

    def _dated(self, record: object, now: datetime) -> object:
        """The record as it is kept: with its period, where that is the poll's own."""
        return {**record, ON: self.when.period(record, self.zone, now)} if isinstance(record, dict) and self.relative else record


def _figure(about: About, name: str, value: float) -> Figure:
    return Figure(
        unit=about.unit, period=about.period, name=name, value=value, measured_in=BY_NAME[name].measured_in, reported_at=about.reported_at
    )
