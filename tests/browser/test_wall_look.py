"""How wall W1 looks, measured: sizes, clipping, colour, contrast, fonts, languages. (W1-01..04, W1-09..12, T-FONT, T-CONTRAST)"""

from __future__ import annotations

import pytest

from .conftest import Open, Screen
from .fixtures.province import NOW, Topics, busy, calm, drift, kpi, many, ranked, source, yearly
from .measures import FRAME, OVERLAPS, TEXTS, contrast, saturated

SIZES = [(1920, 1080), (3840, 2160), (2560, 1080), (5120, 1440)]
HERO = '[data-kpi="dossiers_overdue"]'


def crowded() -> Topics:
    """The longest names and largest numbers a province may send, records missing everywhere, every page beyond its limits."""
    made = many()
    overview = made["overview"]
    names = [
        "Sở Văn hóa, Thể thao và Du lịch", "Ban Quản lý Khu kinh tế và các Khu công nghiệp tỉnh", "Sở Nông nghiệp và Môi trường",
        "Phường Nghĩa Trường Thượng Đông", "Văn phòng Đăng ký đất đai và Phát triển quỹ đất", "Đặc khu Phú Quốc",
    ]  # fmt: skip
    overview["attention"] = {
        "rows": ranked([(name, "crit", 1284 - i, 2210 + i, 187.0) for i, name in enumerate(names)]),
        "rest_units": 145,
        "rest_over": 91_284,
    }
    overview["day"] |= {"province": "Thành phố Hồ Chí Minh", "rest_day": "Giỗ Tổ Hùng Vương", "located": False}
    for name, value in (("dossiers_overdue", 98_764), ("dossiers_in_progress", 1_284_067), ("documents_in", 128_406)):
        overview[f"kpi.{name}"] |= {"v": value, "q": kpi(NOW, 0)["q"]}
    for i, key in enumerate(key for key in overview if key.startswith("cell.")):
        overview[key] |= {"short": "Nghĩa Trường Thượng" if i % 3 == 0 else "Đường Ỷ"}
    overview["kpi.online_rate"] |= {"v": 62.4375, "dp": 2}
    overview["kpi.documents_signed_rate"] |= {"v": 100.0, "dp": 2}
    for number, line in enumerate(made["alerts"].values()):
        line["text_vi"] = "1.284 hồ sơ quá hạn, 187 hồ sơ trên 15 ngày làm việc, 64 hồ sơ chưa có người nhận xử lý " * 3
        line["subject"] = names[number]
    for tick in made["ticker"].values():
        tick |= {"unit": "Ban Quản lý Khu kinh tế và các Khu công nghiệp tỉnh", "n": 12_840}
    for i, value in enumerate([value for name, value in overview.items() if name.startswith("kpi.")]):
        value["q"] = {**value["q"], "bad": 1284}
        if i % 2:
            value["st"] = ("warn", "crit", "sev")[i % 3]
    overview["kpi.portal_sync_rate"]["parts"] = {"differences": 12_840}
    overview["kpi.pci"] = yearly(NOW, 72.81, rank=34, change=-12.75)
    for number, values in enumerate(made["sources"].values()):
        if "title" in values:
            values["title"] = f"Cơ sở dữ liệu chuyên ngành của {names[number % len(names)]}"
    made["sources"] |= source(
        NOW, "s5", "Hệ thống thông tin giải quyết thủ tục hành chính", 20, drift=[drift(NOW, "missing_field", 25)], skew=40
    )
    return made


async def settle(screen: Screen, *, beats: bool = True) -> None:
    """Let the second pass, and observers and half-second fades come to rest.

    Observers speak in real frames, whatever the page's clock says: on a busy machine the last one may not have been drawn yet.
    """
    await screen.advance(2, step=1, beats=beats)
    for _ in range(2):  # what an observer changed in one frame is seen by the others in the next
        await screen.page.evaluate(FRAME)
    await screen.page.wait_for_function("() => document.getAnimations().length === 0")


