"""How a source's answers no longer look as they did: told when it matters, not when a rare field is rare."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from collectors.drift import Drift, Refused, drifts, held_since, learned
from collectors.poll import PollReport
from ioc.hearing import KnownField

NINE = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)
DECLARED = frozenset({"code", "state", "due", "person.unit"})
Known = Mapping[str, KnownField]


def at(minute: int) -> datetime:
    return NINE + timedelta(minutes=minute)


def poll(minute: int, fields: str, read: int = 30, changed: int = 0) -> PollReport:
    return PollReport(
        source="onestop", started=at(minute), ended=at(minute), ok=True, read=read, changed=changed, fields=frozenset(fields.split())
    )


def after(*reports: PollReport, known: Known | None = None) -> Known:
    known = known or {}
    for each in reports:
        known = learned(known, each, DECLARED)
    return known


def test_what_the_first_read_brings_is_accepted_and_what_comes_later_is_noted() -> None:
    known = after(poll(0, "code state due"))
    assert drifts(known, ()) == ()
    later = after(poll(1, "code state due Extra"), known=known)
    assert drifts(later, ()) == (Drift(what="new_field", name="Extra", records=0, since=at(1)),)
    assert held_since(drifts(later, ())) is None, "a new field holds nothing back"


def test_the_same_fields_again_are_no_news_at_all() -> None:
    known = after(poll(0, "code state due"))
    assert learned(known, poll(1, "code state"), frozenset({"code", "state"})) is known
    assert learned(known, poll(1, "code state due"), DECLARED) is known
    assert learned(known, poll(1, "", read=0), DECLARED) is known


def test_a_declared_field_that_a_whole_poll_came_without_is_missing_since_then() -> None:
    known = after(poll(0, "code state due other"), poll(5, "code state"))
    (drift,) = drifts(known, ())
    assert drift == Drift(what="missing_field", name="due", records=30, since=at(5)), "`other` is not declared: nobody misses it"
    assert held_since([drift]) == at(5)
    assert drifts(after(poll(6, "code state due other"), known=known), ()) == ()


def test_small_polls_add_up_to_twenty_records_and_those_read_again_count_once() -> None:
    known = after(poll(0, "code state due"), *(poll(m, "code state", read=7, changed=7) for m in (1, 2)))
    assert drifts(known, ()) == ()
    assert [d.name for d in drifts(after(poll(3, "code state", read=7, changed=7), known=known), ())] == ["due"]
    idle = after(poll(0, "code state due"), *(poll(m, "code state", read=1, changed=0) for m in range(1, 100)))
    assert drifts(idle, ()) == (), "the last record, read again each time by overlap, proves nothing"


def test_a_field_that_is_rare_by_nature_is_soon_no_news() -> None:
    rare = after(poll(0, "code state due"), poll(1, "code state", read=40), poll(2, "code state due"))
    assert drifts(after(poll(3, "code state", read=100), known=rare), ()) == ()
    assert drifts(after(poll(3, "code state", read=120), known=rare), ()) != ()


def test_a_field_inside_an_object_and_another_case_are_the_declared_one() -> None:
    known = after(poll(0, "CODE state due person"), poll(1, "state due"))
    assert [d.name for d in drifts(known, ())] == ["CODE", "person"]


def test_codes_nobody_declared_are_told_by_field_and_code() -> None:
    codes = [
        Refused(reason="unknown code '11' for state (field TrangThaiHoSo); add it to [values.state]", records=30, since=at(3)),
        Refused(reason="unknown code '11' for state (field TrangThaiHoSo); add it to [values.state]", records=4, since=at(2)),
        Refused(reason="something else", records=1, since=at(4)),
    ]
    found = drifts({}, codes)
    assert [(d.what, d.name, d.records, d.since) for d in found] == [
        ("unknown_code", "TrangThaiHoSo: '11'", 34, at(2)),
        ("unknown_code", "something else", 1, at(4)),
    ]
    assert held_since(found) == at(2)


def test_an_accepted_field_is_no_drift() -> None:
    known = {"Extra": KnownField(first_at=NINE, last_at=NINE, accepted=True)}
    assert drifts(known, ()) == ()
