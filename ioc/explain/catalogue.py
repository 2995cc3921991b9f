"""The catalogue of all numbers, from their declarations: `python -m ioc.explain.catalogue > docs/indicators.md`.

A test holds the page against this, so a number cannot be added, nor its definition changed, without standing there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ioc.explain.definition import Definition, define, names
from ioc.indicators.declared import Better

HEAD = """# Danh mục chỉ số · Catalogue of the numbers

Viết từ khai báo bằng `python -m ioc.explain.catalogue`; không sửa tay. Written from the declarations; do not edit.

Mỗi con số trên mọi màn hình là một trong các định nghĩa dưới đây. `ioc explain TÊN` và `/api/v1/explain?indicator=TÊN` cho biết con số tại
một thời điểm được đếm từ những hệ thống nào, dữ liệu đến lúc nào, và danh sách hồ sơ đứng sau nó: danh sách dài đúng bằng con số.

Every number on every screen is one of these definitions. `ioc explain NAME` and `/api/v1/explain?indicator=NAME` tell from which systems
it was counted at an instant, how old their data were, and where the dossiers behind it are listed: the list is as long as the number.

Điều kiện là SQL trên một hồ sơ, văn bản hoặc nhiệm vụ, xét tại thời điểm `at`. The conditions are SQL over one item, judged at `at`:

| | |
|---|---|
| `:since`, `:until` | đầu kỳ (kể cả) và cuối kỳ (không kể) / the period's beginning (in it) and end (not in it) |
| `:age_2` … `:age_16` | thời điểm trước `at` đúng chừng ấy ngày làm việc / the instant so many working days before `at` |
| `late_from` | từ lúc này là quá hạn; `null`: không có hạn / late from here on; `null`: no deadline |
| `early_before` | xong trước lúc này là trước hạn / early when closed before |
| `soon_at` | từ lúc này là sắp đến hạn / due soon from here on |
| `step_due_at` | hạn của bước đang xử lý / the deadline of the present step |
| `reception_due_at` | hạn tiếp nhận hồ sơ đã nộp / by when what was sent in must be received |
| `apology_due_at` | hạn gửi thư xin lỗi / by when the apology must have gone out |

*Phiên bản* đổi khi và chỉ khi định nghĩa đổi. A *version* changes when the definition does, and only then.
Căn cứ ghi *cần kiểm tra / to be checked* là chưa đối chiếu với toàn văn. A basis so marked was not yet held against the full text.
"""
GROUPS: Mapping[str, str] = {
    "dossiers": "Hồ sơ · Dossiers",
    "documents": "Văn bản · Documents",
    "tasks": "Nhiệm vụ · Tasks",
    "rates": "Tỷ lệ · Rates",
    "times": "Thời gian · Times",
    "figures": "Số liệu báo cáo · Reported figures",
}
AND = "\n  and "  # one condition a line
GOOD: Mapping[Better, str] = {"up": "tăng / more", "down": "giảm / less", "": "không xét / neither"}


def page() -> str:
    """The whole page."""
    grouped: dict[str, list[Definition]] = {group: [] for group in GROUPS}
    for name in names():
        made = define(name)
        grouped[group_of(made)].append(made)
    return "\n".join((HEAD, *(line for group, listed in grouped.items() for line in _section(GROUPS[group], listed))))


def group_of(made: Definition) -> str:
    """Where a number stands: by what is counted, or by how it is computed."""
    if made.sort in ("rate", "figure_rate", "comparison"):
        return "rates"
    if made.sort in ("time", "figure"):
        return f"{made.sort}s"
    return "documents" if made.kinds == {"document"} else "tasks" if made.kinds == {"task"} else "dossiers"


def _section(title: str, listed: list[Definition]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| tên / name | tiếng Việt | English | đo bằng / in |\n|---|---|---|---|"
    yield from (f"| [`{one.name}`](#{one.name}) | {one.words.vi} | {one.words.en} | {one.measured_in} |" for one in listed)
    yield ""
    for one in listed:
        yield from _entry(one)


def _entry(one: Definition) -> Iterator[str]:
    words = one.words
    yield f"### `{one.name}`\n"
    yield f"**{words.vi}.** {words.about_vi}\n"
    yield f"**{words.en}.** {words.about_en}\n"
    if one.formula or one.predicate:
        yield f"```sql\n{one.formula or one.predicate.replace(' and ', AND)}\n```\n"
    yield f"- Đo bằng / measured in: {one.measured_in}; tốt khi / good when: {GOOD[one.better]}; {_when(one)}"
    yield f"- Căn cứ / basis: {words.basis}"
    yield f"- Chịu trách nhiệm / owner: {words.owner}; phiên bản / version: `{one.version}`\n"


def _when(one: Definition) -> str:
    if one.sort == "comparison":
        return "tại hiện tại / of the present"
    return "theo kỳ / per period" if one.per_period else "số tồn / a stock"


if __name__ == "__main__":
    print(page(), end="")