async def test_the_first_snapshot_is_on_the_screen_and_no_text_is_smaller_than_the_room_allows(screen: Open) -> None:
    wall = await screen(busy())
    assert await wall.text(f"{HERO} [data-v]") == "187"
    texts = await wall.page.evaluate(TEXTS)
    smallest = min(texts, key=lambda t: t["size"])
    assert smallest["size"] >= 0.64 * 3 / 100 * 1080 - 0.01, smallest
    hero = await wall.page.evaluate(f"() => parseFloat(getComputedStyle(document.querySelector('{HERO} [data-v]')).fontSize)")
    assert hero >= 4.4 * 0.0192 * 1080


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
async def test_nothing_overflows_and_no_text_is_cut_off_or_overlaps_in_either_language(screen: Open, size: tuple[int, int]) -> None:
    wall = await screen(crowded(), size=size, reduced=True)
    for _ in range(3):
        await look_for_cuts(wall, size)
        await wall.page.keyboard.press("l")
        await look_for_cuts(wall, size)
        await wall.advance(16, step=8)


async def look_for_cuts(wall: Screen, size: tuple[int, int], *, beats: bool = True) -> None:
    await settle(wall, beats=beats)
    root = await wall.page.evaluate("() => { const e = document.documentElement; return [e.scrollWidth, e.scrollHeight]; }")
    assert root == list(size)
    names = await wall.page.locator(".row:not([hidden]) .nm").all_inner_texts()
    assert len(names) >= 4
    assert all(names)
    texts = await wall.page.evaluate(TEXTS)
    assert len(texts) > 60
    assert [t["text"] for t in texts if t["clipped"]] == []
    assert await wall.page.evaluate(OVERLAPS, texts) == []


@pytest.mark.parametrize("state", ["database down", "line lost"])
async def test_nothing_overflows_while_something_is_wrong(screen: Open, state: str) -> None:
    size = (1920, 1080)
    topics = crowded()
    if state == "database down":
        topics["sources"]["system"] |= {"db": False, "db_since": NOW}
    wall = await screen(topics, size=size)
    if state == "line lost":
        wall.server.welcoming = False
        await wall.server.cut()
        await wall.advance(65, beats=False)
        assert await wall.conn() == "lost"
    for _ in ("vi", "en"):
        await look_for_cuts(wall, size, beats=state != "line lost")
        await wall.page.keyboard.press("l")


async def test_names_on_the_map_stay_inside_their_cells(screen: Open) -> None:
    wall = await screen(busy(), size=(5120, 1440))
    await settle(wall)
    wide = await wall.page.evaluate(
        """() => [...document.querySelectorAll('.heatgrid > g')].map((g) => {
          const text = g.querySelector('text'), cell = g.querySelector('rect').getBBox(), name = text.getBBox();
          return [text.textContent, name.x + name.width - cell.x - cell.width];
        }).filter(([, over]) => over > 0)"""
    )
    assert wide == []
    cut = await wall.page.locator(".heatgrid text", has_text="…").count()
    assert cut == 0, "two-syllable names of seven letters are shown whole"


async def test_nothing_stands_across_the_bezel_of_a_double_wall(screen: Open) -> None:
    wall = await screen(busy(), size=(5120, 1440))
    await settle(wall)
    texts = await wall.page.evaluate(TEXTS)
    assert [t["text"] for t in texts if t["x"] < 2560 + 30 and t["x"] + t["w"] > 2560 - 30] == []


async def test_all_figures_of_the_first_row_stand_on_one_baseline(screen: Open) -> None:
    wall = await screen(busy())
    baselines = await wall.page.evaluate(
        """() => [...document.querySelectorAll('.body > .k [data-v]')].map((e) => {
          const probe = document.createElement('i'); probe.style.cssText = 'display:inline-block;width:1px;height:0';
          e.append(probe); const y = probe.getBoundingClientRect().bottom; probe.remove(); return y; })"""
    )
    assert len(baselines) == 5
    assert max(baselines) - min(baselines) <= 1.5


async def test_a_calm_wall_is_grey_and_a_busy_one_is_coloured_only_where_something_broke(screen: Open) -> None:
    wall = await screen(calm())
    await settle(wall)
    assert await saturated(wall.page) <= 0.01
    wall.server.fill(busy())
    wall.server.topics["overview"].epoch = wall.server.topics["alerts"].epoch = wall.server.topics["sources"].epoch = "k2"
    await wall.server.cut()
    await wall.page.wait_for_selector("html[data-conn=retry]")
    await wall.page.clock.run_for(1500)
    await wall.page.wait_for_selector(".al.hot")
    share = await saturated(wall.page)
    assert 0.003 < share <= 0.06


