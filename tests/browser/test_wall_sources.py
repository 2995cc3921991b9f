"""What wall W1 says of its sources and of numbers that lack something, and how its third row turns its pages."""

from __future__ import annotations

from typing import Any

from .conftest import Open, Screen
from .fixtures.province import NOW, calm, drift, fresh, kpi, many, source, yearly


async def said(wall: Screen, name: str) -> tuple[str | None, str]:
    """State and words of one source on the strip."""
    state = await wall.page.get_attribute(f'[data-source="{name}"]', "data-state")
    return state, (await wall.text(f'[data-source="{name}"]')).replace("\n", " ")


async def leaf(wall: Screen) -> str | None:
    """Which page of the third row is seen; its layer and no other must be the visible one."""
    visible = await wall.page.eval_on_selector_all(".leaf", "all => all.map((e) => getComputedStyle(e).visibility)")
    page = await wall.page.get_attribute(".svc", "data-page")
    assert [i for i, v in enumerate(visible) if v == "visible"] == [int(page or -1)]
    return page


async def frames(wall: Screen) -> int:
    found: int = await wall.page.evaluate("() => __ioc.stats.counts.frames")
    return found


# ages ------------------------------------------------------------------------------------------------------------------------


async def test_sources_age_from_fresh_to_late_to_stale_or_down_while_no_message_comes(screen: Open) -> None:
    topics = calm()
    kept = {name: topics["sources"][name] for name in ("system", "src.khao_sat")}
    minute = {"period": 60, "grace": 60}
    topics["sources"] = {
        **kept, **source(NOW, "mot_cua", "Một cửa", 10, **minute), **source(NOW, "qlvb", "QLVB", 10, why="timeout", **minute)
    }  # fmt: skip
    wall = await screen(topics)
    assert (await said(wall, "mot_cua"), await said(wall, "qlvb")) == (("fresh", "Một cửa"), ("fresh", "QLVB"))
    assert (await wall.text(".sr-sum")).startswith("3/3 hoạt động")
    deltas = await wall.page.evaluate("() => __ioc.stats.counts.deltas")
    await wall.advance(49, step=20)
    assert (await said(wall, "mot_cua"))[0] == "fresh"
    await wall.advance(2, step=1)
    assert await said(wall, "mot_cua") == ("late", "Một cửa trễ 1 phút")
    await wall.advance(58, step=20)
    assert (await said(wall, "mot_cua"))[0] == "late"
    await wall.advance(2, step=1)
    assert await said(wall, "mot_cua") == ("stale", "Một cửa cũ 2 phút")
    assert await said(wall, "qlvb") == ("down", "QLVB mất 2 phút")
    assert (await wall.text(".sr-sum")).split()[0] == "1/3", "the daily survey alone is still fresh"
    assert await wall.page.evaluate("() => __ioc.stats.counts.deltas") == deltas


async def test_numbers_pass_from_live_to_late_to_stale_to_a_dash_while_no_message_comes(screen: Open) -> None:
    topics = calm()
    numbers = {"dossiers_overdue": 119, "dossiers_due_soon": 299, "dossiers_received": 899}
    for name, age in numbers.items():
        topics["overview"][f"kpi.{name}"] |= {"q": fresh(NOW, age=age)}
    wall = await screen(topics)

    async def states() -> list[str | None]:
        return [await wall.page.get_attribute(f'[data-kpi="{name}"]', "data-quality") for name in numbers]

    assert await states() == ["live", "late", "stale"]
    await wall.advance(3, step=1)
    assert await states() == ["late", "stale", "down"]
    assert await wall.text('[data-kpi="dossiers_received"] [data-v]') == "—"
    assert await wall.text('[data-kpi="dossiers_received"] .cap') == "lần cuối 13:50"


# words -----------------------------------------------------------------------------------------------------------------------


