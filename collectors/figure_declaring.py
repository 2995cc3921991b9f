"""compile(): a declared mapping of figures, as read from TOML, checked and made ready. Called by readers.py.

As with mappings of items every mistake is a MappingError before the first record: an unknown key, a figure nobody declared in
ioc/figures.py, a period that cannot be. docs/sources/figures.md and examples/mappings show every shape.
"""

from __future__ import annotations

import math
from typing import Any

from collectors import declaring
from collectors.fields import CODE_LENGTH, Field, as_text, composed
from collectors.figure_mapping import FigureMapping, Number
from collectors.figure_periods import PRESENT, SHAPES, Always, Numbered, When, Written, read_period
from collectors.numbers import LONGEST, NONE
from collectors.source import MappingError, shown, suggestion
from ioc.figures import BY_NAME

TOP = frozenset({"name", "title", "zone", "unit", "figures", "values"})
KEYS = frozenset({"unit", "period", "reported_at", "decimal", "values", "name", "value", "only", "ranks"})
NUMBER_KEYS = frozenset({"from", "sum", "scale", "values", "empty", "decimal"})


def compile(declared: dict[str, Any]) -> FigureMapping:
    """A mapping of figures from plain values. Raises MappingError naming key, value and remedy."""
    declaring.only("", declared, TOP)
    given = declaring.table("figures", declared.get("figures"))
    declaring.only("figures", given, KEYS)
    codes = declaring.table("values", declared.get("values", {}))
    declaring.only("values", codes, {"unit", "name"} & given.keys())
    for key in ("unit", "period"):
        if key not in given:
            raise MappingError(f"figures.{key}: missing; name their field for it")
    long = "name" in given or "value" in given
    if long == ("values" in given):
        raise MappingError("figures: give either [figures.values], or name and value for records with one number each")
    decimal = _decimal("figures.decimal", given.get("decimal", ""))
    zone = declaring.zone(declared.get("zone", "Asia/Ho_Chi_Minh"))
    return FigureMapping(
        name=declaring.text("name", declared.get("name")),
        title=declaring.text("title", declared.get("title", declared.get("name"))),
        zone=zone,
        unit=_field("unit", "figures.unit", given["unit"], codes=codes.get("unit"), limit=CODE_LENGTH),
        when=_when(given["period"]),
        reported_at=_field("reported_at", "figures.reported_at", given["reported_at"]) if "reported_at" in given else None,
        values={} if long else _values(given["values"], decimal),
        called=_called(given.get("name"), codes.get("name")) if long else None,
        value=_number("value", "figures.value", given.get("value"), decimal) if long else None,
        create_units=declaring.true_false("unit", declared.get("unit", {}), "create"),
        only=frozenset(declaring.names("figures.only", given["only"])) if given.get("only") else frozenset(),
        ranks=_ranks(given.get("ranks", {})),
    )


def _values(declared: object, decimal: str) -> dict[str, Number]:
    table = declaring.table("figures.values", declared)
    if not table:
        raise MappingError("figures.values: empty; name their field for at least one figure")
    return {_known(f"figures.values.{name}", name): _number(name, f"figures.values.{name}", each, decimal) for name, each in table.items()}


def _ranks(declared: object) -> dict[str, str]:
    """Figure -> the figure that is its place among all; both declared."""
    table = declaring.table("figures.ranks", declared)
    return {
        _known(f"figures.ranks.{name}", name): _known(f"figures.ranks.{name}", declaring.text(f"figures.ranks.{name}", rank))
        for name, rank in table.items()
    }


def _called(declared: object, codes: object) -> Field:
    """Which field says which figure a record is; each of its words must lead to a declared one."""
    called = _field("name", "figures.name", declared, codes=codes)
    for theirs, ours in (called.values or {}).items():
        _known(f"values.name.{theirs}", ours)
    return called


def _known(key: str, name: str) -> str:
    if name not in BY_NAME:
        raise MappingError(f"{key}: no figure is called {shown(name)}{suggestion(name, BY_NAME)}")
    return name


