"""[[rule]] tables become rules, or an error that names rule, key, value and remedy."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from alerts.model import RuleError, When, rules
from ioc.model import Kind, Term, TermUnit

GOOD = {"name": "late", "title": "Quá hạn", "when": "overdue", "severity": "P2", "todo": "Gọi đơn vị", "owner": "Trực ban"}


def test_a_rule_is_read_with_its_defaults() -> None:
    (rule,) = rules([GOOD | {"term": "2 working days", "for": 60, "at_least": 5}])
    assert (rule.when, rule.kind, rule.at_least, rule.hold) == (When.OVERDUE, Kind.DOSSIER, 5, timedelta(minutes=1))
    assert rule.term == Term(amount=2, unit=TermUnit.WORKING_DAYS)
    assert rule.title_en == "Quá hạn"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"tilte": "x"}, ["tilte", "did you mean 'title'"]),
        ({"todo": " "}, ["todo", "missing"]),
        ({"owner": ""}, ["owner", "missing"]),
        ({"when": "overdu"}, ["when = 'overdu'", "overdue, due_within"]),
        ({"severity": "P9"}, ["'P9'", "P1, P2, P3"]),
        ({"when": "due_within"}, ["term", "missing"]),
        ({"term": "soon"}, ["'soon'", "working days"]),
        ({"term": "0 working days"}, ["more than 0"]),
        ({"at_least": 0}, ["at_least = 0"]),
        ({"at_least": True}, ["at_least = True"]),
        ({"for": "5m"}, ["'5m'", "seconds"]),
        ({"kind": "dosier"}, ["'dosier'", "dossier, document, task"]),
        ({"units": ["U99"]}, ["'U99'", "unit catalogue"]),
        ({"when": "silent", "at_least": 2}, ["at_least", "says nothing where when = 'silent'"]),
        ({"when": "drift", "units": ["U01"]}, ["units", "says nothing where when = 'drift'"]),
    ],
)
def test_a_bad_rule_says_what_is_wrong_and_what_to_do(wrong: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(RuleError) as caught:
        rules([GOOD | wrong], known_units=frozenset({"U01"}))
    assert "rule 'late'" in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(RuleError, match="used twice"):
        rules([GOOD, GOOD])
