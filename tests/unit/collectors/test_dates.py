"""The five date shapes, the zones, and what is refused."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.dates import earlier, read_instant

VIETNAM, AMSTERDAM = ZoneInfo("Asia/Ho_Chi_Minh"), ZoneInfo("Europe/Amsterdam")


@pytest.mark.parametrize(
    "text",
    [
        "20260915083000",
        "2026-09-15T08:30:00",
        "2026-09-15T08:30",
        "2026-09-15T01:30:00Z",
        "2026-09-15T08:30:00+07:00",
        "2026-09-15T08:30:00+0700",
        "2026-09-15T08:30:00+07",
        "2026-09-14T21:30:00-04:00",
        "2026-09-15T08:30:00.0000000+07:00",
        "2026-09-15 08:30:00",
        "2026-09-15 08:30:00.000 +07:00",
        "15/09/2026 08:30:00",
        "15/9/2026 08:30",
        "2026/09/15 08:30:00",
        "2026/9/15 08:30",
    ],
)
def test_each_shape_means_the_same_instant_in_utc(text: str) -> None:
    instant = read_instant(text, VIETNAM)
    assert instant == datetime(2026, 9, 15, 1, 30, tzinfo=UTC)
    assert instant.tzinfo is UTC


@pytest.mark.parametrize("text", ["2026-09-15", "15/09/2026", "2026/09/15"])
def test_a_date_alone_is_its_midnight_in_the_zone(text: str) -> None:
    assert read_instant(text, VIETNAM) == datetime(2026, 9, 14, 17, tzinfo=UTC)


def test_fractions_are_kept_to_the_microsecond() -> None:
    assert read_instant("2011-10-11 13:42:22.688+02:00", AMSTERDAM).microsecond == 688_000
    assert read_instant("2011-10-11T13:42:22.1234567Z", AMSTERDAM).microsecond == 123_456


def test_an_hour_that_comes_twice_is_the_first_and_one_that_never_was_keeps_the_offset_before() -> None:
    assert read_instant("2026-10-25 02:30:00", AMSTERDAM) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert read_instant("2026-03-29 02:30:00", AMSTERDAM) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "", "32/13/2026", "31/02/2026", "29/02/2025", "2026-13-01", "20260230000000", "0001-01-01T00:00:00", "1989-12-31",
        "2200-01-01", "9999-12-31T23:59:59-14:00", "2026-09-15T24:00:00", "2026-09-15T08:60", "2026-09-15T08:30:00+15:00", "15-09-2026",
        "2026-09-15T08:30:00+07:99", "hôm qua", "45915", "٢٠٢٦-٠٩-١٥", "2026-09-15\n", "20260915", "15/09/26", "2" * 10_000_000,
    ],
)  # fmt: skip
def test_what_is_no_possible_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_instant(text, VIETNAM)


@given(st.text(max_size=45))
def test_no_text_raises_anything_but_value_error(text: str) -> None:
    with suppress(ValueError):
        assert read_instant(text, VIETNAM).tzinfo is UTC


INSTANTS = st.datetimes(datetime(1990, 1, 2), datetime(2199, 12, 30)).map(lambda each: each.replace(microsecond=0, tzinfo=VIETNAM))


@given(INSTANTS, st.sampled_from(["%Y%m%d%H%M%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S"]))
def test_what_a_system_wrote_is_read_back_exactly(instant: datetime, form: str) -> None:
    assert read_instant(instant.strftime(form), VIETNAM) == instant.astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("20260101000000", "20251231235959"),
        ("2026-01-01T00:00:00+07:00", "2025-12-31T23:59:59+07:00"),
        ("2026-01-01 00:00:00.500", "2025-12-31 23:59:59"),
        ("2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z"),
        ("01/01/2026 00:00", "31/12/2025 23:59:59"),
        ("2026/01/01", "2025/12/31 23:59:59"),
        ("4711", "4711"),
    ],
)
def test_an_earlier_text_has_the_shape_of_the_later_one(text: str, before: str) -> None:
    assert earlier(text, 1, VIETNAM) == before


@given(INSTANTS, st.integers(0, 90_000))
def test_earlier_is_earlier_by_exactly_so_much(instant: datetime, seconds: int) -> None:
    moved = read_instant(earlier(instant.strftime("%d/%m/%Y %H:%M:%S"), seconds, VIETNAM), VIETNAM)
    assert moved == instant.astimezone(UTC) - timedelta(seconds=seconds)
