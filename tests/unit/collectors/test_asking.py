"""Questions to systems of the kind `rest`, and their answers: whatever comes back, only the named errors leave the reading of it."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.answer import decode, error_code, inside, open_envelope
from collectors.asking import question
from collectors.pages import page_of
from collectors.rest_settings import RestSettings
from collectors.source import Refused, SourceError, Unavailable
from collectors.walk import Place, Route, Seen, step
from tests.unit.collectors.test_mapping import EXAMPLES, load

NOW = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
URL = "https://a.example.invalid/api"
MAPPING = load(next(path for path in EXAMPLES if path.stem == "onestop"))


def asked(place: Place, **options: Any) -> Any:
    settings = RestSettings(**{"url": URL, "updated": "CapNhat", **options})
    settings.check("sut")
    return question(settings, place, NOW, VIETNAM)


def test_the_query_says_where_from_when_on_and_how_much() -> None:
    place = Place(mark="9", asked="20260914000000", page=3, size=50, skip=100)
    assert asked(place, params={"donVi": "SXD"}).params == {"donVi": "SXD", "since": "20260914000000", "page": "3", "size": "50"}
    assert asked(place, paging="offset").params["offset"] == "100"
    assert asked(place, page_param="pageIndex", first_page=0).params["pageIndex"] == "2"
    assert asked(place, updated="").params == {"page": "3", "size": "50"}


def test_a_time_is_asked_for_in_the_declared_shape_and_a_mark_that_is_no_time_as_it_is() -> None:
    options = {"since_format": "%d/%m/%Y", "until_param": "den"}
    told = asked(Place(asked="20260914070000", page=1, size=5), **options).params
    assert (told["since"], told["den"]) == ("14/09/2026", "15/09/2026")
    assert asked(Place(asked="4711", page=1, size=5), **options).params["since"] == "4711"
    assert asked(Place(page=1, size=5), first_since="01/01/2020").params["since"] == "01/01/2020"
    assert "since" not in asked(Place(page=1, size=5)).params


def test_what_stands_in_the_address_is_escaped_and_not_sent_twice() -> None:
    told = asked(Place(asked="14/09/2026 07:00", page=2, size=5), url=URL + "/{since}/{page}", first_since="01/01/2020")
    assert told.url == URL + "/14%2F09%2F2026%2007%3A00/2"
    assert told.params == {"size": "5"}


def test_a_search_has_its_own_body_each_time() -> None:
    body = {"loc": {"donVi": "SXD"}}
    first, second = (asked(Place(page=n, size=5), method="POST", body=body, page_param="loc.trang", size_param="") for n in (1, 2))
    assert (first.json, second.json) == ({"loc": {"donVi": "SXD", "trang": 1}}, {"loc": {"donVi": "SXD", "trang": 2}})
    assert body == {"loc": {"donVi": "SXD"}}


@pytest.mark.parametrize(
    ("told", "onward"),
    [
        ("/api?trang=2", "https://a.example.invalid/api?trang=2"),
        ("?trang=2", "https://a.example.invalid/api?trang=2"),
        ("https://a.example.invalid/khac", "https://a.example.invalid/khac"),
        ("http://a.example.invalid/api", None),
        ("https://a.example.invalid:8443/api", None),
        ("//b.example.invalid/api", None),
        ("https://a.example.invalid@b.example.invalid/", None),
        ("https://user@a.example.invalid/", None),
        ("file:///etc/passwd", None),
        ("http://[", None),
    ],
)
def test_the_next_page_is_followed_on_the_same_host_only(told: str, onward: str | None) -> None:
    place = Place(page=2, size=5, token=told)
    if onward is None:
        with pytest.raises(Refused):
            asked(place, paging="url")
    else:
        assert asked(place, paging="url").url == onward


ENVELOPES = ["data", "Items", "tongSo", "totalRecords", "next", "thoiDiem", "error_code", "message", "CapNhat", "MaHoSo"]
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.just("20260914000000"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(ENVELOPES), inner),
    max_leaves=12,
)
WAYS = [
    {}, {"paging": "next", "next": "next"}, {"paging": "url", "next": "=data.next"}, {"records": "=data[].Items[]", "total": "tongSo"},
    {"records": "data.items", "as_of": "=thoiDiem || data.thoiDiem"}, {"updated": "=max([CapNhat, MaHoSo])"},
]  # fmt: skip


@given(st.sampled_from(WAYS), JSON, st.booleans())
def test_whatever_is_answered_only_named_errors_leave_the_walk(options: dict[str, Any], value: Any, ordered: bool) -> None:
    settings = RestSettings(**{"url": URL, "updated": "CapNhat", "ordered": ordered, **options})
    route = Route(size=2, longest=8, overlap=1.0, since=settings.since, ordered=ordered, zone=VIETNAM)
    with suppress(SourceError):
        if code := error_code(value, settings.envelope):
            raise inside(code, value, settings.envelope)
        answer = open_envelope(value, settings.envelope, VIETNAM)
        page = page_of(answer, MAPPING, settings.updated)
        following, cursor, _ = step(route, route.begin(Place(), NOW), page, Seen(), NOW)
        assert Place.of(cursor.text()) == cursor
        question(settings, following or cursor, NOW, VIETNAM)
        MAPPING.read_all(answer.records, NOW)


@given(st.binary(max_size=60) | JSON.map(lambda value: repr(value).encode("utf-8", "replace")))
def test_whatever_bytes_come_they_are_json_or_unavailable(body: bytes) -> None:
    with suppress(Unavailable):
        decode(body)


@given(st.text(max_size=60) | st.sampled_from(['{"page": true}', '{"numbered": 1}', '{"skip": -3}', '{"size": 1e9}', '{"mark": null}']))
def test_whatever_a_cursor_holds_a_walk_begins(text: str) -> None:
    assert Route(size=2, longest=8, overlap=1.0, since=True, ordered=True, zone=VIETNAM).begin(Place.of(text), NOW).page
