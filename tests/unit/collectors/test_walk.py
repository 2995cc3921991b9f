"""The walk over a department's list, against a model of a server: whatever happens between two pages, nothing is missed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.source import Unavailable
from collectors.walk import Page, Place, Route, Seen, step

NOW = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def route(**changes: object) -> Route:
    values = {"size": 3, "longest": 12, "overlap": 0.0, "since": True, "ordered": True, "zone": VIETNAM, **changes}
    return Route(**values)  # type: ignore[arg-type]


@dataclass(slots=True)
class Server:
    """Codes and their last change, a whole number; answers as a department does, with pages no longer than `cap`."""

    changes: dict[str, int]
    cap: int = 1000
    states_total: bool = False
    log: list[tuple[str, int]] = field(default_factory=list)  # (asked, page) where a test wants to see them

    def page(self, place: Place) -> tuple[list[tuple[str, int]], Page]:
        match = sorted(
            ((code, changed) for code, changed in self.changes.items() if changed >= int(place.asked or 0)),
            key=lambda pair: (pair[1], pair[0]),
        )
        size = min(place.size, self.cap)
        rows = match[(place.page - 1) * size : place.page * size]
        changes = [str(changed) for _, changed in rows]
        keys = frozenset((code, str(changed)) for code, changed in rows)
        return rows, Page(changes=changes, keys=keys, total=len(match) if self.states_total else None)

    def touch(self, code: str) -> None:
        self.changes[code] = max(self.changes.values()) + 1


def walk(server: Server, cursor: str, way: Route, touched: list[str], stop: int = 10_000) -> tuple[dict[str, int], str]:
    """Read to the end, one record touched after each page, or until `stop` pages; what was read and the cursor then."""
    read: dict[str, int] = {}
    onward: Place | None = way.begin(Place.of(cursor), NOW)
    seen = Seen()
    for pages in range(10_000):
        if onward is None or pages >= stop:
            return read, cursor
        rows, page = server.page(onward)
        onward, place, seen = step(way, onward, page, seen, NOW)
        read.update(rows)
        cursor = place.text()
        if touched:
            server.touch(touched.pop())
    raise AssertionError("the walk does not end")


CODES = [f"h{n:02}" for n in range(40)]
LISTS = st.dictionaries(st.sampled_from(CODES), st.integers(1, 12), min_size=1, max_size=40)


@settings(max_examples=300, deadline=None)
@given(
    LISTS,
    st.integers(1, 7),
    st.sampled_from([1000, 4, 3]),
    st.booleans(),
    st.lists(st.sampled_from(CODES), max_size=8),
    st.integers(0, 9),
)
def test_nothing_is_missed_whatever_changes_and_wherever_it_stops(
    changes: dict[str, int], size: int, cap: int, states_total: bool, touched: list[str], stop: int
) -> None:
    server = Server(dict(changes), cap=cap, states_total=states_total)
    touched = [code for code in touched if code in changes]
    still = not touched
    way = route(size=size)
    first, cursor = walk(server, "", way, touched, stop)
    second, cursor = walk(server, cursor, way, [])
    third, cursor = walk(server, cursor, way, [])
    read = {**first, **second, **third}
    together = max(sum(1 for v in changes.values() if v == each) for each in changes.values())
    if still or together < min(way.longest, cap):
        assert read == server.changes
    assert Place.of(cursor).mark == str(max(server.changes.values()))


def test_a_walk_ends_with_the_mark_alone() -> None:
    _, cursor = walk(Server({"a": 1, "b": 2}), "", route(), [])
    assert Place.of(cursor) == Place(mark="2")


def test_with_a_stated_total_one_answer_is_enough() -> None:
    page = Page(changes=["1", "2"], keys=frozenset({("a", "1"), ("b", "2")}), total=2)
    assert step(route(), route().begin(Place(), NOW), page, Seen(), NOW)[:2] == (None, Place(mark="2"))


def test_the_next_poll_asks_a_little_before_the_mark_in_the_servers_own_shape() -> None:
    way = route(overlap=2.0)
    assert way.begin(Place(mark="15/09/2026 00:00:01"), NOW).asked == "14/09/2026 23:59:59"
    assert way.begin(Place(mark="4711"), NOW).asked == "4711"
    assert way.begin(Place(), NOW).asked == ""


def test_a_walk_under_way_goes_on_where_it_stood() -> None:
    place = Place(mark="9", asked="7", page=2, size=6)
    assert route().begin(Place.of(place.text()), NOW) == place


def test_the_mark_never_goes_back_and_never_into_the_future() -> None:
    way = route()
    assert way.later("20260914000000", ["20260101000000", ""], NOW) == "20260914000000"
    assert way.later("20260914000000", ["20990101000000"], NOW) == "20260914000000"
    assert way.later("9", ["10"], NOW) == "10"
    assert way.later("20260914000000", ["N/A", "4711", "20260914000001"], NOW) == "20260914000001"
    assert way.later("20260914000000", ["N/A"], NOW) == "20260914000000"
    assert way.later("", ["31/12/2025 10:00", "01/01/2026 10:00"], NOW) == "01/01/2026 10:00"


def test_the_same_full_page_under_two_numbers_is_an_error() -> None:
    keys = frozenset({("a", "1"), ("b", "1"), ("c", "1")})
    page = Page(changes=["1", "1", "1"], keys=keys)
    larger, _, seen = step(route(), route().begin(Place(), NOW), page, Seen(), NOW)
    assert larger == Place(mark="1", page=1, size=12)
    second, _, seen = step(route(), larger, page, seen, NOW)
    assert second == Place(mark="1", page=2, size=12, skip=3)
    with pytest.raises(Unavailable, match="page token repeats: page 2 is page 1 again"):
        step(route(), second, page, seen, NOW)


def test_a_short_page_after_the_last_that_is_the_last_again_is_the_end() -> None:
    page = Page(changes=["1", "1"], keys=frozenset({("a", "1"), ("b", "1")}))
    second, _, seen = step(route(), route().begin(Place(), NOW), page, Seen(), NOW)
    assert second is not None
    assert step(route(), second, page, seen, NOW)[:2] == (None, Place(mark="1"))


def test_a_server_that_does_not_know_since_is_walked_by_number() -> None:
    class Deaf(Server):
        def page(self, place: Place) -> tuple[list[tuple[str, int]], Page]:
            self.log.append((place.asked, place.page))
            return Server.page(self, Place(page=place.page, size=place.size))

    server = Deaf({code: n for n, code in enumerate(CODES)})
    read, _ = walk(server, "", route(), [])
    assert read == server.changes
    assert len(server.log) < 20


@pytest.mark.parametrize(("ordered", "first"), [(True, 39), (False, 5)])
def test_a_list_in_another_order_declared_or_noticed_is_walked_by_number_to_its_end(ordered: bool, first: int) -> None:
    class ByCode(Server):
        def page(self, place: Place) -> tuple[list[tuple[str, int]], Page]:
            match = sorted((code, changed) for code, changed in self.changes.items() if changed >= int(place.asked or 0))
            rows = match[(place.page - 1) * place.size : place.page * place.size]
            return rows, Page(changes=[str(changed) for _, changed in rows], keys=frozenset((code, str(c)) for code, c in rows))

    server = ByCode({code: (n * 17 + first) % 40 + 1 for n, code in enumerate(CODES)})
    read, cursor = walk(server, "", route(ordered=ordered), [])
    assert read == server.changes
    assert Place.of(cursor).mark == "40"


@pytest.mark.parametrize("text", ["", "null", "[]", "7", "{", '{"page": "2"}', '{"unknown": 1}', '{"mark": 3}'])
def test_a_cursor_that_cannot_be_read_begins_anew(text: str) -> None:
    assert Place.of(text) == Place()


def test_a_record_stamped_ahead_of_our_clock_never_makes_us_skip_what_changes_before_its_time() -> None:
    way = route()
    ahead, before = [f"{(NOW + timedelta(hours=hours)).astimezone(VIETNAM):%Y%m%d%H%M%S}" for hours in (2, -1)]
    page = Page(changes=[before, ahead], keys=frozenset({("a", before), ("b", ahead)}), total=2)
    _, cursor, _ = step(way, way.begin(Place(), NOW), page, Seen(), NOW)
    assert cursor == Place(mark=before)
    assert way.begin(Place(mark=ahead), NOW) == Place(page=1, size=way.size), "a mark that is still to come begins anew"
