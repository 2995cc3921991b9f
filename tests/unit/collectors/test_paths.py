"""Expressions in place of field names: what they find, what they read, and that nothing but their own error ever leaves them."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.fields import ABSENT, find, has
from collectors.mapping import compile, load
from collectors.paths import PathError, reads, search
from collectors.source import BadItem, MappingError
from ioc.model import Kind, State, Urgency
from tests.contract.rigs.base import NOW
from tests.unit.collectors.test_mapping import declared

RECORD = {"a": {"b": [{"c": "x", "d": 1}, {"c": "y", "d": 2}]}, "nam": 2026, "so": "7", "tên": "chữ"}


@pytest.mark.parametrize(
    ("name", "found", "read"),
    [
        ("=a.b[0].c", "x", {"a.b.c"}),
        ("=a.b[-1].d", 2, {"a.b.d"}),
        ("=a.b[?c=='y'].d | [0]", 2, {"a.b.c", "a.b.d"}),
        ("=a.b[].c", ["x", "y"], {"a.b.c"}),
        ("=join('/', [so, to_string(nam)])", "7/2026", {"so", "nam"}),
        ("=sort_by(a.b, &d)[0].c", "x", {"a.b.d", "a.b.c"}),
        ("=map(&c, a.b)", ["x", "y"], {"a.b.c"}),
        ("=khong || so", "7", {"khong", "so"}),
        ('="tên"', "chữ", {"tên"}),
        ("=khong.co", None, {"khong.co"}),
        ("=a.b[0].{x: c, y: d}.y", 1, {"a.b.c.y", "a.b.d.y"}),
    ],
)
def test_an_expression_finds_a_value_and_names_the_fields_it_reads(name: str, found: object, read: set[str]) -> None:
    assert search(RECORD, name) == found
    assert reads(name) == read


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("=", "no JMESPath"), ("=a.", "no JMESPath"), ("=a[", "no JMESPath"), ("=thu(a)", "there is no function thu()"),
        ("=@", "names no field"), ("=`7`", "names no field"), ("=*", "name the fields"), ("=a.*", "name the fields"),
        ("=values(a)", "name the fields"), ("=keys(a)", "name the fields"), ("=" + "a" * 300, "longer than 300"),
        ("=" + "!" * 299, "no JMESPath"),
    ],
)  # fmt: skip
def test_an_expression_that_is_none_or_reads_what_it_does_not_name_is_refused(name: str, words: str) -> None:
    with pytest.raises(PathError) as error:
        reads(name)
    assert words in str(error.value)


def test_a_whole_object_never_becomes_text() -> None:
    with pytest.raises(BadItem, match="cannot be applied"):
        find({"chuHoSo": {"ten": "Nguyễn Văn Thử"}}, "=to_string(chuHoSo)")


def test_what_an_expression_does_not_find_is_absent_and_a_failure_shows_no_value() -> None:
    assert find(RECORD, "=a.khong") is ABSENT
    with pytest.raises(BadItem) as error:
        find({"ten": "Nguyễn Văn Thử"}, "=join('', ten)")
    assert "Thử" not in str(error.value)


def test_a_table_has_an_expression_s_column_when_it_has_a_field_it_reads() -> None:
    assert has(["MaHoSo", "Trạng thái"], "=MaHoSo")
    assert not has(["MaHoSo"], "=DonVi")


@pytest.mark.parametrize("place", ["code", "due_at"])
def test_a_mapping_with_a_broken_expression_is_refused_with_its_key(place: str) -> None:
    with pytest.raises(MappingError, match=rf"fields\.{place}\.from: '=a\.': no JMESPath"):
        compile(declared(fields={place: "=a."}))


def test_what_expressions_read_is_declared_and_nothing_around_it() -> None:
    pauses = {"from": "=lichSu.dung[]", "since": "=tu.luc", "until": "den", "reason": "other"}
    mapping = compile(declared(fields={"unit": "=thongTin.nguoiNhan[0].donVi"}, pauses=pauses))
    assert {name for name in mapping.declared if "." in name} == {"thongTin.nguoiNhan.donVi", "lichSu.dung.tu.luc", "lichSu.dung.den"}


def test_a_task_is_read_with_its_assigner_deadlines_and_partial_results() -> None:
    mapping = load(Path(__file__).resolve().parents[3] / "examples" / "mappings" / "tasks.toml")
    task = tomllib.loads(
        'maNhiemVu="NV-1"\ndonViChuTri="SXD"\ndonViGiao="VPCP"\nmucDo="khan"\nngayGiao="2026-09-01T01:00:00.000Z"\n'
        'hanXuLy="2026-09-20T10:00:00.000Z"\nhanBanDau="2026-09-10T10:00:00.000Z"\ntrangThai="DANG_THUC_HIEN"\n'
        'chuyenVienTheoDoi="Nguyễn Văn Thử"\n[[ketQua]]\nlan=1\ntyLe=20\n[[ketQua]]\nlan=2\ntyLe=45'
    )
    (item,) = mapping.read_all([task], NOW).items
    assert (item.kind, item.state, item.urgency, item.assigner, item.progress) == (Kind.TASK, State.WORKING, Urgency.URGENT, "VPCP", 45)
    assert item.first_due_at is not None
    assert item.due_at is not None
    assert item.first_due_at < item.due_at
    (stated,) = mapping.read_all([{**task, "tyLeHoanThanh": "60"}], NOW).items
    assert stated.progress == 60


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner),
    max_leaves=8,
)
EXPRESSIONS = [
    "=a.b[0].c", "=a[?b > `1`].c | [0]", "=join(',', a)", "=sum(a)", "=avg(a)", "=max_by(a, &b).c", "=sort(a)[0]", "=to_number(a)",
    "=a[::2]", "=length(a)", "=a.b[] | sort_by(@, &c)", "=merge(a, b).c", "=not_null(a, b, c)", "=a[?contains(b, 'x')]", "=abs(a)",
]  # fmt: skip


@given(st.sampled_from(EXPRESSIONS), JSON)
def test_whatever_a_record_is_only_a_bad_item_leaves_an_expression(name: str, record: Any) -> None:
    with suppress(BadItem):
        find(record, name)


@given(st.text(max_size=20))
def test_whatever_is_written_as_an_expression_only_its_own_error_leaves(text: str) -> None:
    with suppress(PathError):
        reads("=" + text)
