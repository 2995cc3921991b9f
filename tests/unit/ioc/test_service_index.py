"""The service index against a sheet worked out by hand, criterion by criterion; its bands, ranks, gains and refusals. (K10)"""

from __future__ import annotations

import tomllib
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.service_index.answer import changes, estimate, shown
from ioc.service_index.criteria import SHIPPED, CriteriaError, parse, read
from ioc.service_index.score import band, gains, next_band, ranks, score

CRITERIA = read()
VALUES: dict[str, float | None] = {
    "procedures_published_on_time": 40, "procedures_published": 50,  # 80 % -> 3.2 of 4
    "procedures_public_on_time": 1789, "procedures_to_publish": 1789,  # 4 of 4
    "procedures_complete": 900, "procedures_public": 1200,  # 75 % -> 3 of 4
    "mirrors_received": 900, "dossiers_received": 1000,  # 90 % -> 5.4 of 6
    "dossiers_kept": 960, "dossiers_judged": 1000,  # 96 % -> 19.2 of 20
    "procedures_full": 1215, "procedures_partial": 486, "procedures_info": 86,  # 95.19 % >= 80 % -> 2 of 2
    "procedures_online_used": 1701,  # 100 % -> 4 of 4
    "dossiers_received_online": 500,  # 50 % x 90 % = 45 % of 50 % -> 5.4 of 6
    "procedures_paid_online": 40, "procedures_with_fee": 100,  # 40 % of 80 % -> 2 of 4
    "dossiers_paid_online": 120, "dossiers_with_fee": 800,  # 15 % of 30 % -> 3 of 6
    "dossiers_electronic_result": 450, "dossiers_resolved": 900,  # 50 % -> 3 of 6
    "dossiers_digitised": 600,  # 60 % of 80 % -> 3 of 4
    "dossiers_reused": 80,  # 8 % of 80 % -> 0.2 of 2
    "feedback_on_time": 45, "feedback_answered": 50, "feedback_disputed": 5,  # 90 % -> 5.4 and 5.4 of 6
    "dossiers_late": 45, "votes_very_satisfied": 700, "votes_satisfied": 200, "votes_unsatisfied": 100,  # 100-5-10 = 85 of 90 -> 5.6667
}  # fmt: skip
SHEET = {
    "1.1": 3.2, "1.2": 4, "1.3": 3, "1.4": 5.4, "2.1": 19.2, "3.1": 2, "3.2": 4, "3.3": 5.4, "3.5": 2, "3.6": 3, "4.1": 3, "4.2": 3,
    "4.3": 0.2, "4.4": None, "5.2": 5.4, "5.3": 5.4, "5.4": 5.67,
}  # fmt: skip


def test_every_criterion_has_the_points_of_the_hand_sheet() -> None:
    made = score(CRITERIA, VALUES)
    assert {mark.criterion.id: shown(mark.points) for mark in made.marks} == SHEET
    assert made.of == 90, "4.4 is undetermined: neither zero nor full"
    assert shown(made.points) == 73.87
    assert shown(made.value) == 82.07  # 73.8667 of 90


def test_groups_sum_to_the_total_and_the_shipped_file_is_the_decree_s_hundred() -> None:
    made = score(CRITERIA, VALUES)
    assert sum(made.group(group.id).points for group in CRITERIA.groups) == made.points
    assert {group.id: group.points for group in CRITERIA.groups} == {"ckmb": 18, "tdgq": 20, "clgq": 12, "tttt": 10, "mdhl": 18, "mdsh": 22}


def test_what_nobody_reports_is_undetermined_and_named() -> None:
    told = estimate(CRITERIA, VALUES | {"procedures_published": None, "procedures_with_fee": 0})
    marks = {mark["id"]: mark for mark in told["criteria"]}
    assert marks["1.1"]["points"] is None
    assert marks["1.1"]["vi_why"] == "Chưa xác định: chưa có số liệu procedures_published"
    assert marks["3.5"]["vi_why"] == "Chưa xác định: mẫu số bằng 0"
    assert marks["4.4"]["en_why"] == "Undetermined: no number is declared"
    assert told["groups"][0]["undetermined"] == ["1.1"]
    assert told["of"] == 82
    nothing = estimate(CRITERIA, {})
    assert (nothing["score"], nothing["band"], nothing["gains"], nothing["next_band"]) == (None, None, [], None)


def test_an_undetermined_factor_leaves_what_hangs_on_it_undetermined() -> None:
    marks = {mark.criterion.id: mark.points for mark in score(CRITERIA, VALUES | {"mirrors_received": None}).marks}
    assert marks["1.4"] is None
    assert marks["3.3"] is None


def test_points_lost_are_listed_from_the_largest() -> None:
    lost = estimate(CRITERIA, VALUES)["lost"]
    assert [(one["id"], one["points"]) for one in lost[:4]] == [("3.6", 3), ("4.1", 3), ("3.5", 2), ("4.3", 1.8)]


def moved(name: str, step: int) -> dict[str, float | None]:
    """The sheet with so many more of a number; a vote that is no longer unsatisfied is a satisfied one, so their sum stays."""
    changed = VALUES | {name: (VALUES[name] or 0) + step}
    return changed | ({"votes_satisfied": (VALUES["votes_satisfied"] or 0) - step} if name == "votes_unsatisfied" else {})