async def test_missing_values_are_dashes_everywhere(screen: Open) -> None:
    topics = calm()
    for key, value in topics["overview"].items():
        if key.startswith("kpi."):
            value |= {"v": None, "parts": dict.fromkeys(value.get("parts", {}))}
    wall = await screen(topics)
    shown = await wall.page.eval_on_selector_all("[data-kpi] [data-v]", "all => all.map((e) => e.textContent)")
    assert shown == ["—"] * 23
    text = await wall.page.inner_text("body")
    assert not any(word in text for word in ("NaN", "null", "undefined", "Infinity"))


async def test_the_three_shares_shown_sum_to_a_hundred(screen: Open) -> None:
    topics = calm()
    topics["overview"]["kpi.early_and_on_time_rate"]["parts"] = {"early": 33.335, "on_time": 33.335, "late": 33.33}
    wall = await screen(topics)
    shown = await wall.page.eval_on_selector_all("[data-share]", "all => all.map((e) => e.textContent)")
    assert len(shown) == 3
    assert sum(round(float(text.replace(",", ".")) * 100) for text in shown) == 10_000


async def test_with_reduced_motion_nothing_is_animated(screen: Open) -> None:
    wall = await screen(busy(), reduced=True)
    await wall.server.push("overview", {"kpi.dossiers_received": kpi(wall.server.now, 1901)})
    await wall.shows("dossiers_received", "1.901")
    await wall.advance(9, step=1)
    assert await wall.page.evaluate("() => document.getAnimations().length") == 0


async def test_inter_is_loaded_for_vietnamese_and_its_digits_are_equally_wide(screen: Open) -> None:
    wall = await screen(calm())
    assert await wall.page.evaluate("() => document.fonts.check('600 40px Inter', 'Ấ Ỗ Ữ ặ ỹ đ Đ ₫ ≤ ≥ ≈ →')")
    widths = await wall.page.evaluate(
        """() => ['111111', '888888', 'ẾỖỮ gỵ'].map((text) => {
          const e = document.createElement('span'); e.className = 'fig'; e.textContent = text; e.style.position = 'absolute';
          document.body.append(e); const r = e.getBoundingClientRect(); e.remove(); return [r.width, r.height]; })"""
    )
    assert abs(widths[0][0] - widths[1][0]) <= 0.5
    families = await wall.page.evaluate("() => [...document.fonts].filter((f) => f.status === 'loaded').map((f) => f.family)")
    assert families
    assert set(families) == {"Inter"}


@pytest.mark.parametrize("state", ["busy", "lost"])
async def test_every_text_is_readable_against_what_lies_behind_it(screen: Open, state: str) -> None:
    wall = await screen(busy())
    if state == "lost":
        wall.server.welcoming = False
        await wall.server.cut()
        await wall.advance(65, beats=False)
    else:
        await settle(wall)
    texts = [t for t in await wall.page.evaluate(TEXTS) if t["behind"]]
    assert len(texts) > 50
    weak = [(t["text"], round(contrast(t["colour"], t["behind"]), 2)) for t in texts if contrast(t["colour"], t["behind"]) < 4.5]
    assert weak == []


async def test_the_map_says_in_words_which_units_are_abnormal(screen: Open) -> None:
    wall = await screen(busy())
    grid = wall.page.locator(".heatgrid")
    label = await grid.get_attribute("aria-label")
    assert await grid.get_attribute("role") == "img"
    assert label is not None
    assert label.startswith("Bất thường: ")
    assert len(label.split(",")) == 6
    assert await wall.text(".a-m h2") == "151 xã, phường"


async def test_nothing_is_asked_of_another_origin_and_the_policy_is_kept(screen: Open) -> None:
    wall = await screen(busy())
    await wall.page.keyboard.press("d")
    await wall.page.keyboard.press("l")
    await wall.advance(20)
    assert wall.foreign == []
    assert wall.faults == []


async def test_the_language_changes_with_one_key_and_back(screen: Open) -> None:
    wall = await screen(calm())
    await wall.page.keyboard.press("l")
    assert await wall.text(f"{HERO} h2") == "Overdue, still open"
    assert await wall.text('[data-kpi="dossiers_in_progress"] [data-v]') == "8,406"
    assert await wall.page.get_attribute("html", "lang") == "en"
    await wall.page.keyboard.press("l")
    assert await wall.text('[data-kpi="dossiers_in_progress"] [data-v]') == "8.406"
