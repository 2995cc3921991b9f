"""The declared numbers. Each is one SQL predicate over one item judged at the instant `at`, or a ratio of two that are.

The same text counts all items (recount), counts a difference (meter), lists the items behind a number, and judges the past: only the
relation it is applied to changes. {since} and {until} bound it to a period. Rule: within a period a predicate may depend on `at`
only through `late_from <= at` and `soon_at <= at`, because these two columns are what the meter watches (CLOCKS in meter.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A count of the items for which `where` holds. With a period it counts within one; without, the stock at an instant."""

    name: str
    where: str

    @property
    def per_period(self) -> bool:
        return "{since}" in self.where


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """100 x the sum of `parts` / `whole`, per cent, rounded half up to 2 decimals; None when there is nothing to divide by."""

    name: str
    parts: tuple[str, ...]
    whole: str


DOSSIER = "kind = 'dossier'"
NEVER_RECEIVED = "state in ('submitted', 'refused')"
COUNTED = f"{DOSSIER} and not ({NEVER_RECEIVED})"
RECEIVED = f"{COUNTED} and received_at >= {{since}} and received_at < {{until}}"
CLOSED = f"{DOSSIER} and closed_at >= {{since}} and closed_at < {{until}}"
RESOLVED = f"{CLOSED} and state = 'done'"
WORKING = f"{DOSSIER} and state = 'working'"
MIRROR = "kind = 'mirror'"
DOCUMENT = "kind = 'document' and received_at >= {since} and received_at < {until}"
TASK = "kind = 'task' and state = 'working'"
TASK_DONE = "kind = 'task' and state = 'done' and closed_at >= {since} and closed_at < {until}"
LATE_NOW = "late_from <= at"
IN_TIME_NOW = "(late_from is null or late_from > at)"
SOON_NOW = "soon_at <= at and late_from > at"

INDICATORS = tuple(Indicator(name=name, where=where) for name, where in {
    "dossiers_received": RECEIVED,
    "dossiers_received_online": f"{RECEIVED} and channel = 'online'",
    "dossiers_carried_over": f"{COUNTED} and received_at < {{since}} and (closed_at is null or closed_at >= {{since}})",
    "dossiers_resolved": RESOLVED,
    "dossiers_early": f"{RESOLVED} and closed_at < early_before",
    "dossiers_on_time": f"{RESOLVED} and (late_from is null or closed_at >= early_before and closed_at < late_from)",
    "dossiers_late": f"{RESOLVED} and closed_at >= late_from",
    "dossiers_returned": f"{CLOSED} and state = 'withdrawn'",
    "dossiers_excluded": f"{DOSSIER} and {NEVER_RECEIVED} and received_at >= {{since}} and received_at < {{until}}",
    "dossiers_in_progress": WORKING,
    "dossiers_within_time": f"{WORKING} and {IN_TIME_NOW}",
    "dossiers_overdue": f"{WORKING} and {LATE_NOW}",
    "dossiers_due_soon": f"{WORKING} and {SOON_NOW}",
    "dossiers_undated": f"{WORKING} and late_from is null",
    "dossiers_waiting": f"{DOSSIER} and state = 'waiting'",
    "dossiers_rescheduled": f"{WORKING} and first_due_at is not null",
    "dossiers_with_fee": f"{RECEIVED} and ('fee' = any(traits) or 'paid_online' = any(traits))",
    "dossiers_paid_online": f"{RECEIVED} and 'paid_online' = any(traits)",
    "dossiers_digitised": f"{RECEIVED} and 'digitised' = any(traits)",
    "dossiers_reused": f"{RECEIVED} and 'reused' = any(traits)",
    "dossiers_electronic_result": f"{RESOLVED} and 'electronic_result' = any(traits)",
    "mirrors_received": f"{MIRROR} and not ({NEVER_RECEIVED}) and received_at >= {{since}} and received_at < {{until}}",
    "documents_in": f"{DOCUMENT} and not outgoing",
    "documents_out": f"{DOCUMENT} and outgoing",
    "documents_signed": f"{DOCUMENT} and outgoing and signed",
    "documents_open": "kind = 'document' and state = 'working'",
    "documents_urgent_open": "kind = 'document' and state = 'working' and urgency <> 'normal'",
    "documents_overdue": f"kind = 'document' and state = 'working' and {LATE_NOW}",
    "tasks_in_progress": TASK,
    "tasks_overdue": f"{TASK} and {LATE_NOW}",
    "tasks_due_soon": f"{TASK} and {SOON_NOW}",
    "tasks_done": TASK_DONE,
    "tasks_done_on_time": f"{TASK_DONE} and (late_from is null or closed_at < late_from)",
}.items())  # fmt: skip

RATES = (
    Rate(name="online_rate", parts=("dossiers_received_online",), whole="dossiers_received"),
    Rate(name="early_rate", parts=("dossiers_early",), whole="dossiers_resolved"),
    Rate(name="on_time_rate", parts=("dossiers_on_time",), whole="dossiers_resolved"),
    Rate(name="late_rate", parts=("dossiers_late",), whole="dossiers_resolved"),
    Rate(name="early_and_on_time_rate", parts=("dossiers_early", "dossiers_on_time"), whole="dossiers_resolved"),
    Rate(name="paid_online_rate", parts=("dossiers_paid_online",), whole="dossiers_with_fee"),
    Rate(name="dossiers_digitised_rate", parts=("dossiers_digitised",), whole="dossiers_received"),
    Rate(name="electronic_result_rate", parts=("dossiers_electronic_result",), whole="dossiers_resolved"),
    Rate(name="tasks_on_time_rate", parts=("tasks_done_on_time",), whole="tasks_done"),
    Rate(name="documents_signed_rate", parts=("documents_signed",), whole="documents_out"),
)

BY_NAME = {indicator.name: indicator for indicator in INDICATORS}
RATE_BY_NAME = {rate.name: rate for rate in RATES}


class IndicatorError(Exception):
    """Somebody asked for an indicator there is not; the message names it and the nearest ones."""


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