async def test_each_trouble_of_a_source_has_its_word_its_shape_and_its_place(screen: Open) -> None:
    topics = calm()
    topics["sources"] = {
        "system": topics["sources"]["system"],
        **source(NOW, "a", "Một cửa", 20, drift=[drift(NOW, "unknown_code", 25)]),
        **source(NOW, "b", "QLVB", 130, st="late"),
        **source(NOW, "c", "HCC", 20, stuck=NOW - 3 * 3_600_000),
        **source(NOW, "d", "LGSP", 720, st="down", why="connection refused", next=NOW + 120_000),
        **source(NOW, "e", "PAKN", 1320, st="stale"),
        **source(NOW, "f", "1022", 20, drift=[drift(NOW, "new_field", 300)]),
    }
    wall = await screen(topics, size=(2560, 1080))
    names = await wall.page.eval_on_selector_all("[data-source]", "all => all.map((e) => e.dataset.source).join('')")
    assert names == "decabf"
    assert [await said(wall, name) for name in names] == [
        ("down", "LGSP mất 12 phút hỏi lại 14:07"), ("stale", "PAKN cũ 22 phút"), ("stuck", "HCC đứng yên 3 giờ"),
        ("drift", "Một cửa lệch mã 25 phút"), ("late", "QLVB trễ 2 phút"), ("noted", "1022 có trường mới"),
    ]  # fmt: skip
    shapes = await wall.page.eval_on_selector_all("[data-source] svg", "all => all.map((e) => e.innerHTML)")
    assert len(set(shapes)) == 6
    assert await wall.text(".sr-sum") == "1/6 hoạt động · chậm nhất 20 s"
    await wall.page.keyboard.press("l")
    assert (await said(wall, "c"))[1] == "HCC unchanged 3 h"


async def test_a_source_that_recovers_goes_back_among_the_healthy(screen: Open) -> None:
    wall = await screen(many())
    assert await wall.page.get_attribute("[data-source]", "data-source") == "s4"
    await wall.server.push("sources", source(wall.server.now, "s4", "LGSP đất đai", 1))
    await wall.page.wait_for_selector('[data-source="s4"][data-state=fresh]', state="attached")
    assert await wall.page.get_attribute("[data-source]", "data-source") == "s8"


async def test_of_eighteen_sources_the_three_broken_are_always_named_and_the_rest_counted(screen: Open) -> None:
    wall = await screen(many())
    shown = await wall.page.eval_on_selector_all("[data-source]:not([hidden])", "all => all.map((e) => e.dataset.source)")
    assert shown[:3] == ["s4", "s8", "s2"]
    assert await said(wall, "s4") == ("down", "LGSP đất đai mất 12 phút")
    assert await said(wall, "s8") == ("stuck", "TT PVHCC đứng yên 3 giờ")
    assert await said(wall, "s2") == ("late", "QLVB trễ 2 phút")
    assert await wall.text(".sr-more") == f"và {18 - len(shown)} nguồn khác"
    assert await wall.text(".sr-sum") == "15/18 hoạt động · chậm nhất 44 s"


async def test_three_broken_sources_of_the_longest_names_still_stand_on_the_narrowest_wall(screen: Open) -> None:
    topics = many()
    for number, values in ((2, {"drift": [drift(NOW, "missing_field", 25)]}), (4, {"st": "down"}), (8, {"stuck": NOW - 7_200_000})):
        name = f"Cơ sở dữ liệu chuyên ngành về nông nghiệp và môi trường số {number}"
        topics["sources"] |= source(NOW, f"s{number}", name, 20 if number != 4 else 720, **values)
    wall = await screen(topics)
    shown = await wall.page.eval_on_selector_all("[data-source]:not([hidden])", "all => all.map((e) => e.dataset.source)")
    assert shown[:3] == ["s4", "s8", "s2"]
    assert (await said(wall, "s2"))[1] == "CSDL chuyên… thiếu trường 25 phút"


async def test_when_not_even_the_broken_find_room_the_rest_says_how_many_of_them_there_are(screen: Open) -> None:
    topics = many()
    for number in range(18):
        topics["sources"] |= source(NOW, f"s{number}", f"Hệ thống thông tin chuyên ngành {number}", 900, st="down")
    wall = await screen(topics)
    shown = await wall.page.locator("[data-source]:not([hidden])").count()
    assert 0 < shown < 18
    assert await wall.text(".sr-more") == f"và {18 - shown} nguồn khác, {18 - shown} lỗi"


