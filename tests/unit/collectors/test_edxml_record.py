"""What an envelope and its status become: an item in or out, one that is gone, or nothing because it is restricted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from collectors.edxml.envelope import Envelope, Trace
from collectors.edxml.record import Line, Secrecy, Step, code_of, end_of, is_ours, line_of, records
from collectors.edxml.settings import LEVELS, MARKS, NO_SECRET
from collectors.mapping import load
from collectors.source import BadItem
from ioc.model import Fault, Gone, Item, Kind, State, Urgency
from tests.contract.rigs.base import MAPPINGS

NOW = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)
OURS = ("H99",)
MAPPING = load(MAPPINGS / "edxml.toml")
SECRECY = Secrecy(names=LEVELS, open=NO_SECRET, marks=MARKS)
INCOMING = Envelope(
    document_id="G22,2026/09/10,12/CV",
    sender="G22",
    receivers=("H98.01", "H99.02"),
    due="2026/09/20",
    priority="2",
    type_name="Công văn",
    traces=(
        Trace(organ="G22", time="2026/09/10 08:00:00"),
        Trace(organ="000.00.02.H99", time="2026/09/10 08:05:00"),
        Trace(organ="H98", time="2026/09/10 08:09:00"),
    ),
    signed=True,
)
LINE = Line(number="1", status="05", created="2026/09/10 09:00:00", updated="2026/09/11 10:00:00")


def changed(envelope: Envelope, **values: Any) -> Envelope:
    return Envelope(**{name: getattr(envelope, name) for name in envelope.__slots__} | values)


def line(status: str) -> Line:
    return Line(number="1", status=status, created=LINE.created, updated=LINE.updated)


def read(envelope: Envelope, status: str = "05", history: tuple[Step, ...] = ()) -> list[Item | Gone]:
    found = MAPPING.read_all(list(records(envelope, line(status), history, OURS)), NOW)
    assert not found.bad, found.bad
    return found.items


def test_a_document_that_came_in_is_an_item_of_the_office_it_came_to() -> None:
    (item,) = read(INCOMING)
    assert isinstance(item, Item)
    assert (item.code, item.unit, item.kind, item.outgoing) == ("G22,2026/09/10,12/CV", "H99.02", Kind.DOCUMENT, False)
    assert (item.state, item.urgency, item.signed, item.field) == (State.WORKING, Urgency.VERY_URGENT, True, "Công văn")
    assert item.received_at == datetime(2026, 9, 10, 1, 5, tzinfo=UTC)  # when it reached us, not the next one
    assert item.due_at == datetime(2026, 9, 20, 16, 59, 59, tzinfo=UTC)
    assert item.happened_at == datetime(2026, 9, 11, 3, 0, tzinfo=UTC)


def test_a_document_that_went_out_is_done_when_it_was_sent() -> None:
    out = changed(INCOMING, sender="000.00.05.H99", receivers=("G22",))
    (item,) = read(out, "04")
    assert isinstance(item, Item)
    assert (item.unit, item.outgoing, item.state) == ("000.00.05.H99", True, State.DONE)
    assert item.received_at == item.closed_at == datetime(2026, 9, 10, 1, 0, tzinfo=UTC)
    (refused,) = read(out, "02")
    assert isinstance(refused, Item)
    assert refused.state is State.REFUSED


@pytest.mark.parametrize(
    ("status", "state"),
    [("01", State.WORKING), ("03", State.WORKING), ("04", State.WORKING), ("05", State.WORKING), ("02", State.REFUSED),
     ("06", State.DONE), ("13", State.WORKING), ("16", State.WORKING)],
)  # fmt: skip
def test_each_status_of_the_standard_is_one_of_our_states(status: str, state: State) -> None:
    (item,) = read(INCOMING, status)
    assert isinstance(item, Item)
    assert item.state is state


def test_a_status_the_standard_does_not_have_is_refused() -> None:
    for sender in ("G22", "H99.01"):
        found = MAPPING.read_all(list(records(changed(INCOMING, sender=sender), line("14"), (), OURS)), NOW)
        assert [row.fault for row in found.bad] == [Fault.CODE]


def test_an_urgency_nobody_declared_is_refused() -> None:
    found = MAPPING.read_all(list(records(changed(INCOMING, priority="9"), LINE, (), OURS)), NOW)
    assert [(row.fault, row.code) for row in found.bad] == [(Fault.CODE, INCOMING.document_id)]
    (item,) = read(changed(INCOMING, priority=""))
    assert isinstance(item, Item)
    assert item.urgency is Urgency.NORMAL


def test_done_counts_from_the_step_that_says_so() -> None:
    steps = (Step(status="05", time="2026/09/10 10:00:00"), Step(status="06", time="2026/09/10 16:00:00"))
    (item,) = read(INCOMING, "06", steps)
    (without,) = read(INCOMING, "06")
    assert isinstance(item, Item)
    assert isinstance(without, Item)
    assert item.closed_at == datetime(2026, 9, 10, 9, 0, tzinfo=UTC)
    assert without.closed_at == datetime(2026, 9, 11, 3, 0, tzinfo=UTC)  # the list's last change


@pytest.mark.parametrize("asked", ["13", "16"])
def test_during_the_dialogue_of_taking_back_the_handling_stands_where_it_stood(asked: str) -> None:
    steps = tuple(Step(status=status, time="2026/09/10 10:00:00") for status in ("03", "06", asked))
    (item,) = read(INCOMING, asked, steps)
    assert isinstance(item, Item)
    assert item.state is State.DONE


def test_a_taking_back_that_was_agreed_to_is_gone() -> None:
    assert read(INCOMING, "15") == [Gone(code=INCOMING.document_id, happened_at=datetime(2026, 9, 11, 3, 0, tzinfo=UTC))]


def test_a_recall_takes_back_what_it_names_once_it_is_agreed_to() -> None:
    recall = changed(INCOMING, document_id="G22,2026/09/11,13/CV", business="1", replaces=(INCOMING.document_id,))
    assert read(recall, "13") == []
    assert read(recall, "16") == []
    assert [gone.code for gone in read(recall, "15")] == [INCOMING.document_id]
    of_itself = changed(INCOMING, business="1")
    assert [gone.code for gone in read(of_itself, "15")] == [INCOMING.document_id]


@pytest.mark.parametrize("business", ["2", "3"])
def test_an_update_or_a_replacement_takes_the_place_of_the_older_document(business: str) -> None:
    newer = changed(INCOMING, document_id="G22,2026/09/11,13/CV", business=business, replaces=(INCOMING.document_id,))
    gone, item = read(newer, "03")
    assert (gone.code, item.code) == (INCOMING.document_id, newer.document_id)
    assert [type(each) for each in read(newer, "16")] == [Item]  # refused: the older one stands
    assert [type(each) for each in read(newer, "15")] == [Gone, Item]
    same = changed(newer, document_id=INCOMING.document_id)
    assert [each.code for each in read(same, "03")] == [INCOMING.document_id]


def test_without_traces_the_list_says_when_it_came() -> None:
    (item,) = read(changed(INCOMING, traces=()))
    assert isinstance(item, Item)
    assert item.received_at == datetime(2026, 9, 10, 2, 0, tzinfo=UTC)


def test_a_document_to_none_of_ours_names_the_first_it_went_to() -> None:
    (item,) = read(changed(INCOMING, receivers=("H98.01", "H97")))
    assert isinstance(item, Item)
    assert item.unit == "H98.01"
    found = MAPPING.read_all(list(records(changed(INCOMING, receivers=()), LINE, (), OURS)), NOW)
    assert [row.fault for row in found.bad] == [Fault.MISSING]


def test_organs_are_ours_in_both_ways_of_writing() -> None:
    assert all(is_ours(organ, ("H22", "G01.03")) for organ in ("H22", "H22.1.2", "000.00.01.H22", "G01.03", "G01.03.7"))
    assert not any(is_ours(organ, ("H22",)) for organ in ("H221", "H2", "000.00.01.H221", "", "G01.H22.1"))


def test_a_code_too_long_is_shortened_by_a_stated_rule() -> None:
    long = "000.00.01.H99,2026/09/10,123/" + "Đ" * 60
    code = code_of(long)
    assert (len(code), code[:47], code[47]) == (64, long[:47], "~")
    assert code == code_of(long) != code_of(long + "x")
    assert code_of(" G22,2026/09/10,1/CV ") == "G22,2026/09/10,1/CV"


@pytest.mark.parametrize(
    ("text", "end"),
    [("2026/09/20", "2026/09/20 23:59:59"), ("2026-09-20", "2026-09-20 23:59:59"), ("20/9/2026", "20/9/2026 23:59:59"),
     ("2026/09/20 11:00:00", "2026/09/20 11:00:00"), ("", ""), ("sớm", "sớm")],
)  # fmt: skip
def test_a_deadline_that_is_a_day_lasts_until_its_end(text: str, end: str) -> None:
    assert end_of(text) == end


@pytest.mark.parametrize(
    "values",
    [
        {"secrecy": ("Mật",)},
        {"secrecy": ("tối mật",)},
        {"secrecy": ("0", "2")},
        {"secrecy": ("một mức chưa biết",)},  # whatever is not declared open is restricted
        {"notation": "BC-UBND-M"},
        {"number": "12", "notation": "TM/TU"},
        {"number": "12/TuM", "notation": "BC"},
        {"notation": "CV (MẬT)"},
        {"notation": "CV-Tối mật"},
        {"document_id": "H99,2026/09/10,12/BC-M"},
    ],
)
def test_a_restricted_document_is_known_by_level_or_by_notation(values: dict[str, Any]) -> None:
    assert SECRECY.hides(changed(INCOMING, **values))


@pytest.mark.parametrize(
    "values", [{}, {"secrecy": ("0",)}, {"secrecy": ("Thường", "")}, {"notation": "CV-BMT"}, {"notation": "QĐ-TTg"}, {"notation": "TMĐT"}]
)
def test_an_open_document_is_not_taken_for_a_restricted_one(values: dict[str, Any]) -> None:
    assert not SECRECY.hides(changed(INCOMING, **values))


def test_a_list_that_tells_the_level_already_is_believed() -> None:
    assert SECRECY.hides_line({"docId": "1", "doMat": "Mật"})
    assert SECRECY.hides_line({"docId": "1", "doMat": {"any": "thing"}})
    assert not SECRECY.hides_line({"docId": "1", "doMat": "0", "title": "Mật"})
    assert not SECRECY.hides_line({"docId": "1", "doMat": None}, "1")
    assert SECRECY.hides_line({}, "H99.01,2026/09/10,12/BC-M")


def test_a_line_without_a_number_is_named() -> None:
    names = {"number": "docId", "status": "status", "created": "created", "updated": "updated"}
    assert line_of({"DocId": 7, "status": "01"}, names) == Line(number="7", status="01")
    with pytest.raises(BadItem, match="missing docId"):
        line_of({"status": "01"}, names)
