"""How wall W1 lives: ages, losses, storms, refusals. Both clocks are moved by hand. (W1-05..08, P-02, P-03, P-05..P-08)"""

from __future__ import annotations

import asyncio
from typing import Any

from .conftest import Open, Screen
from .fixtures.province import NOW, busy, calm, kpi, ranked

HERO = '[data-kpi="dossiers_overdue"]'


async def kind(wall: Screen, selector: str = HERO) -> str | None:
    return await wall.page.get_attribute(selector, "data-quality")


async def counts(wall: Screen) -> dict[str, int]:
    found: dict[str, int] = await wall.page.evaluate("() => ({ ...__ioc.stats.counts })")
    return found


async def heads(wall: Screen) -> dict[str, Any]:
    found: dict[str, Any] = await wall.page.evaluate("() => __ioc.stats.heads")
    return found


# ages ------------------------------------------------------------------------------------------------------------------------


async def test_a_value_ages_by_itself_while_no_update_comes(screen: Open) -> None:
    wall = await screen(calm())
    assert await kind(wall) == "live"
    before = await counts(wall)
    await wall.advance(130, step=10)
    after = await counts(wall)
    assert (after["snaps"], after["deltas"]) == (before["snaps"], before["deltas"])
    assert await kind(wall) == "late"
    assert await wall.text(f"{HERO} .cap") == "cũ 2 phút"
    assert await wall.text(f"{HERO} [data-v]") == "142"
    await wall.advance(60, step=10)
    assert await wall.text(f"{HERO} .cap") == "cũ 3 phút"


async def test_a_stale_value_keeps_standing_and_one_too_old_becomes_a_dash_with_its_time(screen: Open) -> None:
    wall = await screen(busy(), reduced=True)
    await wall.turn_to(0)
    stale, down = '[data-kpi="online_rate"]', '[data-kpi="satisfaction_rate"]'
    assert (await kind(wall, stale), await wall.text(f"{stale} [data-v]")) == ("late", "62,4")
    assert await wall.text(f"{stale} .cap") == "cũ 22 phút"
    assert (await kind(wall, down), await wall.text(f"{down} [data-v]")) == ("down", "—")
    assert await wall.text(f"{down} .cap") == "lần cuối 08:12"
    assert await wall.page.get_attribute(stale, "data-asof") == str(NOW - 22 * 60_000)


async def test_without_the_database_every_value_is_late_at_once(screen: Open) -> None:
    wall = await screen(calm())
    system = {**wall.server.topics["sources"].values["system"], "db": False, "db_since": wall.server.now}
    await wall.server.push("sources", {"system": system})
    await wall.page.wait_for_selector('[data-system="db"]')
    assert await wall.text('[data-system="db"]') == "cơ sở dữ liệu gián đoạn từ 14:05"
    states = await wall.page.eval_on_selector_all("[data-kpi]", "all => all.map((e) => e.dataset.quality)")
    assert states == ["late"] * 23


async def test_a_tile_without_a_value_waits_then_says_so(screen: Open) -> None:
    topics = calm()
    del topics["overview"]["kpi.dossiers_overdue"]
    wall = await screen(topics)
    assert await wall.page.get_attribute(HERO, "data-state") == "loading"
    await wall.advance(6)
    assert await wall.text(f"{HERO} .cap") == "Đang tải…"
    await wall.advance(15)
    assert await wall.page.get_attribute(HERO, "data-state") == "empty"
    assert await wall.page.get_attribute(HERO, "data-st") == "na"
    assert await wall.text(f"{HERO} [data-v]") == "—"
    await wall.server.push("overview", {"kpi.dossiers_overdue": kpi(wall.server.now, 12)})
    await wall.shows("dossiers_overdue", "12")


async def test_nothing_overdue_is_good_news_and_dated(screen: Open) -> None:
    topics = calm()
    topics["overview"]["kpi.dossiers_overdue"] |= {"v": 0}
    topics["overview"]["attention"] = {"rows": [], "rest_units": 0, "rest_over": 0}
    wall = await screen(topics)
    assert await wall.page.get_attribute(HERO, "data-state") == "empty"
    assert await wall.text(f"{HERO} [data-v]") == "0"
    assert await wall.text(f"{HERO} .cap") == "Không có hồ sơ quá hạn · 14:05"
    assert await wall.text(".a-n .none") == "Không có đơn vị quá hạn · lúc 14:05"


async def test_one_tile_that_cannot_be_drawn_leaves_the_others_alone_and_comes_back(screen: Open) -> None:
    wall = await screen(calm())
    good = wall.server.topics["overview"].values["kpi.dossiers_overdue"]
    await wall.server.push("overview", {"kpi.dossiers_overdue": {"v": 1}})
    broken = wall.page.locator('[data-panel="dossiers_overdue"][data-state="error"]')
    await broken.wait_for()
    assert "E-dossiers_overdue" in await broken.inner_text()
    assert await wall.text('[data-kpi="dossiers_received"] [data-v]') == "1.842"
    await wall.server.push("overview", {"kpi.dossiers_overdue": good})
    await wall.advance(31)
    assert await wall.text(f"{HERO} [data-v]") == "142"


