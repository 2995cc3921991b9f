"""What the kind `dvcqg` promises beside the contract of all sources: session, services, relay, and walks by clock and by change."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.departments.portal import LOGIN, PROGRESS_SERVICE, RELAY, Portal
from collectors.poll import poll
from collectors.source import Rewinding, SettingsError, Source
from ioc.model import Item, Reason, State
from tests.contract.rigs.base import MAPPINGS, NOW, ONCE, Recorder, dossier
from tests.contract.rigs.dvcqg import DvcqgRig

MANY = [dossier(n) for n in range(23)]
MARK = "20260915100000"  # NOW, as the portal writes it
BASE = {"adapter": "http://127.0.0.1:1", "madonvi": "H99", "username": "ioc", "password_env": "SUT_NONE"}


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[DvcqgRig]:
    async with AsyncExitStack() as stack:
        yield DvcqgRig(tmp_path, stack)


async def once(source: Source, keep: Recorder, now: datetime = NOW) -> Any:
    return await poll(source, keep, now, retries=ONCE)


def stepped(count: int) -> list[dict[str, Any]]:
    """Dossiers with a progress row each, whose deadline tells them apart."""
    return [
        dossier(n, TienDo=[{"MaHoSo": dossier(n)["MaHoSo"], "ThoiDiemXuLy": "20260902080000", "PhongBanXuLy": "Phòng Thẩm định",
                            "TrangThai": "4", "NgayKetThucTheoQuyDinh": f"202609{n + 1:02}170000"}])
        for n in range(count)
    ]  # fmt: skip


# --- the session ------------------------------------------------------------------------------------------------------------------


async def test_a_session_is_logged_in_for_once_and_kept_from_poll_to_poll(rig: DvcqgRig) -> None:
    source, keep = await rig.source(MANY, password="pw"), Recorder()
    await once(source, keep)
    await once(source, keep)
    assert (rig.portal.logins, len(keep.items)) == (1, 23)


async def test_a_session_good_for_so_many_calls_is_renewed_in_the_middle_of_a_walk(rig: DvcqgRig) -> None:
    source, keep = await rig.source(MANY, password="pw", calls=2), Recorder()
    report = await once(source, keep)
    assert (report.ok, report.tries, len(keep.items)) == (True, 1, 23)
    assert rig.portal.logins == 3


async def test_a_session_that_grew_old_between_two_polls_is_renewed(rig: DvcqgRig) -> None:
    source, keep = await rig.source(MANY, password="pw", lifetime=900), Recorder()
    await once(source, keep)
    rig.clock.now += timedelta(seconds=901)
    assert (await once(source, keep)).ok
    assert rig.portal.logins == 2


async def test_an_adapter_that_does_not_know_our_header_is_not_read(rig: DvcqgRig) -> None:
    source = await rig.source(MANY, dstcode="OTHER")
    report = await once(source, Recorder())
    assert (report.ok, report.refused) == (False, True)
    assert "refuses the login" in report.error


async def test_an_error_code_is_a_string_or_a_number_and_may_need_a_person(rig: DvcqgRig) -> None:
    passing = await once(await rig.source(MANY, service="KhongCo"), Recorder())
    assert (passing.refused, passing.error) == (False, "the answer holds error_code '3' 'Không có dịch vụ này'")
    needed = await once(await rig.source(MANY, service="KhongCo", refused_codes=["3"]), Recorder())
    assert (needed.refused, needed.tries) == (True, 1)


# --- progress rows ----------------------------------------------------------------------------------------------------------------


async def test_progress_rows_apart_are_asked_for_ten_at_a_time_and_read_as_if_they_stood_inside(rig: DvcqgRig) -> None:
    inside, apart = Recorder(), Recorder()
    await once(await rig.source(stepped(23), size=23), inside)
    assert rig.portal.requests == 1
    await once(await rig.source(stepped(23), size=23, apart=True, progress_service=PROGRESS_SERVICE), apart)
    assert rig.portal.requests == 1 + 3
    assert apart.items == inside.items
    item = apart.items["H99.14-260915-0004"]
    assert (item.step, item.step_due_at and item.step_due_at.day) == ("Phòng Thẩm định", 5)


async def test_without_the_service_dossiers_are_read_without_their_steps(rig: DvcqgRig) -> None:
    keep = Recorder()
    await once(await rig.source(stepped(3), apart=True), keep)
    assert {item.step for item in keep.items.values()} == {""}


# --- walks by the clock and by change ---------------------------------------------------------------------------------------------


async def test_where_records_do_not_say_when_they_changed_the_mark_is_the_walks_own_beginning(rig: DvcqgRig) -> None:
    source, keep = await rig.source(MANY), Recorder()
    await once(source, keep)
    assert json.loads(keep.position or "") == {"mark": MARK}
    assert [json.loads(position).get("page", 0) for position in keep.positions] == [2, 3, 4, 5, 0]
    assert {json.loads(position)["mark"] for position in keep.positions} == {MARK}


async def test_a_poll_without_news_leaves_the_cursor_where_it_is(rig: DvcqgRig) -> None:
    source, keep = await rig.source(MANY), Recorder()
    await once(source, keep)
    before, stored = keep.position, len(keep.positions)
    for minute in (1, 2):
        rig.clock.now = NOW + timedelta(minutes=minute)
        assert (await once(source, keep, rig.clock.now)).ok
    assert (keep.position, len(keep.positions)) == (before, stored)


async def test_what_a_clock_that_is_behind_stamps_is_read_within_the_overlap(rig: DvcqgRig) -> None:
    source, keep = await rig.source(MANY), Recorder()
    await once(source, keep)
    rig.clock.now = NOW - timedelta(minutes=8)
    rig.portal.put(dossier(99))
    await once(source, keep, NOW + timedelta(minutes=1))
    assert dossier(99)["MaHoSo"] in keep.items


async def test_a_clock_of_ours_set_back_neither_begins_anew_nor_moves_the_mark_back(rig: DvcqgRig) -> None:
    source, keep = await rig.source(MANY), Recorder()
    await once(source, keep)
    rig.portal.put(dossier(99))
    report = await once(source, keep, NOW - timedelta(hours=1))
    assert (report.read, json.loads(keep.position or "")["mark"]) == (1, MARK)


async def test_where_records_say_when_they_changed_the_mark_is_in_the_portals_own_words(rig: DvcqgRig) -> None:
    source, keep = await rig.source(MANY, stamped=True, updated="CapNhat", overlap=1), Recorder()
    await once(source, keep)
    assert json.loads(keep.position or "") == {"mark": MANY[22]["CapNhat"]}
    assert (await once(source, keep)).read == 2


async def test_nothing_is_asked_for_from_before_the_first_day(rig: DvcqgRig) -> None:
    source, keep = await rig.source(MANY, first=MANY[20]["CapNhat"]), Recorder()
    await once(source, keep)
    assert sorted(keep.items) == [record["MaHoSo"] for record in MANY[20:]]


async def test_an_answer_in_one_piece_is_asked_for_once(rig: DvcqgRig) -> None:
    source, keep = await rig.source(MANY, page_param="", size_param=""), Recorder()
    assert (await once(source, keep)).ok
    assert (len(keep.items), rig.portal.requests, json.loads(keep.position or "")) == (23, 1, {"mark": MARK})


# --- an old stretch ---------------------------------------------------------------------------------------------------------------


def between(source: Source, cursor: str | None = None) -> AsyncIterator[Any]:
    """The stretch from the 5th to the 15th change, that one not included."""
    assert isinstance(source, Rewinding)
    begin = NOW - timedelta(days=5)
    return source.fetch_between(begin + timedelta(seconds=5), begin + timedelta(seconds=15), cursor, NOW)


@pytest.mark.parametrize("options", [{}, {"stamped": True, "updated": "CapNhat"}], ids=["by clock", "by change"])
async def test_an_old_stretch_is_read_and_resumed_after_each_of_its_pages(rig: DvcqgRig, options: dict[str, Any]) -> None:
    source = await rig.source(MANY, **options, size=3)
    whole = [batch async for batch in between(source)]
    wanted = {record["MaHoSo"] for record in MANY[5:15]}
    assert {item.code for batch in whole for item in batch.items} == wanted
    for at, batch in enumerate(whole):
        rest = {item.code for later in [each async for each in between(source, batch.position)] for item in later.items}
        assert rest >= {item.code for later in whole[at + 1 :] for item in later.items}
    assert [batch async for batch in between(source, whole[-1].position)] == []


async def test_a_stretch_in_which_nothing_changed_is_over_at_once(rig: DvcqgRig) -> None:
    (only,) = [batch async for batch in between(await rig.source([]))]
    assert only.items == []
    assert [batch async for batch in between(await rig.source([]), only.position)] == []


# --- the relay --------------------------------------------------------------------------------------------------------------------


async def relay(rig: DvcqgRig, records: Iterable[Any], **options: Any) -> Source:
    rig.portal = rig.department = Portal(records, clock=lambda: NOW, token="relay-token")
    url = await rig.stack.enter_async_context(rig.portal.serving())
    (rig.folder / "token").write_text("relay-token", encoding="utf-8")
    known = {"adapter": url.removesuffix("/mapi/g"), "share_endpoint": RELAY, "variant": "relay", "madonvi": "000.00.01.H99"}
    return rig.entry(mapping=str(MAPPINGS / "dvcqg.toml"), size=5, **known, **{"token_file": "token", **options})


async def test_a_relay_is_read_without_a_login(rig: DvcqgRig) -> None:
    source, keep = await relay(rig, MANY), Recorder()
    assert (await once(source, keep)).ok
    assert (len(keep.items), rig.portal.logins) == (23, 0)


async def test_a_relay_that_does_not_know_us_is_refused(rig: DvcqgRig) -> None:
    source = await relay(rig, MANY)
    (rig.folder / "token").write_text("another", encoding="utf-8")
    report = await once(source, Recorder())
    assert (report.refused, "relay-token" in report.error, "another" in report.error) == (True, False, False)


async def test_portal_and_relay_show_the_same_dossiers(rig: DvcqgRig) -> None:
    adapter, bare = Recorder(), Recorder()
    await once(await rig.source(stepped(23)), adapter)
    await once(await relay(rig, stepped(23)), bare)
    assert bare.items == adapter.items
    assert all(isinstance(item, Item) for item in bare.items.values())


async def test_the_clocks_beside_the_deadline_come_over_the_wire(rig: DvcqgRig) -> None:
    records = [
        dossier(1, NgayNopHoSo="20260831200000"),
        dossier(2, TrangThaiHoSo="6", NgayNopHoSo="20260901070000"),
        dossier(3, TrangThaiHoSo="1", NgayTiepNhan="", NgayNopHoSo="20260901070000"),
    ]
    keep = Recorder()
    await once(await rig.source(records), keep)
    late, waiting, sent = (keep.items[each["MaHoSo"]] for each in records)
    assert isinstance(late, Item)
    assert isinstance(waiting, Item)
    assert isinstance(sent, Item)
    assert late.submitted_at == datetime(2026, 8, 31, 13, tzinfo=UTC)
    assert (waiting.state, waiting.waits_for) == (State.WAITING, Reason.FEE)
    assert (sent.state, sent.submitted_at) == (State.SUBMITTED, sent.received_at)


# --- settings ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"adapter": "127.0.0.1"}, r"source\.sut\.adapter: '127\.0\.0\.1'; write http"),
        ({"adapter": "http://u:p@127.0.0.1"}, "credentials by"),
        ({"username": ""}, "an adapter wants username and madonvi"),
        ({"variant": "relay"}, "a relay knows neither username nor progress_service"),
        ({"first": "01-2026"}, r"source\.sut\.first: '01-2026': none of the five date shapes fits"),
        ({"size": 0}, "size must be at least 1"),
        ({"rate": -1}, "rate must be at least 0"),
        ({"timeout": 0}, "timeouts and max_megabytes must be above 0"),
        ({"dstcode": "Việt"}, "cannot stand in a header"),
        ({"password_file": "x"}, "exactly one of password_env and password_file"),
    ],
)
def test_a_wrong_option_is_named_with_its_remedy(rig: DvcqgRig, options: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        rig.entry(mapping=str(MAPPINGS / "dvcqg.toml"), **{**BASE, **options})


def test_the_login_stands_where_the_documents_say() -> None:
    assert LOGIN == "/mapi/login"
