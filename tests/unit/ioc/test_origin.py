"""What is told of the sources behind a number: how each was, who is covered, whether they speak of one instant. And what a mark may be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.answers import LONGEST_SEEN, snapshot
from ioc.commands.explain import lines, local, number
from ioc.explain.counted import Share
from ioc.explain.origin import NEAR, Heard, Origin, about, coverage, heard, inputs, one_instant
from ioc.hearing import Flip
from ioc.periods import PeriodError

AT = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def share(source: str, unit: int, counted: int = 1, suspect: int = 0) -> Share:
    return Share(source=source, unit=unit, calendar="c1", brought=2, counted=counted, suspect=suspect, counts=(counted,))


def flip(source: str, state: str, stuck: datetime | None = None) -> Flip:
    return Flip(source=source, at=AT, state=state, since=AT, stuck=stuck)


def origin(*flips: Flip, **heard_of: Heard) -> Origin:
    return Origin(titles={"a": "Một cửa"}, flips={one.source: one for one in flips}, heard=heard_of, bad={"a": 3})


@pytest.mark.parametrize(
    ("read_at", "when"),
    [
        (AT - 9 * SECOND, "then"),
        (AT, "then"),
        (AT + SECOND, "later"),
        (AT + NEAR, "later"),
        (AT + NEAR + SECOND, "unknown"),
        (None, "unknown"),
    ],
)
def test_what_was_heard_long_after_an_instant_says_nothing_of_it(read_at: datetime | None, when: str) -> None:
    said = heard(AT - 60 * SECOND, read_at, AT)
    assert said.when == when
    assert (said.as_of is None) is (when == "unknown")


def test_one_source_is_one_instant_and_several_only_when_they_say_the_same() -> None:
    assert (one_instant({})["same"], "Chưa nguồn nào" in one_instant({})["vi"]) == (True, True)
    assert one_instant({"a": None})["same"] is True
    assert one_instant({"a": AT, "b": AT})["same"] is True
    apart = one_instant({"a": AT, "b": AT - 95 * SECOND, "c": AT - SECOND})
    assert (apart["same"], apart["apart"], apart["oldest"]) == (False, 95.0, (AT - 95 * SECOND).isoformat())
    assert ("95 giây" in apart["vi"], "95 s" in apart["en"]) == (True, True)
    assert "< 1 giây" in one_instant({"a": AT, "b": AT - SECOND / 4})["vi"]
    unknown = one_instant({"a": AT, "b": None})
    assert unknown["same"] is None
    assert "Không biết" in unknown["vi"]


def test_a_unit_reports_when_none_of_its_sources_is_silent() -> None:
    shares = [share("a", 1), share("a", 2), share("b", 2), share("c", 3), share("d", 4)]
    known = origin(flip("a", "fresh"), flip("b", "stale"), flip("c", "fresh", stuck=AT), flip("d", "late"))
    assert coverage(shares, known) == {"reporting": 2, "expected": 4}
    assert coverage([], known) == {"reporting": 0, "expected": 0}


def test_a_source_nobody_watches_is_told_by_its_title_and_without_a_state() -> None:
    told = about("a", origin(a=Heard(as_of=AT - 30 * SECOND, read_at=AT, when="then")))
    assert (told["title"], told["type"], told["state"], told["lag"], told["quarantined"]) == ("Một cửa", None, None, 30, 3)
    ahead = about("b", origin(b=Heard(as_of=AT + SECOND, read_at=AT, when="then")))
    assert (ahead["title"], ahead["lag"]) == ("b", 0)


def test_each_source_is_one_line_with_what_is_from_it() -> None:
    first, second = inputs([share("b", 1, 5), share("a", 1, 2, suspect=1), share("a", 2, 3)], origin())
    assert {name: first[name] for name in ("source", "items", "brought", "units", "suspect")} == {
        "source": "a", "items": 5, "brought": 4, "units": 2, "suspect": 1,
    }  # fmt: skip
    assert (second["source"], second["items"]) == ("b", 5)


@given(st.text(alphabet="0123456789:, -x\0١", max_size=60) | st.text(max_size=LONGEST_SEEN + 5))
def test_whatever_is_sent_as_a_mark_is_taken_or_refused_by_name(text: str) -> None:
    try:
        first, after, between = snapshot(text).split(":")
    except PeriodError:
        return
    under_way = [int(n) for n in between.split(",") if n]
    assert 0 < int(first) <= int(after)
    assert under_way == sorted(set(under_way))
    assert all(int(first) <= n < int(after) for n in under_way)


def test_a_number_is_written_as_people_here_write_it() -> None:
    assert [number(value) for value in (1234567, 1234.5, 89.47, 9.3, 0, None)] == ["1.234.567", "1.234,5", "89,47", "9,3", "0", "—"]
    assert local("2026-11-20T07:00:00+00:00") == "20/11/2026 14:00:00"


def test_the_command_names_the_number_its_meaning_its_instant_and_its_lists() -> None:
    words = {"vi": "Hồ sơ quá hạn", "en": "Overdue dossiers", "about_vi": "Đã qua hạn [tại] đó.", "basis": "Nghị định 118", "owner": "VP",
             "version": "0a1b2c3d", "formula": "", "predicate": "state = 'working'"}  # fmt: skip
    told = "\n".join(lines({
        "definition": words, "value": 1234, "measured_in": "hồ sơ", "unit": None, "period": "all", "as_of": AT.isoformat(),
        "known_then": {"value": 1200}, "instant": one_instant({"a": AT}), "coverage": {"reporting": 3, "expected": 4}, "quarantined": 2,
        "parts": [{"indicator": "dossiers_overdue", "vi": "Hồ sơ quá hạn", "count": 1234, "items": "/api/v1/items?indicator=x"}],
    }))  # fmt: skip
    for said in ("1.234 hồ sơ", "toàn tỉnh", "20/11/2026 14:00:00", "1.200", "Nghị định 118", "0a1b2c3d", "3/4", "/api/v1/items"):
        assert said in told
