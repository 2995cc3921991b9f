"""Whether a published sheet agrees with itself: sums that must close, parts that make their whole, rates that follow from counts. Pure.

A sheet that does not is no measure for anybody's numbers, so this is said first. Only what was published is checked, nothing is filled in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ioc.indicators import RATES, rate
from ioc.reconcile.published import Published

SHARES = 0.015  # three rates rounded to 2 decimals may miss 100 by as much

# whole = the sum of the parts; with (needed) parts that may be missing as 0 behind them
SUMS: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    (
        ("dossiers_received", "dossiers_carried_over"),
        ("dossiers_resolved", "dossiers_in_progress"),
        ("dossiers_returned", "dossiers_waiting"),
    ),
    (("dossiers_resolved",), ("dossiers_early", "dossiers_on_time", "dossiers_late"), ()),
    (("dossiers_in_progress",), ("dossiers_within_time", "dossiers_overdue"), ()),
    (("procedures",), ("procedures_province", "procedures_district", "procedures_commune"), ()),
    (("procedures",), ("procedures_information_only", "procedures_partly_online", "procedures_fully_online"), ()),
    (("reported_resolved",), ("reported_on_time", "reported_late"), ()),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One sum of a sheet: what it is about, both sides, and whether they agree."""

    about: str
    unit: str
    level: str
    period: str
    left: float
    right: float
    parts: tuple[float, ...]
    holds: bool


def checks(listed: Iterable[Published]) -> list[Check]:
    """Every sum the figures of one sheet allow."""
    groups: dict[tuple[str, str, str], dict[str, Published]] = {}
    for one in listed:
        groups.setdefault((one.unit, one.level, one.period), {})[one.figure] = one
    return [check for place, group in groups.items() for check in (*_sums(place, group), *_rates(place, group), *_parts(place, group))]


def _sums(place: tuple[str, str, str], group: Mapping[str, Published]) -> Iterator[Check]:
    value = {name: one.value for name, one in group.items()}
    for whole, needed, more in SUMS:
        if whole[0] in value and all(name in value for name in needed):
            parts = [value[name] for name in (*needed, *more) if name in value]
            about = f"{_joined(whole, value)} = {_joined((*needed, *more), value)}"
            yield _check(place, about, sum(value[name] for name in whole if name in value), parts)
    shares = ("early_rate", "on_time_rate", "late_rate")
    if all(name in value for name in shares):
        yield _check(place, f"100 = {_joined(shares, value)}", 100, [value[name] for name in shares], within=SHARES)


def _rates(place: tuple[str, str, str], group: Mapping[str, Published]) -> Iterator[Check]:
    """Rates whose counts were published too."""
    for one in RATES:
        if one.name in group and one.whole in group and all(part in group for part in one.parts):
            made = rate(round(sum(group[part].value for part in one.parts)), round(group[one.whole].value))
            if made is not None:
                yield _check(place, f"{one.name} = {' + '.join(one.parts)} / {one.whole}", group[one.name].value, [made])


def _parts(place: tuple[str, str, str], group: Mapping[str, Published]) -> Iterator[Check]:
    for name, one in group.items():
        if parts := one.detail.get("parts"):
            yield _check(place, f"{name} = {' + '.join(f'{part:g}' for part in parts)}", one.value, parts)


def _check(place: tuple[str, str, str], about: str, left: float, parts: Sequence[float], within: float = 1e-6) -> Check:
    unit, level, period = place
    right = round(sum(parts), 6)
    return Check(
        about=about, unit=unit, level=level, period=period, left=left, right=right, parts=tuple(parts), holds=abs(left - right) <= within
    )


def _joined(names: Iterable[str], value: Mapping[str, float]) -> str:
    return " + ".join(name for name in names if name in value)