async def test_a_strip_that_cannot_be_drawn_says_so_and_comes_back(screen: Open) -> None:
    wall = await screen(calm())
    await wall.server.push("sources", {"src.odd": {**source(NOW, "odd", "")["src.odd"], "title": None}})
    broken = wall.page.locator('[data-panel="sources"][data-state="error"]')
    await broken.wait_for()
    assert "E-sources" in await broken.inner_text()
    assert await wall.text('[data-kpi="dossiers_overdue"] [data-v]') == "142"
    await wall.server.push("sources", {}, gone=["src.odd"])
    await wall.advance(31, step=10)
    assert (await wall.text(".sr-sum")).startswith("11/11")


async def test_a_number_says_how_many_records_it_lacks(screen: Open) -> None:
    wall = await screen(many(), reduced=True)
    await wall.turn_to(0)
    for name, text in (("dossiers_overdue", "thiếu 3"), ("dossiers_received", "thiếu 12"), ("online_rate", "thiếu 3")):
        assert await wall.text(f'[data-kpi="{name}"] [data-missing]') == text
    assert await wall.page.locator('[data-kpi="dossiers_due_soon"] [data-missing]').count() == 0
    await wall.page.keyboard.press("l")
    assert await wall.text('[data-kpi="dossiers_overdue"] [data-missing]') == "3 missing"
    await wall.server.push("overview", {"kpi.dossiers_overdue": kpi(wall.server.now, 187)})
    await wall.page.wait_for_selector('[data-kpi="dossiers_overdue"] [data-missing]', state="detached")


async def test_a_number_of_another_day_or_year_says_so_and_does_not_light_up_when_it_changes(screen: Open) -> None:
    wall = await screen(calm())
    await wall.turn_to(2)
    tags = {name: await wall.text(f'[data-kpi="{name}"] .tag') for name in ("index766", "pci", "conference_connected_rate")}
    assert tags == {"index766": "theo ngày", "pci": "năm 2025", "conference_connected_rate": "ngày 19/11"}
    assert await wall.text('[data-kpi="pci"] .cap') == "+1,4 · hạng 2"
    assert await wall.page.get_attribute('[data-kpi="pci"]', "data-quality") == "live"
    await wall.server.push("overview", {"kpi.pci": yearly(NOW, 73.4, rank=1)})
    await wall.shows("pci", "73,4")
    await wall.advance(0.1, beats=False)
    assert await wall.page.evaluate("() => document.getAnimations().length") == 0
    await wall.server.push("overview", {"kpi.dossiers_received": kpi(wall.server.now, 1901)})
    await wall.shows("dossiers_received", "1.901")
    await wall.advance(0.1, beats=False)
    assert await wall.page.evaluate("() => document.getAnimations().length") == 1


async def test_waiting_dossiers_stand_beside_those_in_progress_and_are_loud_when_too_many(screen: Open) -> None:
    wall = await screen(calm())
    assert await wall.text('[data-kpi="dossiers_in_progress"] .cap') == "và 640 chờ bổ sung"
    await wall.server.push("overview", {"kpi.dossiers_waiting": kpi(wall.server.now, 912, st="warn")})
    await wall.page.wait_for_selector('[data-kpi="dossiers_in_progress"] .lv.warn')
    assert await wall.text('[data-kpi="dossiers_in_progress"] .cap') == "912 chờ bổ sung"


# pages -----------------------------------------------------------------------------------------------------------------------


