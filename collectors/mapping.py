"""compile(): a declared mapping, as read from TOML, checked and made ready to read records. Called at start and by `ioc import`.

Everything is checked here, so that a mistake is an error with a remedy before the first record, and not a quarantine full of
dossiers: an unknown key, a value that is not one of ours, an unknown zone, a missing required field. examples/mappings shows every
shape.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from collectors.declaring import names as _names
from collectors.declaring import only as _known
from collectors.declaring import places as _places
from collectors.declaring import read_file
from collectors.declaring import table as _table
from collectors.declaring import text as _text
from collectors.declaring import true_false as _true_false
from collectors.declaring import zone as _zone
from collectors.fields import CODE_LENGTH, TEXT_LENGTH, Field, as_text, composed
from collectors.reading import Mapping, Moved, PauseList
from collectors.source import MappingError, shown, suggestion
from ioc.model import Kind, Reason, State, TermUnit, Trait, Urgency, Way

TEXTS = {
    "code": CODE_LENGTH, "unit": CODE_LENGTH, "field": TEXT_LENGTH, "procedure": TEXT_LENGTH, "step": TEXT_LENGTH, "assigner": TEXT_LENGTH
}  # fmt: skip
TIMES = frozenset({"received_at", "submitted_at", "due_at", "first_due_at", "step_due_at", "apology_at", "closed_at", "happened_at"})
TRAITS = [str(t) for t in Trait]
FLAGS = frozenset({"outgoing", "signed", *TRAITS})
OURS = {
    "state": [str(s) for s in State],
    "channel": [str(w) for w in Way],
    "kind": [str(k) for k in Kind],
    "urgency": [str(u) for u in Urgency],
    "waits_for": [str(r) for r in Reason],
}
FIELDS = frozenset({*TEXTS, *TIMES, *FLAGS, *OURS, "term", "progress"} - {"kind"})
REQUIRED = ("code", "unit", "state", "received_at")
TOP = frozenset({"name", "title", "zone", "kind", "fields", "values", "rows", "suspect", "unit", "pauses", "moved", "gone", "keep"})
FIELD_KEYS = frozenset({"from", "const", "values", "default", "empty"})


def load(path: Path) -> Mapping:
    """The mapping in a TOML file. Raises MappingError naming the file."""
    return read_file(path, compile)


def compile(declared: dict[str, Any]) -> Mapping:
    """A mapping from plain values. Raises MappingError naming key, value and remedy."""
    _known("", declared, TOP)
    values = _table("values", declared.get("values", {}))
    _known("values", values, (FIELDS | {"kind"}) - TIMES)
    given = _table("fields", declared.get("fields"))
    _known("fields", given, FIELDS)
    for ours in REQUIRED:
        if ours not in given:
            raise MappingError(f"fields.{ours}: missing; name their field for it")
    for ours in values:
        if ours not in given and ours != "kind":
            raise MappingError(f"values.{ours}: translates a field that is not declared; add fields.{ours}")
    from_closed = isinstance(given["state"], dict) and "from_closed" in given["state"]
    fields = {ours: _field(ours, each, values.get(ours)) for ours, each in given.items() if not (ours == "state" and from_closed)}
    if "kind" in declared:
        kind = declared["kind"]
        fields["kind"] = _field("kind", {"const": kind} if isinstance(kind, str) else kind, values.get("kind"), key="kind")
    if from_closed:
        _from_closed(given)
    traits = {Trait(name): fields.pop(name) for name in TRAITS if name in fields}
    return Mapping(
        name=_text("name", declared.get("name")),
        title=_text("title", declared.get("title", declared.get("name"))),
        zone=_zone(declared.get("zone", "Asia/Ho_Chi_Minh")),
        fields=fields,
        state_from_closed=from_closed,
        term_unit=_term_unit(given.get("term")),
        create_units=_true_false("unit", declared.get("unit", {}), "create"),
        take_received=_suspect(declared.get("suspect", {})),
        pauses=_pauses(declared["pauses"]) if "pauses" in declared else None,
        moved=_moved(declared["moved"]) if "moved" in declared else None,
        traits=traits,
        keep=frozenset(_names("keep", declared["keep"])) if declared.get("keep") else frozenset(),
        gone=_gone(declared["gone"]) if "gone" in declared else None,
        last_by=_rows(declared["rows"]) if "rows" in declared else None,
    )


def _field(ours: str, declared: object, values: object, key: str = "") -> Field:
    """One entry of [fields]: their field's name, or a table that says more."""
    key = key or f"fields.{ours}"
    table: dict[str, Any] = {"from": declared} if isinstance(declared, str) else _table(key, declared)
    extra = {"unit"} if ours == "term" else {"longer"} if ours in TEXTS and ours not in ("code", "unit") else set()
    _known(key, table, FIELD_KEYS | extra)
    if ("from" in table) == ("const" in table):
        raise MappingError(f"{key}: give exactly one of from (their field) and const (always the same)")
    if "values" in table and values is not None:
        raise MappingError(f"{key}.values: also given as [values.{ours}]; keep one of the two")
    if ours in TIMES and ("values" in table or "default" in table or "const" in table):
        raise MappingError(f"{key}: a time can only come from their field; remove values, default and const")
    codes = _codes(ours, f"{key}.values" if "values" in table else f"values.{ours}", table.get("values", values))
    if table.get("longer", "cut") != "cut":
        raise MappingError(f'{key}.longer: {shown(table["longer"])} is not known; write "cut" or leave it out')
    return Field(
        ours=ours,
        names=_places(f"{key}.from", table["from"]) if "from" in table else (),
        const=_ours(ours, f"{key}.const", table["const"]) if "const" in table else None,
        values=codes,
        default=_ours(ours, f"{key}.default", table["default"]) if "default" in table else None,
        empty=frozenset(map(composed, _names(f"{key}.empty", table["empty"]))) if "empty" in table else frozenset(),
        limit=TEXTS.get(ours, TEXT_LENGTH),
        cut="longer" in table,
    )


