"""Answers opened: JSON or not, envelopes of every kind, and errors that hide inside a 200."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.answer import Envelope, decode, error_code, inside, open_envelope
from collectors.http import judge, retry_after
from collectors.source import Refused, SourceError, Unavailable

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
ROWS = [{"MaHoSo": "1"}]


@pytest.mark.parametrize("body", [b'[{"MaHoSo": "1"}]', b'\xef\xbb\xbf[{"MaHoSo": "1"}]', b' \n[{"MaHoSo": "1"}]\r\n'])
def test_json_is_read_with_a_byte_order_mark_and_blanks_around_it(body: bytes) -> None:
    assert decode(body) == ROWS


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "the answer is empty"),
        (b"<html>" + b"x" * 1000, "the answer is not JSON: '<html>xxx"),
        (b"\xff\xfe\x00", "the answer is not JSON"),
        ('{"ChuHoSo": "Nguyễn Văn Thử'.encode(), "broken JSON at character"),
    ],
)
def test_what_is_no_json_is_said_shortly_and_broken_json_is_not_repeated(body: bytes, words: str) -> None:
    with pytest.raises(Unavailable) as error:
        decode(body)
    assert words in str(error.value)
    assert len(str(error.value)) < 140
    assert "Thử" not in str(error.value)


@pytest.mark.parametrize(
    ("value", "envelope"),
    [
        (ROWS, Envelope()),
        ({"data": ROWS}, Envelope()),
        ({"result": ROWS, "error_code": 0}, Envelope()),
        ({"items": ROWS}, Envelope()),
        ({"content": ROWS}, Envelope()),
        ({"data": {"items": ROWS, "total": 1}}, Envelope()),
        ({"Data": {"DanhSach": ROWS}}, Envelope(records="data.danhsach")),
    ],
)
def test_the_records_are_found_in_every_envelope(value: object, envelope: Envelope) -> None:
    assert open_envelope(value, envelope, ZONE).records == ROWS


@pytest.mark.parametrize("value", [{"data": None}, {"result": []}, []])
def test_no_records_are_no_error(value: object) -> None:
    assert open_envelope(value, Envelope(), ZONE).records == []


@pytest.mark.parametrize("value", [7, "text", None, {}, {"rows": ROWS}, {"data": {"rows": 3}}, {"data": "text"}])
def test_no_list_is_an_error(value: object) -> None:
    with pytest.raises(Unavailable):
        open_envelope(value, Envelope(), ZONE)


def test_total_next_and_as_of_are_read_where_they_are_declared() -> None:
    value = {"data": ROWS, "meta": {"tong": "7", "tiep": 12, "luc": "15/09/2026 10:00"}}
    answer = open_envelope(value, Envelope(total="meta.tong", next="meta.tiep", as_of="meta.luc"), ZONE)
    assert (answer.total, answer.next, answer.as_of) == (7, "12", datetime(2026, 9, 15, 3, tzinfo=UTC))
    plain = open_envelope({"data": ROWS, "totalRecords": 9}, Envelope(next="next"), ZONE)
    assert (plain.total, plain.next, plain.as_of) == (9, None, None)
    with pytest.raises(Unavailable, match=r"the answer's meta\.luc is 'hôm nay'"):
        open_envelope({"data": [], "meta": {"luc": "hôm nay"}}, Envelope(as_of="meta.luc"), ZONE)


@pytest.mark.parametrize("code", [0, "0", "OK", None, "", 0.0])
def test_these_codes_mean_that_all_is_well(code: object) -> None:
    assert error_code({"error_code": code}, Envelope()) is None
    assert error_code({}, Envelope()) is None


def test_every_other_code_is_an_error_of_the_declared_kind() -> None:
    value = {"error_code": -3, "message": "m" * 500}
    assert error_code(value, Envelope()) == "-3"
    later, person = inside("-3", value, Envelope()), inside("-3", value, Envelope(refused=frozenset({"-3"})))
    assert (type(later), type(person)) == (Unavailable, Refused)
    assert len(str(person)) < 250


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, Refused) for status in (301, 302, 400, 403, 404, 410)),
        *((status, Unavailable) for status in (408, 425, 429, 500, 503)),
    ],
)
def test_each_status_is_the_error_that_says_what_to_do(status: int, kind: type[SourceError]) -> None:
    with pytest.raises(kind) as error:
        judge(status, 9.0, "host/path")
    assert f"status {status}" in str(error.value)
    judge(204, None, "host/path")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120.0),
        ({"Retry-After": "Tue, 15 Sep 2026 03:02:00 GMT", "Date": "Tue, 15 Sep 2026 03:00:00 GMT"}, 120.0),
        ({"Retry-After": "Tue, 15 Sep 2026 02:00:00 GMT", "Date": "Tue, 15 Sep 2026 03:00:00 GMT"}, 0.0),
        ({"Retry-After": "Tue, 15 Sep 2026 03:02:00 GMT"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["data", "items", "next", "total", "as_of", "x"]), inner),
    max_leaves=10,
)


@given(JSON)
def test_no_answer_raises_anything_but_unavailable(value: Any) -> None:
    envelope = Envelope(next="next", as_of="as_of")
    try:
        assert isinstance(open_envelope(value, envelope, ZONE).records, list)
    except SourceError as error:
        assert isinstance(error, Unavailable)  # noqa: PT017  either way is right, nothing else is
    error_code(value, envelope)