async def test_two_walls_whose_clocks_differ_by_hours_turn_the_same_page_at_the_same_second(screen: Open) -> None:
    walls = [await screen(calm(), reduced=True, skew=skew, ready=False) for skew in (0, 2 * 3600 * 1000 + 7_300)]
    server = walls[0].server
    seen: list[tuple[str | None, ...]] = []
    for _ in range(8):
        for wall in walls:
            await wall.page.wait_for_selector("html[data-conn=live]")
            await wall.page.clock.run_for(20)
            await wall.page.wait_for_selector(".dots i.on")
        seen.append(tuple([await leaf(wall) for wall in walls]))
        server.now += 10_000
        for wall in walls:
            await wall.page.clock.run_for(9980)
        heard = [await frames(wall) for wall in walls]
        await server.beat()
        for wall, had in zip(walls, heard, strict=True):
            await wall.page.wait_for_function("n => __ioc.stats.counts.frames > n", arg=had)
    assert all(a == b for a, b in seen)
    pages = [a for a, _ in seen]
    assert pages == ["1", "2", "2", "0", "0", "1", "1", "2"]


async def test_a_page_is_left_out_while_none_of_its_numbers_is_known(screen: Open) -> None:
    topics = calm()
    third = ("index766", "par_index", "sipas", "pci", "procedures_full_rate", "conference_connected_rate")
    kept = {name: topics["overview"].pop(f"kpi.{name}") for name in third}
    topics["overview"]["kpi.sipas"] = kpi(NOW, None, q={**fresh(NOW), "as_of": None})
    wall = await screen(topics, reduced=True)
    pages = []
    for _ in range(6):
        pages.append(await leaf(wall))
        await wall.advance(20, step=10)
    assert pages == ["0", "1"] * 3
    assert await wall.page.locator(".dots i").count() == 2
    await wall.server.push("overview", {"kpi.index766": kept["index766"]})
    await wall.turn_to(2)
    assert await wall.page.locator(".dots i").count() == 3


async def test_a_number_two_kinds_of_system_may_send_shows_the_one_that_has_a_value(screen: Open) -> None:
    topics = calm()
    topics["overview"]["kpi.paid_online_rate"] |= {"v": None}
    topics["overview"]["kpi.payments_online_rate"] = kpi(NOW, 48.2, u="pct", dp=1)
    wall = await screen(topics, reduced=True)
    await wall.turn_to(0)
    await wall.shows("payments_online_rate", "48,2")
    assert await wall.page.locator('[data-kpi="paid_online_rate"]').count() == 0
    await wall.server.push("overview", {"kpi.paid_online_rate": kpi(wall.server.now, 55.3, u="pct", dp=1)})
    await wall.shows("paid_online_rate", "55,3")


async def test_a_number_that_breaks_on_a_hidden_page_is_named_at_once_and_its_page_comes_next(screen: Open) -> None:
    wall = await screen(calm(), reduced=True)
    await wall.turn_to(2)  # page 0 would follow
    assert await wall.page.locator("[data-elsewhere]").count() == 0
    await wall.server.push("overview", {"kpi.documents_overdue": kpi(wall.server.now, 61, st="crit")})
    await wall.page.wait_for_selector('[data-elsewhere="documents_overdue"] .g-crit')
    assert await wall.text("[data-elsewhere]") == "Văn bản quá hạn"
    assert await leaf(wall) == "2", "the page that is read is not taken away"
    for page in ("1", "1", "2", "0", "1"):
        await wall.advance(20, step=10)
        assert await leaf(wall) == page
    assert await wall.page.locator("[data-elsewhere]").count() == 0


async def test_a_page_fades_in_within_six_hundred_milliseconds_and_leaves_nothing_of_the_last(screen: Open) -> None:
    wall = await screen(calm())
    await wall.turn_to(1)
    before: Any = await wall.page.evaluate("() => document.getElementsByTagName('*').length")
    await wall.advance(20, step=10)
    spans = await wall.page.evaluate(
        "() => document.getAnimations().filter((a) => a.effect.target.matches('.leaf')).map((a) => a.effect.getTiming().duration)"
    )
    assert spans
    assert max(spans) <= 600
    await wall.page.wait_for_function("() => document.getAnimations().length === 0")
    assert await leaf(wall) == "2"
    assert await wall.page.evaluate("() => document.getElementsByTagName('*').length") == before
