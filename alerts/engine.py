"""tick(): every rule against the facts, what follows stored. Called by the watch job, by one process at a time.

A rule that fails does not stop the others: it is logged, counted in a metric, and its alerts stay as they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import psycopg
import structlog

from alerts.conditions import holding
from alerts.evaluate import Change, evaluate
from alerts.model import Alert, AlertState, Rule
from alerts.store import open_alerts, save
from ioc.calendar import WorkCalendar
from ioc.db import Connection
from ioc.metrics import ALERTS, RULE_FAILED
from ioc.units import UnitTree

log = structlog.get_logger("ioc.alerts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What the rules are judged by. `tree` None: no unit catalogue, rules are not limited to subtrees."""

    rules: Sequence[Rule]
    calendar: WorkCalendar
    tree: UnitTree | None = None

    def scope(self, rule: Rule, day: date) -> frozenset[str] | None:
        """The units a rule is about on a day: those it names, with all that count at them or below. None: all there are."""
        if not rule.units or self.tree is None:
            return rule.units or None
        offices = self.tree.at(day)
        return rule.units.union(*(offices.counted(code) for code in rule.units if code in self.tree))


async def tick(db: Connection, watch: Watch, silent: frozenset[str], now: datetime) -> list[Alert]:
    """Evaluate all rules at `now`; returns what is firing, most serious first, then oldest."""
    before = await open_alerts(db)
    changes: list[Change] = []
    day = now.astimezone(watch.calendar.zone).date()
    for rule in watch.rules:
        mine = {alert.subject: alert for alert in before if alert.rule == rule.name}
        try:
            facts = await holding(db, rule, watch.scope(rule, day), now, watch.calendar)
        except psycopg.OperationalError:
            raise  # no database: nothing can be judged, the job says so
        except psycopg.Error as error:
            RULE_FAILED.labels(rule.name).inc()
            log.error("rule failed", rule=rule.name, error=str(error).splitlines()[0])
            continue
        changes += evaluate(rule, facts, mine, silent, now)
    changes += _orphans(before, {rule.name: rule for rule in watch.rules}, now)
    await save(db, changes, now)
    for change in changes:
        if change.what in ("fired", "resolved", "frozen", "thawed"):
            log.info(f"alert {change.what}", rule=change.alert.rule, subject=change.alert.subject, count=change.alert.count)
    after = await open_alerts(db)
    for state in (AlertState.PENDING, AlertState.FIRING):
        ALERTS.labels(state.value).set(sum(1 for alert in after if alert.state is state))
    firing = [alert for alert in after if alert.state is AlertState.FIRING]
    return sorted(firing, key=lambda alert: (alert.severity.value, alert.started_at, alert.subject))


def _orphans(before: list[Alert], rules: Mapping[str, Rule], now: datetime) -> list[Change]:
    """Alerts of rules that were taken out of the configuration end with them."""
    gone = [alert for alert in before if alert.rule not in rules]
    return [Change(alert=replace(a, state=AlertState.RESOLVED, resolved_at=now, checked_at=now), what="resolved") for a in gone]
