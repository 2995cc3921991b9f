"""A mapping is checked when it is declared: every mistake names its key, its value and the remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from collectors.mapping import compile, load
from collectors.readers import load as load_any
from collectors.source import MappingError

EXAMPLES = sorted((Path(__file__).resolve().parents[3] / "examples" / "mappings").glob("*.toml"))


def declared(**changes: Any) -> dict[str, Any]:
    fields = {"code": "MaHoSo", "unit": "DonVi", "state": "TrangThai", "received_at": "NgayNhan", "closed_at": "NgayTra"}
    return {"name": "test", "fields": {**fields, **changes.pop("fields", {})}, **changes}


def without(field: str) -> dict[str, Any]:
    mapping = declared()
    del mapping["fields"][field]
    return mapping


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_compiles_and_is_called_as_its_file(path: Path) -> None:
    assert load_any(path).name == path.stem


def test_the_examples_are_there() -> None:
    assert {"commune", "documents", "onestop", "receipt", "simple"} <= {path.stem for path in EXAMPLES}


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        (declared(feilds={}), "feilds: unknown key; did you mean 'fields'?"),
        (declared(fields={"recieved_at": "X"}), "fields.recieved_at: unknown key; did you mean 'received_at'?"),
        (declared(fields={"state": {"form": "X"}}), "fields.state.form: unknown key; did you mean 'from'?"),
        (without("code"), "fields.code: missing; name their field for it"),
        (without("received_at"), "fields.received_at: missing; name their field for it"),
        (declared(values={"state": {"4": "workng"}}), "values.state.4: 'workng' is no state of ours; did you mean 'working'?"),
        (declared(values={"state": {"4": 4}}), "values.state.4: '4' is no state of ours"),
        (declared(values={"state": {}}), "values.state: empty; list their codes, or remove it"),
        (
            declared(values={"channel": {"1": "counter"}}),
            "values.channel: translates a field that is not declared; add fields.channel",
        ),
        (declared(values={"received_at": {"1": "x"}}), "values.received_at: unknown key"),
        (declared(fields={"channel": {"from": "Kenh", "default": "web"}}), "fields.channel.default: 'web' is no channel of ours"),
        (declared(fields={"unit": {"from": "A", "const": "B"}}), "fields.unit: give exactly one of from (their field) and const"),
        (declared(fields={"unit": {"const": "x" * 65}}), "is longer than 64 characters; shorten it"),
        (declared(fields={"due_at": {"const": "2026"}}), "fields.due_at: a time can only come from their field"),
        (
            declared(fields={"signed": {"from": "K", "values": {"1": "yes"}}}),
            "fields.signed.values.1: 'yes' is neither true nor false",
        ),
        (
            declared(fields={"term": {"from": "N", "unit": "days"}}),
            "fields.term.unit: 'days' is no unit of ours; known: calendar_days",
        ),
        (declared(fields={"step": {"from": "S", "longer": "drop"}}), "fields.step.longer: 'drop' is not known; write \"cut\""),
        (declared(fields={"code": {"from": "S", "longer": "cut"}}), "fields.code.longer: unknown key"),
        (declared(fields={"code": 7}), "fields.code: 7 is no table"),
        (declared(fields={"code": {"from": []}}), "fields.code.from: None is no text"),
        (declared(fields={"state": {"from_closed": False}}), "fields.state.from_closed: False; write true"),
        (
            without("closed_at") | {"fields": without("closed_at")["fields"] | {"state": {"from_closed": True}}},
            "needs fields.closed_at",
        ),
        (declared(zone="Asia/Saigonn"), "zone: no time zone is called 'Asia/Saigonn'; write one like Asia/Ho_Chi_Minh"),
        (declared(zone="../../etc/passwd"), "zone: no time zone is called"),
        (declared(kind="dosier"), "kind.const: 'dosier' is no kind of ours; did you mean 'dossier'?"),
        (declared(kind={"from": "loai"}, values={"kind": {"den": "documents"}}), "values.kind.den: 'documents' is no kind of ours"),
        (declared(suspect={"closed_before_received": "drop"}), "suspect.closed_before_received: 'drop' is no rule"),
        (declared(unit={"create": "yes"}), "unit.create: 'yes' is neither true nor false"),
        (declared(rows={"group_by": "MaHoSo", "last_by": "t"}), "rows.group_by: 'MaHoSo'; rows are gathered by our field"),
        (declared(rows={"group_by": "code"}), "rows.last_by: None is no text; write one"),
        (
            declared(pauses={"from": "DS", "since": "A", "until": "B", "reason": "papers"}),
            "pauses.reason: 'papers' is no reason of ours; known: fee, other, supplement",
        ),
        (
            declared(pauses={"from": "DS", "since": "A", "until": "B", "reason": {"from": "L", "values": {"1": "fees"}}}),
            "pauses.reason.values.1: 'fees' is no waits_for of ours; did you mean 'fee'?",
        ),
        (
            declared(fields={"waits_for": {"from": "T", "values": {"5": "paper"}}}),
            "fields.waits_for.values.5: 'paper' is no waits_for of ours",
        ),
        (declared(fields={"submitted_at": {"from": "N", "default": "2026"}}), "fields.submitted_at: a time can only come from their field"),
        (declared(gone={"from": "Xoa", "values": {"X": "gone"}}), "gone.values.X: 'gone' is neither true nor false"),
        (declared(gone={"from": "Xoa", "values": 3}), "gone.values: 3 is no table"),
        ({"name": "test"}, "fields: None is no table; write it as [fields]"),
        (declared(name=""), "name: '' is no text; write one"),
        (
            declared(values={"state": {"4": "working"}}, fields={"state": {"from": "T", "values": {"4": "done"}}}),
            "keep one of the two",
        ),
    ],
)
def test_a_mistake_names_key_value_and_remedy(mapping: dict[str, Any], message: str) -> None:
    with pytest.raises(MappingError) as error:
        compile(mapping)
    assert message in str(error.value)


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text("name = ", encoding="utf-8")
    with pytest.raises(MappingError, match=r"m\.toml: not TOML"):
        load(path)
    path.write_bytes(b"name = '\xff'")
    with pytest.raises(MappingError, match=r"m\.toml: byte 8 is not UTF-8"):
        load(path)


def test_units_are_created_only_where_the_mapping_says_so() -> None:
    assert compile(declared()).create_units is False
    assert compile(declared(unit={"create": True})).create_units is True
