"""The declared numbers of the house, put together, and what is computed from counts alone. Pure.

A number is declared once, with its words, in dossiers.py, clocks.py, index766.py, papers.py or rates.py; the meter, the lists, the API
and docs/indicators.md follow from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from difflib import get_close_matches

from ioc.indicators.clocks import AGEING, CLOCKED
from ioc.indicators.declared import AGES, Indicator, Quantile, Rate, Words
from ioc.indicators.dossiers import DOSSIERS
from ioc.indicators.index766 import SERVICE
from ioc.indicators.papers import DOCUMENTS, TASKS
from ioc.indicators.rates import QUANTILES, RATES

__all__ = [
    "AGES", "BY_NAME", "INDICATORS", "QUANTILES", "QUANTILE_BY_NAME", "RATES", "RATE_BY_NAME", "RUNNING", "Indicator", "IndicatorError",
    "Quantile", "Rate", "Words", "rate", "unclosed_sums", "unknown", "with_rates",
]  # fmt: skip

INDICATORS = (*DOSSIERS, *AGEING, *CLOCKED, *SERVICE, *DOCUMENTS, *TASKS)
RUNNING = tuple(indicator for indicator in INDICATORS if indicator.running)  # what the meter keeps up to the second
BY_NAME = {indicator.name: indicator for indicator in INDICATORS}
RATE_BY_NAME = {rate.name: rate for rate in RATES}
QUANTILE_BY_NAME = {quantile.name: quantile for quantile in QUANTILES}


class IndicatorError(Exception):
    """Somebody asked for an indicator there is not; the message names it and the nearest ones."""


def unknown(name: str, known: Iterable[str] = ()) -> IndicatorError:
    """The error for a name nothing is declared by. `known`: names that would do beside the indicators, rates and quantiles."""
    names = {*BY_NAME, *RATE_BY_NAME, *QUANTILE_BY_NAME, *known}
    near = get_close_matches(name[:64], sorted(names), n=5, cutoff=0.4) or sorted(names)[:5]
    return IndicatorError(f"there is no indicator {name[:64]!r}; the nearest are {', '.join(near)}; docs/indicators.md lists them all")


def rate(parts: int, whole: int) -> float | None:
    """Per cent, half up to 2 decimals as the published tables round (bankers' rounding would print 9.3 where they print 9.31)."""
    if whole == 0:
        return None
    return float((Decimal(100 * parts) / Decimal(whole)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def with_rates(counts: Mapping[str, int]) -> dict[str, float | None]:
    """Counts of one unit and period, by indicator, completed with the rates."""
    full: dict[str, float | None] = dict(counts)
    for one in RATES:
        full[one.name] = rate(sum(counts[part] for part in one.parts), counts[one.whole])
    return full


def unclosed_sums(counts: Mapping[str, int]) -> list[str]:
    """The sums that must close (promise 2) and do not; each line shows its figures. `counts` are of one unit and one period."""
    c = counts
    sums: Sequence[tuple[str, int, int]] = (
        (
            "received + carried over = resolved + returned + in progress + waiting",
            c["dossiers_received"] + c["dossiers_carried_over"],
            c["dossiers_resolved"] + c["dossiers_returned"] + c["dossiers_in_progress"] + c["dossiers_waiting"],
        ),
        (
            "resolved = early + on time + late",
            c["dossiers_resolved"],
            c["dossiers_early"] + c["dossiers_on_time"] + c["dossiers_late"],
        ),
        ("in progress = within time + overdue", c["dossiers_in_progress"], c["dossiers_within_time"] + c["dossiers_overdue"]),
    )
    return [f"{name}: {left} is not {right}" for name, left, right in sums if left != right]
