"""The strips of wall W1: alerts, ticker and sources; its header, its keys, and what a test may not write."""

from __future__ import annotations

import pytest

from .conftest import Open
from .fixtures.province import busy, calm


async def test_alerts_take_turns_worst_first_and_the_others_are_counted(screen: Open) -> None:
    wall = await screen(busy())
    shown = []
    for _ in range(4):
        shown.append((await wall.page.get_attribute(".al", "data-st"), (await wall.text(".al-more")).split()))
        await wall.advance(10)
    assert shown == [("sev", ["1", "1"]), ("crit", ["1", "1"]), ("warn", ["1", "1"]), ("sev", ["1", "1"])]
    wall.server.topics["alerts"].write({}, ["alert.1", "alert.2", "alert.3"])
    await wall.advance(10)
    await wall.page.wait_for_selector(".al-calm")


async def test_no_alert_is_dated_with_the_second_the_rules_ran(screen: Open) -> None:
    wall = await screen(calm())
    assert await wall.text(".al-calm") == "Không có cảnh báo"
    assert await wall.text(".al-x") == "kiểm tra lúc 14:05:30"
    await wall.advance(70)
    assert await wall.text(".al-calm") == "Chưa kiểm tra được cảnh báo"


async def test_the_ticker_turns_its_page_every_eight_seconds(screen: Open) -> None:
    wall = await screen(calm())
    lines = ".tk-l.on .fit"
    pages = []
    for _ in range(4):
        pages.append(tuple(await wall.page.locator(lines).all_inner_texts()))
        await wall.advance(8)
    assert len(set(pages)) == 2
    assert pages[0] == pages[2] != pages[1]
    newest = ("X. Bình Lợi tiếp nhận 6 hồ sơ", "Sở Xây dựng trả 12 kết quả", "P. Phú Lộc trả 9 kết quả")
    assert newest in pages


async def test_broken_sources_come_first_with_their_age_and_the_slowest_is_named(screen: Open) -> None:
    wall = await screen(busy())
    states = await wall.page.eval_on_selector_all("[data-source]", "all => all.map((e) => e.dataset.state)")
    assert states[:2] == ["down", "late"]
    assert set(states[2:]) == {"fresh"}
    assert await wall.text('[data-source="khao_sat"]') == "Khảo sát\nmất 5 giờ"
    assert await wall.text('[data-source="dvcqg"]') == "DVCQG\ntrễ 22 phút"
    assert await wall.text(".sr-sum") == "9/11 hoạt động · chậm nhất 55 s"


async def test_a_rest_day_is_named_in_the_header(screen: Open) -> None:
    topics = calm()
    topics["overview"]["day"]["rest_day"] = "weekend"
    wall = await screen(topics)
    assert await wall.text(".restday") == "Ngày nghỉ — hạn tính theo giờ làm việc"


async def test_the_diagnostics_key_shows_builds_and_seqs(screen: Open) -> None:
    wall = await screen(calm())
    await wall.page.keyboard.press("d")
    text = await wall.text("[data-diagnostics]")
    assert wall.server.ui in text
    assert f"k1 · {wall.server.topics['overview'].seq}" in text
    await wall.page.keyboard.press("d")
    assert await wall.page.locator("[data-diagnostics]").count() == 0


async def test_the_pointer_hides_after_three_seconds(screen: Open) -> None:
    wall = await screen(calm())
    await wall.page.mouse.move(100, 100)
    assert "idle" not in (await wall.page.get_attribute("html", "class") or "")
    await wall.advance(3.1, step=3.1)
    assert "idle" in (await wall.page.get_attribute("html", "class") or "")


async def test_what_a_test_may_read_cannot_be_written(screen: Open) -> None:
    wall = await screen(calm())
    with pytest.raises(Exception, match=r"Cannot (set|assign|redefine)"):
        await wall.page.evaluate("() => { 'use strict'; __ioc.stats = 1; }")
