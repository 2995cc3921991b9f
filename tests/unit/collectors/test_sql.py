"""The places, values, statements and verdicts of the kind `sql`, without a database."""

from __future__ import annotations

import json
import math
import re
import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql

from collectors.source import Refused, SettingsError, Unavailable
from collectors.sql.database import address
from collectors.sql.dialects import DIALECTS, Bounds, Verdict
from collectors.sql.pages import View, after, span
from collectors.sql.stand import Stand
from collectors.sql.values import NoValue, as_sort, earlier, instant_of, packed, plain, sort_of, unpacked, weight

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)

keys = (
    st.datetimes(timezones=st.sampled_from([UTC]))
    | st.datetimes()
    | st.dates()
    | st.integers(-(2**63), 2**63 - 1)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.uuids()
)
anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["mark", "at", "key"]) | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(mark=keys, at=keys, key=keys)
def test_a_cursor_says_what_it_was_given(mark: Any, at: Any, key: Any) -> None:
    stand = Stand(mark=mark, at=at, key=key)
    assert Stand.of(stand.text()) == stand


@given(found=anything)
def test_a_cursor_nobody_can_read_begins_anew(found: Any) -> None:
    assert isinstance(Stand.of(json.dumps(found)), Stand)
    assert isinstance(Stand.of(repr(found)), Stand)


def test_the_mark_never_goes_back_and_is_never_ahead_of_now() -> None:
    later, ahead = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    stand = Stand(mark=later).after([(NOW - timedelta(hours=2), 1)], NOW, VIETNAM)
    assert (stand.mark, stand.at, stand.key) == (later, NOW - timedelta(hours=2), 1)
    stand = stand.after([(NOW, 2), (ahead, 3)], NOW, VIETNAM)
    assert (stand.mark, stand.at) == (NOW, ahead)
    assert stand.safe(NOW, VIETNAM) == stand.over() == Stand(mark=NOW)
    assert Stand(mark=NOW, at=NOW, key=2).safe(NOW, VIETNAM).key == 2


def test_a_page_that_goes_nowhere_is_an_error() -> None:
    with pytest.raises(Unavailable, match="its order does not hold"):
        Stand(at=5, key=7).after([(5, 7)], NOW, VIETNAM)


def test_a_watermark_of_another_sort_than_before_is_taken_as_it_is() -> None:
    assert Stand(mark="old").after([(7, 1)], NOW, VIETNAM).mark == 7


@pytest.mark.parametrize(
    ("mark", "since"),
    [(NOW, NOW - timedelta(seconds=60)), (datetime(2026, 9, 15), datetime(2026, 9, 14, 23, 59)), (date(2026, 9, 15), date(2026, 9, 14)),
     (7, 7), ("a", "a"), (datetime.min, datetime.min)],
)  # fmt: skip
def test_a_walk_begins_a_little_before_its_mark(mark: Any, since: Any) -> None:
    assert Stand(mark=mark).since(60) == since


