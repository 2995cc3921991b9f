"""Walks over a list, by change and by the clock, without a wire: where they begin, where they stop, and that rubbish cannot harm them."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.answer import Answer, Envelope, open_envelope
from collectors.list_settings import ListSettings
from collectors.listing import Listing
from collectors.mapping import load
from collectors.source import SettingsError, SourceError
from collectors.walk import Place
from ioc.model import Batch
from tests.contract.rigs.base import MAPPINGS, NOW, dossier

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
ONESTOP = load(MAPPINGS / "onestop.toml")
BY_CLOCK = Listing(mapping=ONESTOP, size=5, overlap=600, written="%Y%m%d%H%M%S")
BY_CHANGE = Listing(mapping=ONESTOP, size=5, overlap=1, written="%Y%m%d%H%M%S", updated="CapNhat")
MARK = "20260915100000"  # NOW in Vietnam


def test_a_first_walk_asks_for_everything_or_from_the_first_day() -> None:
    assert BY_CLOCK.begin(None, NOW) == Place(mark=MARK, asked="", page=1, size=5)
    later = Listing(mapping=ONESTOP, size=5, overlap=1, written="%Y%m%d%H%M%S", updated="CapNhat", first="20260101000000")
    assert later.begin(None, NOW) == Place(mark="", asked="20260101000000", page=1, size=5)


def test_a_later_walk_asks_from_a_little_before_the_mark() -> None:
    begun = BY_CLOCK.begin(Place(mark="20260915095000").text(), NOW)
    assert (begun.asked, begun.mark) == ("20260915094000", MARK)


def test_a_walk_that_was_stopped_goes_on_at_its_page() -> None:
    middle = Place(mark=MARK, asked="20260914000000", page=3, size=5, skip=10)
    assert BY_CLOCK.begin(middle.text(), NOW + timedelta(hours=5)) == middle


def test_the_mark_of_a_clock_that_ran_ahead_stays_and_the_walk_asks_from_now() -> None:
    begun = BY_CLOCK.begin(Place(mark="20260915120000").text(), NOW)
    assert (begun.asked, begun.mark) == ("20260915095000", "20260915120000")


def test_a_system_written_to_in_another_form_is_asked_in_that_form() -> None:
    slashes = Listing(mapping=ONESTOP, size=5, overlap=0, written="%d/%m/%Y %H:%M:%S")
    first = slashes.begin(None, NOW)
    assert first.mark == "15/09/2026 10:00:00"
    assert slashes.begin(Place(mark=first.mark).text(), NOW + timedelta(hours=1)).asked == first.mark


def test_an_old_stretch_begins_at_its_beginning_and_is_over_once_its_last_position_is_given() -> None:
    since, until = NOW - timedelta(days=2), NOW - timedelta(days=1)
    begun = BY_CLOCK.begin_between(None, since, until)
    assert begun == Place(mark="20260914100000", asked="20260913100000", page=1, size=5)
    assert BY_CLOCK.begin_between(begun.text(), since, until) == begun
    assert BY_CLOCK.begin_between(Place(mark=begun.mark).text(), since, until) is None


def test_what_is_not_to_be_sent_is_not_sent() -> None:
    place = Place(mark=MARK, asked="20260914000000", page=2, size=5)
    asked = ListSettings(first_page=0, size_param="", params={"catalog": "2"}).asked(place, "")
    assert asked == {"catalog": "2", "since": "20260914000000", "page": "1"}


@pytest.mark.parametrize("options", [{"overlap": -1}, {"overlap": 1e12}, {"overlap": float("nan")}, {"size": 0}, {"records": "=["}])
def test_settings_that_cannot_work_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=r"source\.a"):
        ListSettings(**options).check_list("a")


def walked(listing: Listing, answers: list[object]) -> list[Batch]:
    """The batches of a walk over some answers, the last of which comes again and again."""
    left = list(answers)

    async def ask(place: Place) -> Answer:
        value = left.pop(0) if len(left) > 1 else left[0]
        return open_envelope(value, Envelope(), HANOI)

    async def all_of() -> list[Batch]:
        return [batch async for batch in listing.walk(ask, listing.begin(None, NOW), NOW)]

    return asyncio.run(all_of())


def test_pages_full_of_records_without_a_code_are_not_taken_for_one_page_again_and_again() -> None:
    rubbish = [[{"stt": n} for n in range(page * 5, page * 5 + 5)] for page in range(3)]
    batches = walked(BY_CLOCK, [*rubbish, []])
    assert [len(batch.bad) for batch in batches] == [5, 5, 5, 0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
RECORDS = st.lists(st.builds(dossier, st.integers(0, 99)) | JSON, max_size=6)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([BY_CLOCK, BY_CHANGE]),
    st.lists(st.builds(lambda found: {"data": found}, RECORDS) | RECORDS | JSON, min_size=1, max_size=4),
)
def test_whatever_a_system_answers_only_a_source_error_leaves_the_walk(listing: Listing, answers: list[object]) -> None:
    try:
        batches = walked(listing, [*answers, []])
    except SourceError:
        return
    marks = [json.loads(batch.position or "{}").get("mark", "") for batch in batches]
    assert marks == sorted(marks)


@given(st.text(max_size=40) | st.builds(json.dumps, JSON))
def test_whatever_a_cursor_holds_a_walk_begins(cursor: str) -> None:
    for listing in (BY_CLOCK, BY_CHANGE):
        assert isinstance(listing.begin(cursor, NOW), Place)
        listing.begin_between(cursor, NOW - timedelta(days=1), NOW)
