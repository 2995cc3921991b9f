"""Published sheets: read whole or refused by row, checked against themselves, and differences that only exact causes explain."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.indicators import BY_NAME
from ioc.periods import period
from ioc.reconcile.causes import WORDS, Around, Cause, Effect, attributed, borders, hypotheses
from ioc.reconcile.counting import Basis, Difference, Dossier
from ioc.reconcile.declared import NAMED, ours
from ioc.reconcile.published import Published, PublishedError, number, published
from ioc.reconcile.sums import checks
from ioc.reconcile.told import Row, together
from ioc.reconcile.verdict import agrees
from tests.conftest import ROOT

NOW = datetime(2026, 11, 20, tzinfo=UTC)
FIGURES = json.loads((ROOT / "tests" / "data" / "seed-figures.json").read_text(encoding="utf-8"))
GOOD = {"unit": "Tiền Giang", "period": "2024-H1", "figure": "dossiers_received", "value": 281821}


def test_a_row_is_read_with_what_was_printed_beside_it() -> None:
    (one,) = published([{**GOOD, "rank": "50", "parts": "241+31+5", "cut_off": "2024-06-30T17:00", "codes": "A B A", "set": "002"}], NOW)
    assert (one.value, one.detail, one.codes, one.set_name) == (281821, {"rank": 50, "parts": [241, 31, 5]}, ("A", "B"), "002")
    assert one.cut_off == datetime(2024, 6, 30, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "value"),
    [("281821", 281821), ("89.47", 89.47), ("89,47 %", 89.47), ("1.234,56", 1234.56), ("1.100.000", 1_100_000),
     ("281.821,0", 281821), (7, 7)],
)  # fmt: skip
def test_numbers_are_read_as_people_print_them(text: object, value: float) -> None:
    assert number(text, "value") == value


@pytest.mark.parametrize(
    ("wrong", "names"),
    [
        ({"value": "281.821"}, "two ways"), ({"value": "many"}, "many"), ({"value": float("nan")}, "nan"), ({"value": True}, "True"),
        ({"period": "2024-13"}, "2024-13"), ({"colour": 1}, "colour"), ({"level": "ward"}, "ward"), ({"unit": ""}, "unit"),
        ({"cut_off": "soon"}, "soon"), ({"codes": ["x" * 65]}, "x"), ({"codes": ["079123456789"]}, "person"),
        ({"figure": "a\0b"}, "figure"),
    ],
)  # fmt: skip
def test_a_row_that_is_no_figure_is_refused_with_its_number_and_value(wrong: dict[str, Any], names: str) -> None:
    with pytest.raises(PublishedError, match=rf"row 2: .*{names}"):
        published([GOOD, GOOD | wrong], NOW)


leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40) | st.datetimes()
plain = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3))
rows = st.dictionaries(
    st.sampled_from(["unit", "period", "figure", "value", "level", "codes", "parts", "cut_off", "rank", "source", "x"]), plain
)


@given(st.lists(rows.map(lambda row: {**GOOD, **row}) | plain, max_size=4))
def test_whatever_a_sheet_holds_only_one_named_error_leaves(listed: list[object]) -> None:
    made = None
    with suppress(PublishedError):
        made = published(listed, NOW)
    assert made is None or len(made) == len(listed)


def test_every_figure_of_the_seeds_is_read_and_every_counted_one_is_declared() -> None:
    made = published(FIGURES, NOW)
    assert len(made) == len(FIGURES)
    counted = {one.figure for one in made if (found := ours(one.figure)) and found.counted}
    assert counted == {
        "dossiers_received", "dossiers_resolved", "dossiers_in_progress", "dossiers_early", "dossiers_on_time", "dossiers_late",
        "early_rate", "on_time_rate", "late_rate", "online_rate", "early_and_on_time_rate", "documents_processed_at_least",
        "signed_rate_at_least",
    }  # fmt: skip
    assert all(name in BY_NAME for found in NAMED.values() for name in (*found.counts, *filter(None, [found.whole])))


def test_the_sheet_of_the_seeds_agrees_with_itself_and_a_wrong_one_does_not() -> None:
    made = published(FIGURES, NOW)
    about = {check.about: (check.left, check.right, check.holds) for check in checks(made)}
    assert about["dossiers_received = dossiers_resolved + dossiers_in_progress"] == (281_821, 281_821, True)
    assert about["100 = early_rate + on_time_rate + late_rate"] == (100, 100, True)
    assert about["procedures_time_cut = 241 + 31 + 5"] == (277, 277, True)
    assert all(holds for _, _, holds in about.values())
    wrong = [
        Published(unit=one.unit, period=one.period, figure=one.figure, value=one.value + (one.figure == "dossiers_late")) for one in made
    ]
    failed = [check.about for check in checks(wrong) if not check.holds]
    assert failed == ["dossiers_resolved = dossiers_early + dossiers_on_time + dossiers_late"]


def test_printed_numbers_agree_to_two_decimals_and_more_than_is_reached_or_passed() -> None:
    assert agrees(9.3, 9.30, at_least=False)
    assert not agrees(9.31, 9.3, at_least=False)
    assert agrees(95, 95, at_least=True)
    assert agrees(97.2, 95, at_least=True)
    assert not agrees(94.99, 95, at_least=True)


effects = st.lists(
    st.builds(
        lambda cause, added, left: Effect(
            cause=cause, change=len(added - left) - len(left - added),
            of=Difference(
                more=len(added - left), fewer=len(left - added), added=tuple(Dossier(code=str(c)) for c in added - left),
                left_out=tuple(Dossier(code=str(c)) for c in left - added),
            ),
        ),
        st.sampled_from(list(Cause)), st.frozensets(st.integers(0, 12), max_size=4), st.frozensets(st.integers(0, 12), max_size=4),
    ),
    max_size=6,
)  # fmt: skip


@given(difference=st.integers(-8, 8).filter(bool), tried=effects)
def test_chosen_causes_make_up_the_difference_exactly_and_share_no_dossier(difference: int, tried: list[Effect]) -> None:
    chosen = attributed(difference, tried)
    alone = [effect for effect in tried if effect.change == difference]
    if alone:
        assert chosen == (alone[0],), "one cause is better than several, and the first is believed first"
    elif chosen:
        assert sum(effect.change for effect in chosen) == difference
        named = [one.code for effect in chosen for one in effect.dossiers]
        assert len(named) == len(set(named))
    else:
        for pair in combinations([effect for effect in tried if effect.change], 2):
            codes = [one.code for effect in pair for one in effect.dossiers]
            apart = len(codes) == len(set(codes)) and pair[0].cause is not pair[1].cause
            assert not (apart and sum(effect.change for effect in pair) == difference)


def test_causes_whose_dossiers_cannot_all_be_named_explain_alone_or_not_at_all() -> None:
    many = Effect(cause=Cause.LAG, change=3, of=Difference(more=3, fewer=0))
    few = Effect(cause=Cause.GONE, change=2, of=Difference(more=2, fewer=0, added=(Dossier(code="A"), Dossier(code="B"))))
    assert attributed(3, [few, many]) == (many,)
    assert attributed(5, [few, many]) == ()


def test_every_cause_has_words_and_every_way_of_counting_is_tried_once() -> None:
    assert WORDS.keys() == set(Cause)
    span = period("2024-06", NOW)
    mine = ours("dossiers_received")
    assert mine is not None
    basis = Basis(span=span, at=span.last_instant, units=(1,))
    known = Around(sources=("a", "b"), portal=True, trees=(("vi", "en", (1, 2)),))
    tried = list(hypotheses(basis, mine, known))
    assert len({(one.basis, one.counts) for one in tried}) == len(tried)
    assert {one.cause for one in tried} == set(Cause) - {Cause.CHANGED, Cause.QUARANTINED, Cause.NEVER_READ, Cause.HELD}
    assert list(borders(period("all", NOW))) == []


def test_a_figure_of_a_period_is_its_own_or_made_of_its_longest_pieces() -> None:
    def row(name: str, text: str, value: float, unit: int = 1) -> Row:
        return Row(source="s", name=name, span=period(text, NOW), unit=unit, value=value)

    half = period("2024-H1", NOW)
    months = [row("visits", f"2024-0{n}", 10) for n in range(1, 7)]
    days = [row("visits", "2024-03-05", 3)]
    assert together("visits", [*months, *days], half, 1) == 60
    assert together("visits", [*months, row("visits", "2024-H1", 61)], half, 1) == 61
    assert together("procedures_full", [row("procedures_full", "2024-05", 7), row("procedures_full", "2024-06", 9)], half, 1) == 9
    assert together("sipas", [row("sipas", "2024-H1", 85.89, unit=2)], half, 1) is None
    assert together("visits", [row("visits", "2023", 5)], half, 1) is None
