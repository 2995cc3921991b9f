"""Rules and feeders name units; what they mean by a name follows the offices of the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from alerts.engine import Watch
from alerts.model import Rule, Severity, When
from ioc.calendar import WorkCalendar
from ioc.config import FeederConfig
from ioc.feeders import Feeder
from ioc.units import Level, Unit, UnitTree

DAY = date(2025, 7, 1)
BEFORE = DAY - timedelta(days=1)
TREE = UnitTree([
    Unit(code="p", name="Tỉnh", level=Level.PROVINCE),
    Unit(code="d", name="Huyện", level=Level.DISTRICT, parent="p", valid_to=DAY),
    Unit(code="a", name="Xã A", level=Level.COMMUNE, parent="d", valid_to=DAY, successors=("m",)),
    Unit(code="m", name="Xã M", level=Level.COMMUNE, parent="p", valid_from=DAY, valid_to=DAY + timedelta(days=9), alt_codes=("m1",)),
    Unit(code="m", name="Phường M", level=Level.COMMUNE, parent="p", valid_from=DAY + timedelta(days=9)),
])  # fmt: skip
RULE = Rule(name="r", title="t", title_en="t", when=When.OVERDUE, severity=Severity.P3, todo="x", owner="y", units=frozenset({"m1"}))


def test_a_rule_about_a_merged_unit_sees_what_it_took_over() -> None:
    watch = Watch(rules=[RULE], calendar=WorkCalendar(), tree=TREE)
    assert watch.scope(RULE, DAY) == frozenset({"m1", "m", "a"})
    assert watch.scope(replace(RULE, units=frozenset({"d"})), BEFORE) == frozenset({"d", "a", "m"}), (
        "a dossier re-coded already is not overlooked"
    )
    assert watch.scope(replace(RULE, units=frozenset({"d"})), DAY) == frozenset({"d"})
    assert watch.scope(replace(RULE, units=frozenset({"later"})), DAY) == frozenset({"later"}), "a unit a mapping may bring yet"
    assert watch.scope(replace(RULE, units=frozenset()), DAY) is None
    assert replace(watch, tree=None).scope(RULE, DAY) == frozenset({"m1"})


def test_a_unit_delivers_while_it_is_in_force_whatever_it_is_called() -> None:
    def delivering(units: object, day: date) -> tuple[str, ...]:
        given = FeederConfig(source="onestop", units=units)  # type: ignore[arg-type]
        return Feeder(given=given, title="Một cửa", slack=timedelta(0)).units(TREE, day)

    assert delivering(("a", "m1"), BEFORE) == ("a",)
    assert delivering(("a", "m1"), DAY) == ("m",)
    assert delivering(("a", "m1"), DAY + timedelta(days=30)) == ("m",)
    assert delivering("commune", BEFORE) == ("a",)
