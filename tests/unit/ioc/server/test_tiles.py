"""Reported figures on the wall: each with its period and its age, a dash where this period has nothing, and no tile nobody ever told of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ioc.reported import Told
from ioc.server.aims import Aim
from ioc.server.tiles import A_YEAR, TILES, Basis, kpis
from ioc.wire import Freshness

NOW = datetime(2026, 11, 20, 7, 5, tzinfo=UTC)
PUBLISHED = datetime(2026, 4, 15, 2, 0, tzinfo=UTC)


def fresh(sources: frozenset[str]) -> Freshness:
    return {"as_of": 5, "obs": 6, "src": sorted(sources), "lag": 0, "exp": 60, "cov": (1, 1), "bad": 0}


def told(name: str, period: str, value: float, source: str = "centre", at: datetime = NOW) -> Told:
    return Told(source=source, name=name, period=period, total=value, most=value, own=value, units=1, at=at)


def drawn(*rows: Told, **aims: Aim) -> dict[str, Any]:
    return dict(kpis(rows, Basis(now=NOW, fresh=fresh, aims=aims)))


def test_a_number_nobody_ever_reported_has_no_tile() -> None:
    assert drawn() == {}
    assert drawn(told("visits", "2026-11-20", 3)).keys() == {"visits"}


def test_the_queue_stands_beside_the_waiting_time_with_the_age_of_its_source() -> None:
    tile = drawn(told("wait_p90", "2026-11-20", 18), told("queue_waiting", "2026-11-20", 46))["wait_p90"]
    assert (tile["v"], tile["u"], tile["period"], tile["q"]["src"]) == (18, "min", "2026-11-20", ["centre"])
    assert tile["parts"] == {"waiting": 46, "visits": None}


def test_yesterdays_visits_are_not_todays() -> None:
    tile = drawn(told("visits", "2026-11-19", 300))["visits"]
    assert (tile["v"], tile["period"]) == (None, "2026-11-20")


def test_satisfaction_says_of_how_many_votes() -> None:
    votes = {"votes_very_satisfied": 700, "votes_satisfied": 72, "votes_unsatisfied": 40}
    rows = [told(name, "2026-11-18", n, "kiosk") for name, n in votes.items()]
    tile = drawn(*rows, satisfaction_rate=Aim(v=98, dir="min"))["satisfaction_rate"]
    assert (tile["v"], tile["dp"], tile["st"], tile["tgt"]) == (95.1, 1, "warn", {"v": 98, "dir": "min"})
    assert tile["parts"] == {"n": 812}


def test_a_handful_of_votes_says_nothing_of_a_province() -> None:
    votes = {"votes_very_satisfied": 20, "votes_satisfied": 8, "votes_unsatisfied": 1}
    tile = drawn(*(told(name, "2026-11-18", n, "kiosk") for name, n in votes.items()))["satisfaction_rate"]
    assert (tile["v"], tile["parts"]) == (None, {"n": 29})


def test_a_yearly_index_names_its_year_its_rank_and_its_change_and_ages_with_its_source() -> None:
    rows = [told("par_index", "2025", 88.54, "sheet", PUBLISHED), told("par_index", "2024", 87.11, "sheet", PUBLISHED)]
    rows += [told("par_index_rank", "2025", 4, "sheet", PUBLISHED)]
    tile = drawn(*rows)["par_index"]
    assert (tile["v"], tile["period"], tile["parts"]) == (88.54, "2025", {"rank": 4, "change": 1.43})
    assert (tile["q"]["src"], tile["q"]["as_of"]) == (["sheet"], 5)


def test_a_number_typed_in_is_as_old_as_its_publication() -> None:
    basis = Basis(now=NOW, fresh=lambda _: fresh(frozenset()) | {"as_of": None, "obs": None})
    tile = kpis([told("sipas", "2025", 88.9, "typed", PUBLISHED)], basis)["sipas"]
    assert (tile["q"]["as_of"], tile["q"]["exp"], tile["q"]["src"]) == (round(PUBLISHED.timestamp() * 1000), A_YEAR, ["typed"])


def test_every_tile_names_a_figure_or_a_rate_there_is() -> None:
    from ioc.figures import BY_NAME, RATES

    for tile in TILES:
        assert tile.name in BY_NAME or tile.name in RATES
        assert {figure for figures in tile.parts.values() for figure in figures} <= BY_NAME.keys()
