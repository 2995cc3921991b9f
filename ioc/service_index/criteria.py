"""What the service index scores: groups, criteria, thresholds, bands, from a TOML file (criteria.toml is shipped). Pure but for `read`.

Strict: an unknown key, an unknown number, or points that do not add up are one CriteriaError each, named with what to do.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ioc.figures import BY_NAME as FIGURES
from ioc.indicators import BY_NAME as COUNTS

SHIPPED = Path(__file__).with_name("criteria.toml")


class CriteriaError(Exception):
    """The criteria cannot be scored by; the message names the file, the criterion and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """The sum of `parts` over the sum of `whole` (`largest`: over the largest of them)."""

    parts: tuple[str, ...]
    whole: tuple[str, ...]
    largest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One line of the index. `ratio` None and no `rest`: nothing of ours can determine it.

    `rest`: 100 % minus these. `factor`: the criterion whose ratio it is multiplied with. `threshold`: per cent for all points.
    """

    id: str
    group: str
    vi: str
    en: str
    points: float
    threshold: float = 100
    ratio: Ratio | None = None
    rest: tuple[Ratio, ...] = ()
    factor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Some criteria together. `published`: the figure the portal publishes of it."""

    id: str
    vi: str
    en: str
    points: float
    published: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """What a score from `since` on is called."""

    since: float
    vi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """The whole index; bands from the highest down."""

    groups: tuple[Group, ...]
    criteria: tuple[Criterion, ...]
    bands: tuple[Band, ...]

    def names(self) -> frozenset[str]:
        """Every number it is made of."""
        ratios = [ratio for one in self.criteria for ratio in (*one.rest, *([one.ratio] if one.ratio else []))]
        return frozenset(name for ratio in ratios for name in (*ratio.parts, *ratio.whole))


def read(path: Path = SHIPPED) -> Criteria:
    """The criteria of a file. Raises CriteriaError."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CriteriaError(f"{path}: cannot be read ({error.strerror}); correct [service_index] criteria") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CriteriaError(f"{path.name}: not TOML: {error}; compare it with the shipped {SHIPPED.name}") from None
    return parse(raw, path.name)


def parse(raw: Mapping[str, Any], name: str = "criteria") -> Criteria:
    """Criteria from plain values, checked as a whole."""
    _known(name, raw, {"group", "criterion", "band"})
    made = Criteria(
        groups=tuple(Group(**_row(name, each, _GROUP)) for each in raw.get("group", ())),
        criteria=tuple(_criterion(name, each) for each in raw.get("criterion", ())),
        bands=tuple(
            sorted(
                (Band(since=row.pop("from"), **row) for each in raw.get("band", ()) for row in [_row(name, each, _BAND)]),
                key=lambda band: -band.since,
            )
        ),
    )
    _check(name, made)
    return made


_TEXT = {"id": (str, True), "vi": (str, True), "en": (str, True), "points": ((int, float), True)}
_GROUP: Mapping[str, tuple[Any, bool]] = {**_TEXT, "published": (str, False)}
_BAND: Mapping[str, tuple[Any, bool]] = {"from": ((int, float), True), "vi": (str, True), "en": (str, True)}
_CRITERION: Mapping[str, tuple[Any, bool]] = {
    **_TEXT, "group": (str, True), "threshold": ((int, float), False), "parts": (list, False), "whole": (list, False),
    "whole_max": (bool, False), "rest": (list, False), "factor": (str, False),
}  # fmt: skip


def _criterion(name: str, raw: Any) -> Criterion:
    row = _row(name, raw, _CRITERION)
    where = f"{name}: criterion {row['id']}"
    parts, whole, largest = row.pop("parts", []), row.pop("whole", []), row.pop("whole_max", False)
    rest = tuple(_ratio(where, each) for each in row.pop("rest", ()))
    if bool(parts) != bool(whole) or (parts and rest):
        raise CriteriaError(f"{where}: give parts and whole, or rest, or none of them")
    if not 0 < row.get("threshold", 100) <= 100:
        raise CriteriaError(f"{where}: threshold = {row['threshold']}; give per cent above 0, at most 100")
    ratio = Ratio(parts=_names(where, parts), whole=_names(where, whole), largest=largest) if parts else None
    return Criterion(**row, ratio=ratio, rest=rest)


def _ratio(where: str, raw: Any) -> Ratio:
    if not isinstance(raw, Mapping) or raw.keys() != {"parts", "whole"}:
        raise CriteriaError(f"{where}: rest holds tables with parts and whole, got {raw!r}")
    return Ratio(parts=_names(where, raw["parts"]), whole=_names(where, raw["whole"]))


def _names(where: str, raw: Sequence[Any]) -> tuple[str, ...]:
    for one in raw:
        if one not in COUNTS and one not in FIGURES:
            raise CriteriaError(f"{where}: {one!r} is no number of ours; see docs/indicators.md and docs/sources/figures.md")
    return tuple(raw)


def _row(name: str, raw: Any, shape: Mapping[str, tuple[Any, bool]]) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise CriteriaError(f"{name}: {raw!r} is no table; write [[group]], [[criterion]], [[band]]")
    where = f"{name}: {raw.get('id', raw.get('vi', '?'))}"
    _known(where, raw, shape)
    for key, (kind, needed) in shape.items():
        if (needed or key in raw) and (not isinstance(raw.get(key), kind) or (isinstance(raw[key], bool) and kind is not bool)):
            raise CriteriaError(f"{where}: {key} = {raw.get(key)!r} is missing or of another kind; compare it with the shipped file")
    return dict(raw)


def _known(where: str, raw: Mapping[str, Any], keys: Any) -> None:
    if strange := [key for key in raw if key not in keys]:
        raise CriteriaError(f"{where}: unknown key {strange[0]!r}; known: {', '.join(keys)}")


def _check(name: str, made: Criteria) -> None:
    """What only shows when all is seen together: unique names, points that add up, factors and bands that can be used."""
    ids = [one.id for one in made.criteria]
    if len(set(ids)) != len(ids) or len({group.id for group in made.groups}) != len(made.groups):
        raise CriteriaError(f"{name}: an id is used twice; give each criterion and group its own")
    by_id = {one.id: one for one in made.criteria}
    for one in made.criteria:
        if one.group not in {group.id for group in made.groups}:
            raise CriteriaError(f"{name}: criterion {one.id}: there is no group {one.group!r}")
        if one.factor and (one.factor not in by_id or by_id[one.factor].factor or by_id[one.factor].ratio is None):
            raise CriteriaError(f"{name}: criterion {one.id}: factor = {one.factor!r} must be a criterion with parts and without a factor")
    for group in made.groups:
        total = sum(one.points for one in made.criteria if one.group == group.id)
        if round(total - group.points, 6):
            raise CriteriaError(
                f"{name}: group {group.id}: its criteria have {total:g} points, the group {group.points:g}; make them equal"
            )
    if round(sum(group.points for group in made.groups) - 100, 6):
        raise CriteriaError(f"{name}: the groups have {sum(group.points for group in made.groups):g} points together; they must have 100")
    if not made.bands or made.bands[-1].since != 0:
        raise CriteriaError(f"{name}: the lowest [[band]] must begin at 0, so that every score has a name")