# the line --------------------------------------------------------------------------------------------------------------------


async def test_a_lost_line_is_said_at_once_then_louder_and_values_stay_with_their_time(screen: Open) -> None:
    wall = await screen(calm())
    wall.server.welcoming = False
    await wall.server.cut()
    await wall.page.wait_for_selector("html[data-conn=retry]", timeout=1000)
    assert (await wall.text(".conn")).startswith("Đang kết nối lại…")
    await wall.advance(61, beats=False)
    assert await wall.conn() == "lost"
    assert await wall.text(".tk-lost") == "Mất kết nối từ 14:05 · số liệu lúc 14:05"
    assert await wall.text(f"{HERO} [data-v]") == "142"
    assert await kind(wall) == "late"
    assert await wall.text(".al-calm") == "Chưa kiểm tra được cảnh báo"
    await wall.advance(14 * 60, step=30, beats=False)
    assert await wall.text('[data-notice="lost"] .notice-t') == "Mất kết nối từ 14:05 · số liệu lúc 14:05"
    wall.server.welcoming = True
    assert await wall.recover(60) <= 57  # the silence of a half-open socket, then the longest wait
    assert await wall.page.locator("[data-notice]").count() == 0


async def test_a_silent_socket_is_given_up_after_twenty_five_seconds(screen: Open) -> None:
    wall = await screen(calm())
    await wall.advance(22, step=1, beats=False)
    assert await wall.conn() == "live"
    wall.server.welcoming = False
    await wall.advance(5, step=1, beats=False)
    assert await wall.conn() == "retry"


async def test_a_screen_the_server_does_not_know_says_so_and_keeps_asking_slowly(screen: Open, server: Any) -> None:
    server.refuse = 4401
    wall = await screen(calm(), ready=False)
    await wall.page.wait_for_selector('[data-notice="denied"]')
    assert await wall.text(".notice-t") == "Màn hình chưa được cấp quyền"
    assert await wall.conn() == "denied"
    server.refuse = None
    await wall.advance(25, beats=False)
    assert await wall.conn() == "denied"
    await wall.advance(6, beats=False)
    await wall.ready()
    assert await wall.text(f"{HERO} [data-v]") == "142"


async def test_a_forbidden_screen_does_not_ask_again(screen: Open, server: Any) -> None:
    server.refuse = 4403
    wall = await screen(calm(), ready=False)
    await wall.page.wait_for_selector('[data-notice="forbidden"]')
    server.refuse = None
    await wall.advance(120, step=30, beats=False)
    assert await wall.conn() == "denied"


async def test_another_epoch_makes_exactly_one_new_subscription(screen: Open) -> None:
    wall = await screen(calm())
    before = len(wall.server.subscriptions("overview"))
    overview = wall.server.topics["overview"]
    overview.epoch, overview.seq = "k2", 500
    for value in (201, 202, 203):
        await wall.server.push("overview", {"kpi.dossiers_overdue": kpi(wall.server.now, value)})
    await wall.shows("dossiers_overdue", "203")
    assert len(wall.server.subscriptions("overview")) == before + 1
    assert (await heads(wall))["overview"] == {"ep": "k2", "seq": 503}


async def test_a_gap_is_closed_by_asking_with_what_we_have(screen: Open) -> None:
    wall = await screen(calm())
    had = (await heads(wall))["overview"]
    wall.server.lose("overview", {"kpi.dossiers_due_soon": kpi(wall.server.now, 301)})
    await wall.server.push("overview", {"kpi.dossiers_received": kpi(wall.server.now, 1900)})
    await wall.shows("dossiers_due_soon", "301")
    assert wall.server.subscriptions("overview")[-1] == {"n": "overview", "since": had}
    assert await wall.text('[data-kpi="dossiers_received"] [data-v]') == "1.900"


async def test_a_heartbeat_finds_an_update_lost_in_a_quiet_topic(screen: Open) -> None:
    wall = await screen(calm())
    wall.server.lose("alerts", busy()["alerts"])
    await wall.advance(10, step=10)  # one heartbeat: a second one before the answer rightly asks again
    await wall.page.wait_for_selector(".al.hot")
    assert (await counts(wall))["asks"] == 1


async def test_after_a_break_only_the_difference_is_asked_for(screen: Open) -> None:
    wall = await screen(calm())
    had = await heads(wall)
    await wall.server.cut()
    await wall.page.wait_for_selector("html[data-conn=retry]")
    wall.server.lose("overview", {"kpi.dossiers_received": kpi(wall.server.now, 1999)}, gone=["kpi.tasks_overdue", "kpi.unheard"])
    await wall.recover(2)
    await wall.shows("dossiers_received", "1.999")
    assert wall.server.subscriptions("overview")[-1] == {"n": "overview", "since": had["overview"]}
    assert await wall.page.get_attribute('[data-kpi="tasks_overdue"]', "data-state") == "loading"


