"""A declared mapping of figures: what it reads, what it refuses, and what is kept of a record it cannot read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.figure_mapping import FigureMapping
from collectors.readers import compile, load
from collectors.reading import Mapping, Read
from collectors.source import MappingError
from ioc.figures import BY_NAME
from ioc.model import Fault
from tests.contract.rigs.base import MAPPINGS

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
WIDE = {"unit": "ma", "period": {"from": "ngay", "shape": "day"}, "reported_at": "luc", "values": {"visits": "luot", "wait_p90": "cho"}}
LONG = {
    "unit": {"const": "TINH"},
    "period": {"year": "nam", "month": "thang"},
    "name": {"from": "chiTieu", "values": {"RHL": "votes_very_satisfied", "KHL": "votes_unsatisfied"}},
    "value": "so",
}


def made(figures: dict[str, Any], **more: Any) -> FigureMapping:
    mapping = compile({"name": "t", "figures": figures, **more})
    assert isinstance(mapping, FigureMapping)
    return mapping


def read(figures: dict[str, Any], *records: Any, **more: Any) -> Read:
    return made(figures, **more).read_all(records, NOW)


def values(result: Read) -> dict[str, float]:
    return {f"{figure.name}/{figure.unit}/{figure.period}": figure.value for figure in result.figures}


def test_a_wide_record_gives_a_figure_for_each_number() -> None:
    result = read(WIDE, {"MA": "TT1", "ngay": "20/11/2026", "luot": "1.234.567", "cho": 12.5, "luc": "20/11/2026 09:30:00"})
    assert values(result) == {"visits/TT1/2026-11-20": 1234567.0, "wait_p90/TT1/2026-11-20": 12.5}
    assert result.figures[0].reported_at == datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
    assert [figure.measured_in for figure in result.figures] == ["lượt", "phút"]


def test_a_long_record_names_its_number_and_a_month_of_0_is_the_whole_year() -> None:
    result = read(LONG, {"nam": 2026, "thang": "11", "chiTieu": "RHL", "so": 7}, {"nam": 2025, "thang": 0, "chiTieu": "KHL", "so": "3"})
    assert values(result) == {"votes_very_satisfied/TINH/2026-11": 7.0, "votes_unsatisfied/TINH/2025": 3.0}


def test_numbers_are_scaled_summed_translated_and_taken_from_the_first_that_holds_one() -> None:
    numbers = {
        "par_index": {"from": "tyLe", "scale": 100},
        "reported_on_time": {"sum": ["som", "dung"]},
        "visits": {"from": ["moi", "cu"]},
        "par_index_rank": {"from": "nhom", "values": {"A": 1, "B": 2}},
        "sipas": "=diem[?loai=='SIPAS'].so | [0]",
    }
    record = {"ma": "X", "tyLe": 0.8927, "som": 3, "dung": "4", "moi": "—", "cu": 9, "nhom": "B", "diem": [{"loai": "SIPAS", "so": 88.94}]}
    result = read({"unit": "ma", "period": {"const": "2025"}, "values": numbers}, record)
    assert {name.split("/")[0]: value for name, value in values(result).items()} == {
        "par_index": 89.27, "reported_on_time": 7.0, "visits": 9.0, "par_index_rank": 2.0, "sipas": 88.94
    }  # fmt: skip


def test_a_sum_with_a_part_missing_is_no_figure() -> None:
    figures = {"unit": "ma", "period": {"const": "2025"}, "values": {"reported_on_time": {"sum": ["som", "dung"]}}}
    assert values(read(figures, {"ma": "X", "som": 3, "dung": None})) == {}


@pytest.mark.parametrize(
    ("word", "period"), [("today", "2026-11-20"), ("this_month", "2026-11"), ("this_quarter", "2026-Q4"), ("this_year", "2026")]
)
def test_the_present_is_that_of_the_poll_in_the_systems_own_zone(word: str, period: str) -> None:
    mapping = made({"unit": "ma", "period": {"const": word}, "values": {"visits": "luot"}})
    evening = datetime(2026, 11, 19, 18, 0, tzinfo=UTC)  # 01:00 on the 20th in Vietnam
    assert values(mapping.read_all([{"ma": "X", "luot": 1}], evening)) == {f"visits/X/{period}": 1.0}
    assert (mapping.relative, mapping.code_of({"ma": "X"})) == (True, f"X/{word}")


def test_one_bad_number_costs_itself_and_what_is_kept_of_it_holds_no_other() -> None:
    record = {"ma": "TT1", "ngay": "20/11/2026", "luot": "nhiều", "cho": 12.5, "ten": "Nguyễn Văn Thử"}
    result = read(WIDE, record)
    assert values(result) == {"wait_p90/TT1/2026-11-20": 12.5}
    (bad,) = result.bad
    assert bad.code == "visits/TT1/2026-11-20"
    assert bad.record == {"ma": "TT1", "ngay": "20/11/2026", "luot": "nhiều", "@on": "2026-11-20"}


def test_what_was_kept_of_today_is_still_of_that_day_when_it_is_read_again_later() -> None:
    figures = {"unit": "ma", "period": {"const": "today"}, "values": {"visits": "luot"}}
    (bad,) = read(figures, {"ma": "X", "luot": "1.234"}).bad
    mended = made({**figures, "decimal": ","})
    again = mended.read_all([bad.record], datetime(2026, 12, 24, tzinfo=UTC))
    assert values(again) == {"visits/X/2026-11-20": 1234.0}


def test_the_same_bad_number_is_known_again_and_another_is_not() -> None:
    hashes = [read(WIDE, {"ma": "TT1", "ngay": "20/11/2026", "luot": said, "cho": n}).bad[0].raw_hash for n, said in enumerate("xxy")]
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize(
    ("record", "fault", "code", "words"),
    [
        ({"ngay": "20/11/2026", "luot": 1}, Fault.MISSING, None, "missing unit (field ma)"),
        ({"ma": "X", "luot": 1}, Fault.MISSING, None, "missing period (field ngay)"),
        ({"ma": "X", "ngay": "hôm qua"}, Fault.VALUE, None, "impossible period 'hôm qua' for period (field ngay)"),
        ({"ma": "X", "ngay": "20/12/2026"}, Fault.VALUE, "X/2026-12-20", "lies in the future"),
        ({"ma": "X", "ngay": "20/11/2026", "luc": "20/12/2026"}, Fault.VALUE, "X/2026-11-20", "reported_at lies in the future"),
        ({"ma": "X" * 65, "ngay": "20/11/2026"}, Fault.VALUE, None, "longer than 64"),
        (7, Fault.SHAPE, None, "where a record is expected"),
    ],
)
def test_a_record_that_cannot_be_read_says_why(record: Any, fault: Fault, code: str | None, words: str) -> None:
    (bad,) = read(WIDE, record).bad
    assert (bad.fault, bad.code) == (fault, code)
    assert words in bad.reason


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"unit": None}, "figures.unit: None is no table"),
        ({"values": {"vists": "luot"}}, "figures.values.vists: no figure is called 'vists'; did you mean 'visits'?"),
        ({"values": {}}, "figures.values: empty"),
        ({"values": {"visits": {"from": "a", "sum": ["b"]}}}, "give exactly one of from"),
        ({"values": {"visits": {"from": "a", "scale": 0}}}, "figures.values.visits.scale: 0 is no number above 0"),
        ({"values": {"visits": {"from": "a", "scale": True}}}, "scale: True is no number"),
        ({"values": {"visits": {"from": "=[", "scale": 1}}}, "figures.values.visits.from: '=['"),
        ({"values": {"visits": {"from": "a", "values": {}}}}, "figures.values.visits.values: empty"),
        ({"name": "x", "value": "y"}, "figures: give either"),
        ({"decimal": ";"}, "figures.decimal: ';' is no decimal point"),
        ({"period": {"from": "ngay"}}, "figures.period.shape: None is no shape of a period"),
        ({"period": {"from": "ngay", "shape": "dy"}}, "did you mean 'day'"),
        ({"period": {"const": "tomorrow"}}, "figures.period.const: 'tomorrow'"),
        ({"period": {"year": "nam", "moth": "t"}}, "figures.period.moth: unknown key; did you mean 'month'"),
        ({"perod": "x"}, "figures.perod: unknown key; did you mean 'period'"),
    ],
)
def test_a_wrong_mapping_is_named_with_its_remedy(change: dict[str, Any], words: str) -> None:
    with pytest.raises(MappingError) as error:
        made({**WIDE, **change})
    assert words in str(error.value)


def test_a_word_may_only_lead_to_a_declared_figure() -> None:
    with pytest.raises(MappingError, match=r"values\.name\.RHL: no figure is called 'votes'"):
        made({**LONG, "name": {"from": "chiTieu", "values": {"RHL": "votes"}}})


def test_their_words_for_units_and_figures_stand_beside_as_in_every_mapping() -> None:
    codes = {"unit": {"01": "SXD"}, "name": {"RHL": "votes_very_satisfied"}}
    long = {"unit": "ma", "period": "@period", "name": "muc", "value": "so"}
    records = [{"ma": "01", "@period": "2026-11", "muc": "RHL", "so": 7}, {"ma": "02", "@period": "2026-11", "muc": "RHL", "so": 1}]
    result = read(long, *records, values=codes)
    assert values(result) == {"votes_very_satisfied/SXD/2026-11": 7.0}
    assert result.bad[0].reason == "unknown code '02' for unit (field ma); add it to [values.unit]"
    with pytest.raises(MappingError, match=r"also given as \[values\.name\]"):
        made({**long, "name": {"from": "muc", "values": codes["name"]}}, values=codes)
    with pytest.raises(MappingError, match=r"values\.period: unknown key"):
        made(long, values={"period": {"1": "2"}})


def test_a_file_with_figures_is_a_mapping_of_figures_and_any_other_is_one_of_items() -> None:
    assert isinstance(load(MAPPINGS / "centre.toml"), FigureMapping)
    assert isinstance(load(MAPPINGS / "onestop.toml"), Mapping)
    with pytest.raises(MappingError, match=r"nowhere\.toml: cannot be read"):
        load(MAPPINGS / "nowhere.toml")


def test_only_declared_fields_are_named_for_a_table_and_kept() -> None:
    mapping = made(WIDE)
    assert [field.names[0] for field in mapping.columns()] == ["ma", "ngay", "luc", "luot", "cho"]
    assert mapping.declared == {"ma", "ngay", "luc", "luot", "cho", "@on"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["ma", "ngay", "luot", "cho", "luc", "nam", "thang", "chiTieu", "so", "@on", "MA"])
SAID = JSON | st.sampled_from(["20/11/2026", "2026-11", "RHL", "1.234", "2026", 11, "TT1"])


@given(
    st.lists(JSON | st.dictionaries(NAMES, SAID, max_size=8), max_size=4),
    st.sampled_from([WIDE, LONG, {**WIDE, "period": {"const": "today"}}]),
)
def test_no_record_whatever_it_holds_makes_reading_fail(records: list[Any], figures: dict[str, Any]) -> None:
    result = read(figures, *records)
    for figure in result.figures:
        assert figure.name in BY_NAME
        assert figure.value >= 0
    assert len(result.bad) <= 2 * len(records)
    for bad in result.bad:
        json.dumps(bad.record)
        assert len(bad.reason) < 400


def test_of_everybodys_points_only_ours_are_figures_and_the_others_make_our_place() -> None:
    mapping = compile(
        {"name": "t", "figures": {"unit": "code", "period": {"const": "this_year"}, "only": ["H99"], "values": {"index766": "total"},
                                  "ranks": {"index766": "index766_rank"}}}
    )  # fmt: skip
    rows = [
        {"code": code, "total": total} for code, total in (("H01", 90), ("H99", 87.5), ("H02", "rubbish"), ("H03", 88), ("H04", 87.5004))
    ]
    read = mapping.read_all(rows, NOW)
    assert {(one.unit, one.name): one.value for one in read.figures} == {("H99", "index766"): 87.5, ("H99", "index766_rank"): 3}
    assert read.bad == []


def test_a_rank_is_a_declared_figure() -> None:
    with pytest.raises(MappingError, match=r"figures\.ranks\.index766: no figure is called 'rank'"):
        compile({"name": "t", "figures": {"unit": "code", "period": {"const": "today"}, "values": {"index766": "total"},
                                          "ranks": {"index766": "rank"}}})  # fmt: skip