def _codes(ours: str, key: str, values: object) -> dict[str, str] | None:
    """Their codes -> ours. Where ours is a closed list and nothing is declared, only our own words are accepted."""
    if values is None:
        return {word: word for word in OURS[ours]} if ours in OURS else None
    table = _table(key, values)
    if not table:
        raise MappingError(f"{key}: empty; list their codes, or remove it")
    return {composed(str(theirs)): _ours(ours, f"{key}.{theirs}", value) for theirs, value in table.items()}


def _ours(ours: str, key: str, value: object) -> str:
    """A value on our side of the mapping, checked against what we know."""
    text = as_text(value)
    if text is None or not text.strip():
        raise MappingError(f"{key}: {shown(value)} is no text; write the value {ours} shall have")
    if ours in OURS and text not in OURS[ours]:
        raise MappingError(f"{key}: {shown(text)} is no {ours} of ours{suggestion(text, OURS[ours])}")
    if ours in FLAGS and text not in ("true", "false"):
        raise MappingError(f"{key}: {shown(text)} is neither true nor false; write one of them")
    limit = TEXTS.get(ours, TEXT_LENGTH)
    if len(text) > limit:
        raise MappingError(f"{key}: {shown(text)} is longer than {limit} characters; shorten it")
    return text


def _from_closed(given: dict[str, Any]) -> None:
    _known("fields.state", given["state"], {"from_closed"})
    if given["state"]["from_closed"] is not True:
        raise MappingError(
            f"fields.state.from_closed: {shown(given['state']['from_closed'])}; write true, or name their field for the state"
        )
    if "closed_at" not in given:
        raise MappingError("fields.state.from_closed: needs fields.closed_at; name their field for the closing time")


def _term_unit(declared: object) -> TermUnit:
    unit = declared.get("unit", TermUnit.WORKING_DAYS) if isinstance(declared, dict) else TermUnit.WORKING_DAYS
    if unit not in list(TermUnit):
        raise MappingError(f"fields.term.unit: {shown(unit)} is no unit of ours{suggestion(str(unit), [str(u) for u in TermUnit])}")
    return TermUnit(unit)


def _suspect(declared: object) -> bool:
    table = _table("suspect", declared)
    _known("suspect", table, {"closed_before_received"})
    rule = table.get("closed_before_received", "take_received")
    if rule not in ("take_received", "quarantine"):
        raise MappingError(
            f"suspect.closed_before_received: {shown(rule)} is no rule{suggestion(str(rule), ['take_received', 'quarantine'])}"
        )
    return bool(rule == "take_received")


def _pauses(declared: object) -> PauseList:
    table = _table("pauses", declared)
    _known("pauses", table, {"from", "since", "until", "reason"})
    return PauseList(
        each=_places("pauses.from", _text("pauses.from", table.get("from")))[0],
        since=Field(ours="pauses.since", names=_places("pauses.since", table.get("since"))),
        until=Field(ours="pauses.until", names=_places("pauses.until", table.get("until"))),
        reason=_reason(table.get("reason", Reason.SUPPLEMENT)),
    )


def _reason(declared: object) -> Field:
    """Always the same reason, or a field of the rows with their codes for it."""
    if isinstance(declared, dict):
        return replace(_field("waits_for", declared, None, key="pauses.reason"), ours="pauses.reason")
    if declared not in list(Reason):
        raise MappingError(f"pauses.reason: {shown(declared)} is no reason of ours{suggestion(str(declared), [str(r) for r in Reason])}")
    return Field(ours="pauses.reason", const=str(declared))


def _moved(declared: object) -> Moved:
    table = _table("moved", declared)
    _known("moved", table, {"from", "old", "new"})
    return Moved(
        each=_places("moved.from", _text("moved.from", table.get("from")))[0],
        old=Field(ours="moved.old", names=_places("moved.old", table.get("old"))),
        new=Field(ours="moved.new", names=_places("moved.new", table.get("new"))),
    )


def _gone(declared: object) -> Field:
    table = _table("gone", declared)
    _known("gone", table, {"from", "values"})
    values = _table("gone.values", table["values"]) if "values" in table else None
    codes = {composed(str(theirs)): _ours("signed", f"gone.values.{theirs}", value) for theirs, value in values.items()} if values else None
    return Field(ours="gone", names=_places("gone.from", table.get("from")), values=codes)


def _rows(declared: object) -> Field:
    table = _table("rows", declared)
    _known("rows", table, {"group_by", "last_by"})
    if table.get("group_by") != "code":
        raise MappingError(f'rows.group_by: {shown(table.get("group_by"))}; rows are gathered by our field: write "code"')
    return Field(ours="rows.last_by", names=_places("rows.last_by", table.get("last_by")))