@pytest.mark.parametrize(
    ("value", "given"),
    [
        (None, None), (True, True), (7, 7), ("chữ", "chữ"), (1.5, 1.5), (math.inf, "inf"),
        (Decimal("12"), 12), (Decimal("12.00"), 12), (Decimal("12.50"), "12.50"), (Decimal("NaN"), "NaN"), (Decimal("1E+40"), "1E+40"),
        (datetime(2026, 9, 1, 8, 30), "2026-09-01T08:30:00+07:00"),
        (datetime(2026, 9, 1, 8, 30, 0, 5, tzinfo=UTC), "2026-09-01T08:30:00.000005+00:00"),
        (date(2026, 9, 1), "2026-09-01"), (time(8, 30), "08:30:00"), (timedelta(hours=2), "2:00:00"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ([{"a": Decimal(1)}, date(2026, 9, 1)], [{"a": 1}, "2026-09-01"]),
    ],
)  # fmt: skip
def test_values_are_as_a_rest_answer_would_give_them(value: Any, given: Any) -> None:
    assert plain(value, VIETNAM) == given


@pytest.mark.parametrize("value", [b"x", memoryview(b"x"), {1, 2}, object(), [[[[[[[[[[1]]]]]]]]]]])
def test_what_is_no_plain_value_is_refused(value: Any) -> None:
    with pytest.raises(NoValue):
        plain(value, VIETNAM)


def test_what_nothing_can_be_ordered_by_is_refused() -> None:
    for value in (True, 1.5, b"x", None):
        assert sort_of(value) == ""
        with pytest.raises(Refused, match="ordered by times"):
            packed(value)  # type: ignore[arg-type]
    assert unpacked(["whole", "seven"]) is None
    assert unpacked(["whole", True]) == 1


def test_instants_and_columns_of_times() -> None:
    assert instant_of(datetime(2026, 9, 15, 10), VIETNAM) == instant_of(NOW, VIETNAM) == NOW
    assert instant_of(date(2026, 9, 15), VIETNAM) == NOW - timedelta(hours=10)
    assert instant_of("2026", VIETNAM) is None
    assert [as_sort(NOW, sort, VIETNAM) for sort in ("instant", "local", "date", "text")] == [
        NOW, datetime(2026, 9, 15, 10), date(2026, 9, 15), None,
    ]  # fmt: skip
    assert earlier(date(2026, 9, 15), 0) == date(2026, 9, 15)


def test_the_weight_of_a_row_is_about_its_bytes() -> None:
    assert weight("x" * 1000) == 1000
    assert 1000 <= weight(("x" * 1000, 7, None, [{"a": "y"}])) < 1100


def view(mark: str = "cap_nhat", **values: Any) -> View:
    options = {"name": "v_ho_so", "schema": "qlhs", "key": "Ma Ho So", "mark": mark, "columns": ("don_vi",), "size": 10}
    return View(**{**options, "megabytes": 32, "zone": VIETNAM, **values})


def test_a_page_begins_right_after_the_last_row() -> None:
    asked = after(view(), Stand(mark=NOW, at=NOW, key="k"), None, None)
    text = re.sub(r"::[A-Z ]+(?= AND| OR|[)])", "", str(asked.compile(dialect=postgresql.dialect())))
    name = "qlhs.v_ho_so"
    assert f'({name}.cap_nhat > %(at)s OR {name}.cap_nhat = %(at)s AND {name}."Ma Ho So" > %(key)s)' in text
    assert f'ORDER BY {name}.cap_nhat, {name}."Ma Ho So"' in text


@pytest.mark.parametrize("dialect", [postgresql, mssql, oracle, mysql], ids=lambda d: d.__name__.rsplit(".", 1)[-1])
def test_no_name_of_a_column_becomes_sql_in_any_dialect(dialect: Any) -> None:
    evil = 'x" ; drop table a; -- ` ] %s %(p)s'
    asked = span(view(key=evil, mark=evil + "2", columns=(evil + "3",), name=evil + "4", schema=evil + "5"), (NOW, 1), (NOW, 2))
    text = str(asked.compile(dialect=dialect.dialect()))
    open_, close = {"mssql": "[]", "mysql": "``"}.get(dialect.__name__.rsplit(".", 1)[-1], '""')
    assert text.count("drop table") == text.count(f"{open_}x")
    stripped = text.replace(close * 2, "")
    assert (stripped.count(open_) if open_ == close else stripped.count(open_) + stripped.count(close)) % 2 == 0


def test_a_limit_is_written_as_each_dialect_has_it() -> None:
    asked = after(view(), Stand(), None, None)
    assert "LIMIT" in str(asked.compile(dialect=postgresql.dialect()))
    assert "TOP" in str(asked.compile(dialect=mssql.dialect()))
    assert "FETCH FIRST" in str(asked.compile(dialect=oracle.dialect()))


class DataError(Exception):
    sqlstate: str | None = None


def with_state(state: str, text: str = "") -> Exception:
    error = Exception(text)
    error.sqlstate = state  # type: ignore[attr-defined]
    return error


class OraError(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(type("Details", (), {"code": code})())


@pytest.mark.parametrize(
    ("backend", "error", "verdict"),
    [
        ("postgresql", with_state("42501"), Verdict.REFUSED), ("postgresql", with_state("42P01"), Verdict.REFUSED),
        ("postgresql", with_state("25006"), Verdict.REFUSED), ("postgresql", with_state("57014"), Verdict.AGAIN),
        ("postgresql", with_state("53300"), Verdict.AGAIN), ("postgresql", with_state("40001"), Verdict.AGAIN),
        ("postgresql", with_state("22012"), Verdict.VALUE), ("postgresql", DataError("too large"), Verdict.VALUE),
        ("postgresql", with_state("P0001"), Verdict.FAILED), ("postgresql", Exception("connection refused"), Verdict.AGAIN),
        ("postgresql", Exception('FATAL:  password authentication failed for user "x"'), Verdict.REFUSED),
        ("postgresql", Exception('FATAL:  database "x" does not exist'), Verdict.REFUSED),
        ("mssql", Exception("42S02", "[42S02] Invalid object name"), Verdict.REFUSED),
        ("mssql", Exception("28000", "login failed"), Verdict.REFUSED), ("mssql", Exception("HYT00", "timeout"), Verdict.AGAIN),
        ("mssql", Exception("22003", "overflow"), Verdict.VALUE), ("mssql", Exception("08001", "network"), Verdict.AGAIN),
        ("oracle", OraError(942), Verdict.REFUSED), ("oracle", OraError(1017), Verdict.REFUSED), ("oracle", OraError(12541), Verdict.AGAIN),
        ("oracle", OraError(1722), Verdict.VALUE),
        ("mysql", Exception(1146, "Table doesn't exist"), Verdict.REFUSED), ("mysql", Exception(2013, "lost"), Verdict.AGAIN),
        ("mysql", Exception(3024, "too long"), Verdict.AGAIN), ("mysql", None, Verdict.AGAIN),
    ],
)  # fmt: skip
def test_a_drivers_complaint_is_judged_by_what_to_do_about_it(backend: str, error: BaseException | None, verdict: Verdict) -> None:
    assert DIALECTS[backend].verdict(error)[0] is verdict


def test_every_dialect_bounds_its_statements_and_reads_only() -> None:
    bounds = Bounds(connect=0.4, statement=1.5)
    options = DIALECTS["postgresql"].connecting(bounds)
    assert "statement_timeout=1500" in options["options"]
    assert "default_transaction_read_only=on" in options["options"]
    assert options["connect_timeout"] == 1
    assert DIALECTS["mysql"].begin == ("set session transaction read only", "set session max_execution_time = {millis}")
    for backend, name, value in (("mssql", "timeout", 2), ("oracle", "call_timeout", 1500)):
        wire = type("Wire", (), {})()
        DIALECTS[backend].bound(wire, bounds)
        assert getattr(wire, name) == value


def test_an_address_names_our_driver_unless_it_names_another() -> None:
    assert address("a", "postgresql://u:p@h/d").drivername == "postgresql+psycopg"
    assert address("a", "mssql+pyodbc://u:p@h/d").drivername == "mssql+pyodbc"
    with pytest.raises(SettingsError, match=r"source\.a\.url: no database 'sqlite' is known here; known: mariadb"):
        address("a", "sqlite:///x")
    with pytest.raises(SettingsError, match="no address of a database") as error:
        address("a", "just a secret")
    assert "secret" not in str(error.value)
