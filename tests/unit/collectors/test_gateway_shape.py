"""A dossier of the gateway made ready: every combination of its flags, its dates and its status is one state, or is refused."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.gateway_shape import LOOKS_AT, Signs, ready, state_of
from collectors.mapping import load
from collectors.prepared import Prepared
from collectors.source import BadItem
from ioc.model import Fault, Gone, Item, State, Trait, Way
from ioc.privacy import kept
from tests.contract.rigs.base import MAPPINGS, NOW

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
TOML = load(MAPPINGS / "lgsp.toml")
WORDS = TOML.fields["state"].values or {}
MAPPING = Prepared(mapping=TOML, prepare=partial(ready, words=WORDS), looks_at=LOOKS_AT)
ENDED, ASKED = {"finishedDate": "2026/09/14 09:00:00"}, {"hasSupplementary": True, "requireSupplementaryDate": "2026/09/07 08:00:00"}


def document(**changes: Any) -> dict[str, Any]:
    return {
        "docCode": "H99.14-1",
        "docTypeName": "Cấp đổi Giấy chứng nhận",
        "citizenName": "Nguyễn Văn Thử",
        "dateReceived": "2026/09/01 08:30:00",
        "dateAppointed": "2026/09/20 17:00:00",
        "processingOrganName": "H99.14",
        **changes,
    }


def read(**changes: Any) -> Item:
    item = MAPPING.read(document(**changes), NOW)
    assert not isinstance(item, Gone)
    return item


def expected(success: bool | None, returned: bool | None, ended: bool, supplement: str) -> State | None:
    """The table of domain.md 1.2 in other words: what the flags alone mean; None where they contradict each other."""
    if success:
        return State.DONE if ended and supplement != "open" else None
    if returned:
        return State.WITHDRAWN if ended else None
    if ended:
        return None
    return State.WAITING if supplement in ("open", "unanswered") else State.WORKING


SUPPLEMENTS: dict[str, dict[str, Any]] = {
    "none": {},
    "open": {"asked": True, "brought": False},
    "brought": {"asked": True, "brought": True},
    "unanswered": {"asked": True},
}


def combinations() -> Iterator[tuple[Signs, State | None]]:
    """All signs there are, each with what it means."""
    for success, returned, ended, supplement in product((None, False, True), (None, False, True), (False, True), SUPPLEMENTS):
        signs = Signs(success=success, returned=returned, ended=ended, **SUPPLEMENTS[supplement])
        yield signs, expected(success, returned, ended, supplement)


def judged(signs: Signs, said: State | None) -> State | None:
    """The state, or None for what is refused as contradicting itself."""
    try:
        return state_of(signs, said)
    except BadItem as error:
        return None if "contradict each other for state; correct it at the source" in str(error) else State(str(error))


def test_every_combination_of_flags_is_one_state_or_refused() -> None:
    wrong = [(signs, state) for signs, state in combinations() if judged(signs, None) is not state]
    assert wrong == []


def test_a_status_is_never_overruled_only_refused() -> None:
    for (signs, _), said in product(combinations(), State):
        assert judged(signs, said) in (None, said)


def test_a_status_that_the_flags_deny_is_refused() -> None:
    for (signs, _), said in product(combinations(), State):
        denied = (
            (signs.success and said is not State.DONE)
            or (signs.success is False and said is State.DONE)
            or (signs.ended and not said.closed)
            or (signs.returned and not said.closed)
        )
        if denied:
            assert judged(signs, said) is None, (signs, said)


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"isSuccess": False, "isReturned": False}, State.WORKING),
        ({"isSuccess": "0", "isReturned": "0"}, State.WORKING),
        ({"isSuccess": True, **ENDED}, State.DONE),
        ({"isSuccess": "true", "isReturned": "true", "successDate": "2026/09/14 09:00:00"}, State.DONE),
        ({"isSuccess": False, "isReturned": True, "returnedDate": "2026/09/14 09:00:00"}, State.WITHDRAWN),
        ({"isSuccess": False, **ASKED}, State.WAITING),
        ({"status": "processing", "isSuccess": False, **ASKED}, State.WORKING),
        ({"status": "paying", "isSuccess": False}, State.WAITING),
        ({"status": "cancelled", "isSuccess": False, "isReturned": False, **ENDED}, State.WITHDRAWN),
        ({"status": "denied", "isSuccess": False, **ENDED}, State.REFUSED),
        ({"status": "new", "isSuccess": False}, State.SUBMITTED),
        ({"status": "done", "isSuccess": True, "isReturned": True, **ENDED}, State.DONE),
        ({"status": "releasing", **ENDED}, State.DONE),
    ],
)
def test_what_systems_send_becomes_its_state(facts: dict[str, Any], state: State) -> None:
    assert read(**facts).state is state


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"isSuccess": True}, "isSuccess true and no finishedDate or successDate"),
        ({"isSuccess": True, "status": "processing", **ENDED}, "isSuccess true and status working"),
        ({"isSuccess": False, "status": "done", **ENDED}, "isSuccess false and status done"),
        ({"isSuccess": False, **ENDED}, "a date of an end and neither isSuccess nor isReturned"),
        ({"isReturned": True, "isSuccess": False}, "isReturned true and no finishedDate or returnedDate"),
        ({"status": "processing", **ENDED}, "a date of an end and status working"),
        ({"status": "processing", **ASKED, "supplementaries": [{"requireDate": "2026/09/07 08:00:00"}]}, "a supplement still required"),
        ({"hasSupplementary": True}, "hasSupplementary true without requireSupplementaryDate"),
        ({"isSuccess": False, **ASKED, "hasSupplementary": False}, "hasSupplementary false with requireSupplementaryDate"),
        ({"isSuccess": "maybe"}, "unknown code 'maybe' for state (field isSuccess)"),
        ({"status": "abc", "isSuccess": False}, "unknown code 'abc' for state (field status)"),
        ({}, "missing state (field status)"),
        ({"status": "processing", "requireSupplementaryDate": "31/02/2026"}, "impossible date '31/02/2026'"),
        ({"status": "processing", "supplementaries": "none"}, "list of rows is expected (field supplementaries)"),
    ],
)
def test_what_contradicts_itself_is_refused_with_the_two_that_do(facts: dict[str, Any], words: str) -> None:
    with pytest.raises(BadItem) as caught:
        read(**facts)
    assert words in str(caught.value)


def test_an_unknown_status_is_a_change_of_words_and_not_a_wrong_value() -> None:
    with pytest.raises(BadItem) as caught:
        read(status="abc")
    assert caught.value.fault is Fault.CODE


def test_supplements_are_pauses_with_or_without_rows() -> None:
    rows = [{"requireDate": "2026/09/03 08:00:00", "receiveDate": "2026/09/04 08:00:00"}, {"requireDate": "2026/09/07 08:00:00"}]
    assert [pause.until is None for pause in read(isSuccess=False, **ASKED, supplementaries=rows).pauses] == [False, True]
    (alone,) = read(isSuccess=False, **ASKED).pauses
    assert (alone.since.isoformat(), alone.until) == ("2026-09-07T01:00:00+00:00", None)
    assert read(isSuccess=False, **ASKED).happened_at == alone.since
    assert read(status="processing", **ASKED).pauses == ()


def test_channel_fees_and_payment_are_read_where_they_are_sent() -> None:
    item = read(status="processing", receptionForm="2", docFees=[{"amount": 5, "paidOnline": False}, {"amount": 5, "paidOnline": True}])
    assert (item.channel, item.traits) == (Way.ONLINE, {Trait.FEE, Trait.PAID_ONLINE})
    assert (read(status="processing").channel, read(status="processing").traits) == (Way.COUNTER, frozenset())


def test_what_quarantine_keeps_of_a_record_is_enough_to_read_it_again_and_names_nobody() -> None:
    record = document(isSuccess=False, **ASKED, docFees=[{"amount": 5, "paidOnline": "1", "payer": "Nguyễn Văn Thử"}])
    held = kept(record, MAPPING.declared)
    assert MAPPING.read(held, NOW) == MAPPING.read(record, NOW)
    assert "Thử" not in repr(held)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(sorted({name.split(".")[-1] for name in MAPPING.declared} | {name.split(".")[0] for name in MAPPING.declared}))
VALUES = st.sampled_from(["2026/09/01 08:30:00", "2026/13/01", "", "true", "0", True, False, *WORDS])
ROWS = st.lists(st.dictionaries(NAMES, JSON | VALUES, max_size=4), max_size=3)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, JSON | VALUES | ROWS, max_size=12))
def test_whatever_a_record_holds_only_a_bad_item_leaves_it(record: dict[str, Any]) -> None:
    result = MAPPING.read_all([record, document(**record)], NOW)
    assert len(result.items) + len(result.bad) == 2
    assert all(len(row.reason) < 400 for row in result.bad)