def _field(ours: str, key: str, declared: object, *, codes: object = None, limit: int = LONGEST) -> Field:
    """Their field's name, or a table that says more: from, const, values, default, empty. `codes`: what stands in [values.<ours>]."""
    table = {"from": declared} if isinstance(declared, str) else declaring.table(key, declared)
    declaring.only(key, table, {"from", "const", "values", "default", "empty"})
    if ("from" in table) == ("const" in table):
        raise MappingError(f"{key}: give exactly one of from (their field) and const (always the same)")
    if "values" in table and codes is not None:
        raise MappingError(f"{key}.values: also given as [values.{ours}]; keep one of the two")
    codes = table.get("values", codes)
    return Field(
        ours=ours,
        names=declaring.places(f"{key}.from", table["from"]) if "from" in table else (),
        const=declaring.text(f"{key}.const", table["const"]) if "const" in table else None,
        values=None if codes is None else _codes(f"values.{ours}", codes),
        default=declaring.text(f"{key}.default", table["default"]) if "default" in table else None,
        empty=_empty(key, table),
        limit=limit,
    )


def _number(name: str, key: str, declared: object, decimal: str) -> Number:
    """Their field for a number, or a table: from (the first that holds something), or sum (all of them); scale, values, decimal."""
    table = {"from": declared} if isinstance(declared, str) else declaring.table(key, declared)
    declaring.only(key, table, NUMBER_KEYS)
    if ("from" in table) == ("sum" in table):
        raise MappingError(f"{key}: give exactly one of from (their field) and sum (fields that add up)")
    codes = _codes(f"{key}.values", table["values"]) if "values" in table else None
    listed = declaring.places(f"{key}.from", table["from"]) if "from" in table else declaring.places(f"{key}.sum", table["sum"])
    parts = [listed] if "from" in table else [(each,) for each in listed]
    empty = NONE | _empty(key, table)
    scale = table.get("scale", 1.0)
    if isinstance(scale, bool) or not isinstance(scale, int | float) or not (math.isfinite(scale) and scale > 0):
        raise MappingError(f"{key}.scale: {shown(scale)} is no number above 0; write what theirs is multiplied with")
    return Number(
        parts=tuple(Field(ours=name, names=names, values=codes, empty=empty, limit=LONGEST) for names in parts),
        scale=float(scale),
        decimal=_decimal(f"{key}.decimal", table.get("decimal", decimal)),
    )


def _codes(key: str, declared: object) -> dict[str, str]:
    """Their words -> ours, as texts."""
    codes = {}
    for theirs, value in declaring.table(key, declared).items():
        text = as_text(value)
        if text is None or not text.strip():
            raise MappingError(f"{key}.{theirs}: {shown(value)} is no text; write what it shall mean")
        codes[composed(theirs)] = text
    if not codes:
        raise MappingError(f"{key}: empty; list their words, or remove it")
    return codes


def _empty(key: str, table: dict[str, Any]) -> frozenset[str]:
    return frozenset(map(composed, declaring.names(f"{key}.empty", table["empty"]))) if "empty" in table else frozenset()


def _decimal(key: str, declared: object) -> str:
    if declared not in ("", ",", "."):
        raise MappingError(f'{key}: {shown(declared)} is no decimal point; write "," or "."')
    return str(declared)


def _when(declared: object) -> When:
    """One of: their field, {from, shape}, {year, month, ...}, {const}."""
    if isinstance(declared, str):
        return Written(field=_field("period", "figures.period", declared))
    table = declaring.table("figures.period", declared)
    if "const" in table:
        declaring.only("figures.period", table, {"const"})
        return Always(period_or_word=_always(table["const"]))
    if "year" in table:
        declaring.only("figures.period", table, SHAPES)
        return Numbered(parts={shape: _field(shape, f"figures.period.{shape}", each) for shape, each in table.items()})
    shape = table.get("shape")
    if shape not in SHAPES:
        raise MappingError(f"figures.period.shape: {shown(shape)} is no shape of a period{suggestion(str(shape), SHAPES)}")
    rest = {key: value for key, value in table.items() if key != "shape"}
    return Written(field=_field("period", "figures.period", rest), shape=str(shape))


def _always(declared: object) -> str:
    text = declaring.text("figures.period.const", declared)
    if text in PRESENT:
        return text
    try:
        return read_period(text, "", declaring.zone("UTC"))
    except ValueError as error:
        raise MappingError(f"figures.period.const: {shown(text)}: {error}; write {', '.join(PRESENT)}, or one like 2026-11") from None
