"""The alerts' life, decided without a database: pending -> firing -> resolved, frozen while a source is silent. Pure.

Called by the engine with what holds now and what was open before. Evaluating twice at one instant changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from alerts.model import Alert, AlertState, Fact, Rule

GOOD_ENOUGH = 2  # evaluations in a row without it before an alert resolves: one lucky look is not recovery

What = Literal["opened", "fired", "count", "frozen", "thawed", "resolved", "checked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An alert as it is from now on, and what happened to it ("checked": nothing worth a line in the log)."""

    alert: Alert
    what: What


def evaluate(rule: Rule, facts: Iterable[Fact], before: Mapping[str, Alert], silent: frozenset[str], now: datetime) -> list[Change]:
    """What becomes of the alerts of one rule. `before`: its open alerts by subject; `silent`: sources not heard from."""
    holding = {fact.subject: fact for fact in facts}
    changes = []
    for subject in sorted(holding.keys() | before.keys()):
        fact, alert = holding.get(subject), before.get(subject)
        if fact is not None:
            changes += _holds(rule, fact, alert, silent, now)
        elif alert is not None:
            changes.append(_not_holding(alert, silent, now))
    return changes


def _holds(rule: Rule, fact: Fact, alert: Alert | None, silent: frozenset[str], now: datetime) -> list[Change]:
    changes = []
    if alert is None:
        alert = Alert(
            rule=rule.name, subject=fact.subject, severity=rule.severity, state=AlertState.PENDING, count=fact.count,
            started_at=fact.since, checked_at=now, sources=fact.sources, oldest_from=fact.oldest_from,
        )  # fmt: skip
        changes.append(Change(alert=alert, what="opened"))
    frozen = bool(fact.sources & silent)
    what: What = "checked"
    if alert.count != fact.count:
        what = "count"
    if alert.frozen != frozen:
        what = "frozen" if frozen else "thawed"
    alert = replace(
        alert,
        count=fact.count,
        sources=fact.sources,
        oldest_from=fact.oldest_from,
        frozen=frozen,
        good=0,
        checked_at=now,
        severity=rule.severity,
    )
    if alert.state is AlertState.PENDING and now - alert.started_at >= rule.hold:
        alert, what = replace(alert, state=AlertState.FIRING, fired_at=now), "fired"
    changes.append(Change(alert=alert, what=what))
    return changes


def _not_holding(alert: Alert, silent: frozenset[str], now: datetime) -> Change:
    if alert.sources & silent:
        what: What = "checked" if alert.frozen else "frozen"
        return Change(alert=replace(alert, frozen=True, good=0, checked_at=now), what=what)
    alert = replace(alert, frozen=False, good=alert.good + 1, checked_at=now)
    if alert.good >= GOOD_ENOUGH or alert.state is AlertState.PENDING:
        return Change(alert=replace(alert, state=AlertState.RESOLVED, resolved_at=now), what="resolved")
    return Change(alert=alert, what="checked")
