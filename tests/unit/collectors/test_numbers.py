"""Numbers in Vietnamese and in English writing: read where there is one reading, refused where there are two."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.numbers import LARGEST, read_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("1234", 1234),
        ("1.234,56", 1234.56),
        ("1,234.56", 1234.56),
        ("1.234.567", 1_234_567),
        ("1,234,567", 1_234_567),
        ("1.234.567,8", 1_234_567.8),
        ("1 234 567", 1_234_567),
        ("1\u00a0234,567", 1234.567),
        ("95,3", 95.3),
        ("95,3 %", 95.3),
        ("95.3%", 95.3),
        ("0,123", 0.123),
        ("0.123", 0.123),
        ("1234.567", 1234.567),
        (" 12 ", 12),
        ("+4", 4),
    ],
)
def test_one_reading_is_read(text: str, number: float) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize("text", ["1.234", "1,234", "12.345", "999,000"])
def test_two_readings_are_refused_until_the_decimal_point_is_declared(text: str) -> None:
    with pytest.raises(ValueError, match='in two ways; write decimal = ","'):
        read_number(text)
    vietnamese, english = read_number(text, ","), read_number(text, ".")
    assert {vietnamese, english} == {float(text.replace(",", ".")), float(text.replace(",", "").replace(".", ""))}


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        ("1.234,56", "."),
        ("1,234.56", ","),
        ("1.5", ","),
        ("0.123", ","),
        ("1234.567", ","),
    ],
)
def test_what_contradicts_the_declared_decimal_point_is_refused(text: str, decimal: str) -> None:
    with pytest.raises(ValueError, match="no number is written so"):
        read_number(text, decimal)


@pytest.mark.parametrize(
    "text", ["", "%", ".", ",5", "5.", "1.23.456", "12.34,56", "1,5,6", "1 23", "1e5", "0x1f", "١٢", "½", "--4", "nan", "9" * 65]
)
def test_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no number is written so"):
        read_number(text)


@pytest.mark.parametrize(
    ("value", "words"),
    [("-5", "below 0"), ("−3", "below 0"), (-0.1, "below 0"), (math.nan, "not finite"), (math.inf, "not finite"), (10**19, "above"),
     ("9" * 40, "above"), (10**400, "above"), (True, "a number or a text"), (None, "a number or a text"), ([1], "a number or a text")],
)  # fmt: skip
def test_what_no_figure_can_be_is_refused(value: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_number(value)


def test_a_number_of_json_is_no_riddle() -> None:
    assert (read_number(1.234), read_number(1234), repr(read_number(-0.0))) == (1.234, 1234.0, "0.0")


@given(st.floats(0, 1e9).map(lambda x: round(x, 2)), st.sampled_from([".,", ",."]))
def test_every_number_as_people_write_it_is_read_back(number: float, marks: str) -> None:
    grouping, point = marks[0], marks[1]
    text = f"{number:,.2f}".translate({ord(","): grouping, ord("."): point})
    assert read_number(text, point) == read_number(text) == number


@given(
    st.one_of(st.text(), st.text("0123456789., -%"), st.floats(), st.integers(), st.none(), st.booleans()), st.sampled_from(["", ",", "."])
)
def test_only_a_value_error_ever_leaves(value: object, decimal: str) -> None:
    try:
        number = read_number(value, decimal)
    except ValueError:
        return
    assert 0 <= number <= LARGEST