async def test_unknown_messages_and_fields_are_counted_and_do_no_harm(screen: Open) -> None:
    wall = await screen(calm())
    await wall.server.send({"t": "cmd", "code": "dance"})
    await wall.server.send({"t": "snap", "n": "weather", "ep": "a", "seq": 1, "set": {}})
    await wall.server.push("overview", {"kpi.dossiers_overdue": {**kpi(wall.server.now, 144), "mood": 7}, "kpi.new_idea": {"v": 1}})
    await wall.shows("dossiers_overdue", "144")
    assert (await counts(wall))["unknown"] == 2
    assert await wall.conn() == "live"


async def test_broken_json_is_borne_twice_and_cuts_the_line_the_third_time(screen: Open) -> None:
    wall = await screen(calm())
    for _ in range(2):
        await wall.server.send("{broken")
    await wall.frames()
    assert await wall.conn() == "live"
    await wall.server.send("[1,2]")
    await wall.page.wait_for_selector("html[data-conn=retry]")
    await wall.recover(2)
    assert (await counts(wall))["connects"] == 2


async def test_a_pc_two_hours_ahead_changes_no_age_and_no_turn(screen: Open) -> None:
    wall = await screen(busy(), skew=2 * 3600 * 1000)
    assert await wall.text(".clock") == "14:05:32"
    assert await kind(wall) == "live"
    assert await wall.text(".al-t") == "13:52"
    assert await wall.page.get_attribute(".al", "data-alert") == "1"
    await wall.advance(10)
    assert await wall.page.get_attribute(".al", "data-alert") == "2"
    assert await wall.text(".clock") == "14:05:42"


async def test_a_newer_build_is_loaded_once_and_a_permanent_mismatch_never_loops(screen: Open, server: Any) -> None:
    server.ui = "another-build"
    wall = await screen(calm(), paused=False, ready=False)
    await wall.page.wait_for_function("() => __ioc.stats.counts.snaps > 0 && JSON.parse(sessionStorage['ioc.reload'] ?? '{}').at")
    await wall.page.wait_for_timeout(1500)
    # the page, the probe that it can be fetched, and the reload
    assert server.pages == 3
    assert await wall.conn() == "live"


# storms ----------------------------------------------------------------------------------------------------------------------


async def test_hundreds_of_updates_at_fifty_a_second_block_nothing_and_leave_nothing_behind(screen: Open) -> None:
    wall = await screen(busy(), paused=False)
    await wall.page.evaluate(
        """() => { window.longest = 0; new PerformanceObserver((list) => {
          for (const e of list.getEntries()) window.longest = Math.max(window.longest, e.duration);
        }).observe({ type: 'longtask' }); }"""
    )
    await wall.page.wait_for_timeout(500)
    nodes = "() => document.getElementsByTagName('*').length"
    before = await wall.page.evaluate(nodes)
    cells = [key for key in wall.server.topics["overview"].values if key.startswith("cell.")]
    for step in range(200):
        now = wall.server.now
        cell = {**wall.server.topics["overview"].values[cells[step % len(cells)]], "open": step}
        await wall.server.push("overview", {"kpi.dossiers_received": kpi(now, 1842 + step), cells[step % len(cells)]: cell})
        await wall.server.push(
            "ticker", {f"tick.{200 + step}": {"id": 200 + step, "at": now, "unit": "X", "what": "received", "n": 1}},
            gone=[f"tick.{200 + step - 50}"] if step >= 50 else [],
        )  # fmt: skip
        await asyncio.sleep(0.02)
    await wall.frames()
    assert await wall.text('[data-kpi="dossiers_received"] [data-v]') == "2.041"
    assert abs(await wall.page.evaluate(nodes) - before) <= 20
    assert await wall.page.evaluate("() => window.longest") < 200


async def test_a_storm_of_rankings_moves_the_rows_at_most_once_a_minute(screen: Open) -> None:
    wall = await screen(busy())
    rows = list(wall.server.topics["overview"].values["attention"]["rows"])
    seen: list[str] = [await wall.page.get_attribute(".rows", "data-rows") or ""]
    for step in range(25):  # two minutes and one push: a sort may fall on the push at its minute's end or on the next
        rows = [*rows[1:], rows[0]]
        await wall.server.push("overview", {"attention": {"rows": rows, "rest_units": 35, "rest_over": 90 + step}})
        await wall.advance(5)
        order = await wall.page.eval_on_selector_all(".row:not([hidden])", "all => all.map((e) => e.dataset.unit).join(' ')")
        if order != seen[-1]:
            seen.append(order)
    assert len(seen) == 3, "two minutes: the first order and two sorts"
    assert await wall.text(".rest") == "35 đơn vị khác: 114"


async def test_values_in_the_list_follow_at_once_even_while_its_order_waits(screen: Open) -> None:
    wall = await screen(busy())
    await wall.advance(5)
    rows = ranked([("Phường Tân Hòa", "sev", 34, 12, 23.4), ("Xã Bình Lợi", "crit", 40, 27, 9.0)])
    await wall.server.push("overview", {"attention": {"rows": rows[::-1], "rest_units": 30, "rest_over": 60}})
    await wall.page.wait_for_function("() => document.querySelector('[data-unit=u1] .ov b').textContent === '40'")
    assert (await wall.page.get_attribute(".rows", "data-rows") or "").startswith("u0 u1")