def test_a_gain_says_the_smallest_number_that_brings_a_point() -> None:
    found = {(gain.criterion, gain.name): gain for gain in gains(CRITERIA, VALUES)}
    assert found["3.6", "dossiers_paid_online"].more == 40, "one point is a sixth of 30 % of 800 dossiers with a fee"
    late = found["5.4", "dossiers_late"]
    assert (late.more, late.fewer) == (45, True), "a third of a point is 5 % of 900 resolved"
    assert found["5.4", "votes_unsatisfied"].more == 50, "or 5 % of 1,000 votes"
    assert not [one for one in found if one[0] == "1.2"], "all its points are there"
    for (criterion, name), gain in found.items():
        if criterion == "1.4":
            continue  # its own factor of 3.3 moves too
        sign = -1 if gain.fewer else 1
        steps = (0, sign * (gain.more - 1), sign * gain.more)
        marks = [{m.criterion.id: m.points for m in score(CRITERIA, moved(name, step)).marks} for step in steps]
        first, almost, last = (mark[criterion] or Fraction(0) for mark in marks)
        assert last - first >= gain.points > almost - first, criterion


def test_the_next_band_says_what_is_missing_and_what_alone_would_do() -> None:
    told = estimate(CRITERIA, VALUES)
    assert told["band"] == {"from": 80, "vi": "Tốt", "en": "Good"}
    assert told["next_band"]["from"] == 90
    assert told["next_band"]["missing"] == 7.13  # 90 % of 90 points less 73.87
    assert told["next_band"]["alone"] == []
    near = estimate(CRITERIA, VALUES | {"dossiers_paid_online": 80, "feedback_on_time": 20})  # 72 of 90 is "good"
    assert [one["id"] for one in near["next_band"]["alone"]]


def test_bands_begin_at_their_border() -> None:
    assert [band(CRITERIA, Fraction(value)).vi for value in (100, 90, 80, 70, 50, 0)] == [
        "Xuất sắc", "Xuất sắc", "Tốt", "Khá", "Trung bình", "Yếu",
    ]  # fmt: skip
    assert band(CRITERIA, Fraction(8999, 100)).vi == "Tốt"
    above = next_band(CRITERIA, Fraction(8999, 100))
    assert above is not None
    assert above.since == 90
    assert next_band(CRITERIA, Fraction(90)) is None


def test_ranks_leave_gaps_after_ties_and_none_for_what_has_no_score() -> None:
    values = {"a": Fraction("84.6"), "b": Fraction("84.6004"), "c": Fraction("90"), "d": None, "e": Fraction("80"), "f": Fraction("84.59")}
    assert ranks(values) == {"c": 1, "a": 2, "b": 2, "f": 4, "e": 5}


def test_points_and_thresholds_come_from_the_file() -> None:
    text = (
        SHIPPED.read_text(encoding="utf-8").replace("points = 12", "points = 14").replace("points = 10\npublished", "points = 8\npublished")
    )
    raw: Any = tomllib.loads(text)
    by_id = {one["id"]: one for one in raw["criterion"]}
    by_id["3.3"]["points"], by_id["3.6"]["points"] = 8, 4
    changed = parse(raw)
    marks = {mark.criterion.id: shown(mark.points) for mark in score(changed, VALUES).marks}
    assert (marks["3.3"], marks["3.6"]) == (7.2, 2)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda raw: raw["criterion"][0].update(points=5), r"group ckmb: its criteria have 19 points, the group 18"),
        (lambda raw: raw["group"][0].update(points=19), r"group ckmb"),
        (lambda raw: raw["criterion"][0].update(parts=["dossiers_receivd"]), r"criterion 1\.1: 'dossiers_receivd' is no number of ours"),
        (lambda raw: raw["criterion"][0].pop("whole"), r"criterion 1\.1: give parts and whole"),
        (lambda raw: raw["criterion"][0].update(threshold=0), r"threshold = 0"),
        (lambda raw: raw["criterion"][0].update(group="x"), r"there is no group 'x'"),
        (lambda raw: raw["criterion"][0].update(colour="red"), r"unknown key 'colour'"),
        (lambda raw: raw["criterion"][7].update(factor="9.9"), r"criterion 3\.3: factor = '9\.9'"),
        (lambda raw: raw["band"].pop(), r"must begin at 0"),
        (lambda raw: raw["criterion"].append(dict(raw["criterion"][0])), r"used twice"),
        (lambda raw: raw.update(note="x"), r"unknown key 'note'"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_scored_by_is_refused_with_what_to_do(change: Any, wrong: str) -> None:
    raw = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    change(raw)
    with pytest.raises(CriteriaError, match=wrong):
        parse(raw)


def test_wishes_are_read_and_nonsense_is_refused() -> None:
    assert changes(["dossiers_paid_online:+620", "dossiers_late:-3", "dossiers_late:-1"]) == {
        "dossiers_paid_online": 620,
        "dossiers_late": -4,
    }
    with pytest.raises(CriteriaError, match=r"'dossiers_late' is no change"):
        changes(["dossiers_late"])


COUNT = st.one_of(st.none(), st.integers(0, 5000))


@given(st.fixed_dictionaries(dict.fromkeys(sorted(CRITERIA.names()), COUNT)))
def test_a_score_lies_between_nothing_and_everything_whatever_is_reported(values: dict[str, int | None]) -> None:
    made = score(CRITERIA, values)
    assert 0 <= made.points <= made.of <= 100
    assert made.value is None or 0 <= made.value <= 100
    for gain in gains(CRITERIA, values):
        assert gain.more > 0
        assert 0 < gain.points <= 1
