"""The contract of systems that call us, where it differs: what is wrong is told to the caller, and who got no answer calls again."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.departments.kiosk import Kiosk, signed
from collectors.poll import poll
from collectors.source import SettingsError
from collectors.sources.push import PushSource, Rejected, announced, results, verify
from ioc.model import BadRow, State
from tests.contract.rigs.base import MAPPINGS, NOW, ONCE, Killed, Recorder, dossier
from tests.contract.rigs.push import SECRET, PushRig

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[PushRig]:
    async with AsyncExitStack() as stack:
        yield PushRig(tmp_path, stack)


async def post(
    rig: PushRig, body: bytes, headers: dict[str, str] | None = None, change: dict[str, str] | None = None
) -> tuple[int, dict[str, Any], str]:
    """One call as it stands; returns status, answer and Retry-After."""
    sent = (signed(SECRET, body, NOW) if headers is None else headers) | (change or {})
    async with aiohttp.ClientSession() as http, http.post(rig.kiosk.url, data=body, headers=sent) as answer:
        return answer.status, await answer.json(), answer.headers.get("Retry-After", "")


# --- what is taken ------------------------------------------------------------------------------------------------------------------


async def test_the_caller_hears_of_each_record_what_became_of_it(rig: PushRig) -> None:
    await rig.source([dossier(0), dossier(1, TrangThaiHoSo="11"), "Nguyễn Văn Thử", dossier(2)])
    (told,) = rig.told
    assert told.status == 200
    assert {name: told.answer[name] for name in ("read", "kept", "quarantined")} == {"read": 4, "kept": 2, "quarantined": 2}
    first, bad, rubbish, last = told.answer["results"]
    assert first == {"n": 0, "code": "H99.14-260915-0000", "result": "kept", "reason": ""}
    assert (bad["n"], bad["code"], bad["result"]) == (1, "H99.14-260915-0001", "quarantined")
    assert bad["reason"] == "unknown code '11' for state (field TrangThaiHoSo); add it to [values.state]"
    assert (rubbish["code"], rubbish["result"]) == (None, "quarantined")
    assert last["result"] == "kept"
    assert "Thử" not in json.dumps(told.answer, ensure_ascii=False)


async def test_what_the_store_could_not_keep_is_told_too(rig: PushRig) -> None:
    made = await rig.source([])
    assert isinstance(made, PushSource)
    arrival = made.accept(signed(SECRET, body := json.dumps([dossier(0), dossier(1)]).encode(), NOW), body, NOW)
    told = results(arrival, [BadRow(reason="unknown unit 'SXD'", raw_hash="x", code="H99.14-260915-0001")])
    assert [(each["result"], each["reason"]) for each in told] == [("kept", ""), ("quarantined", "unknown unit 'SXD'")]


async def test_records_come_bare_or_in_an_envelope_and_say_as_of_when_they_are_true(rig: PushRig) -> None:
    made = await rig.source([], as_of="goi.thoiDiem")
    body = json.dumps({"items": [dossier(0)], "goi": {"thoiDiem": "2026-09-15 09:55:00"}}).encode()
    assert (await post(rig, body))[0] == 200
    assert (await post(rig, json.dumps([dossier(1)]).encode()))[0] == 200
    empty, with_time, bare = [batch async for batch in made.fetch(None, NOW)]
    assert with_time.as_of == datetime(2026, 9, 15, 2, 55, tzinfo=UTC)
    assert empty.as_of == bare.as_of == NOW
    assert [len(batch.items) for batch in (empty, with_time, bare)] == [0, 1, 1]


async def test_a_stop_while_storing_loses_nothing_of_what_was_taken_in(rig: PushRig) -> None:
    source, keep = await rig.source([dossier(n) for n in range(12)]), Recorder(stop_after=0)
    with pytest.raises(Killed):
        await poll(source, keep, NOW, retries=ONCE)
    keep.stop_after = 1_000
    assert (await poll(source, keep, NOW, retries=ONCE)).read == 12
    assert len(keep.items) == 12
    assert (await poll(source, keep, NOW, retries=ONCE)).read == 0


async def test_calls_under_way_at_once_never_empty_each_others_inbox(rig: PushRig) -> None:
    made = await rig.source([])
    assert isinstance(made, PushSource)
    bodies = [json.dumps([dossier(n)]).encode() for n in range(2)]
    first, second = (made.holding(made.accept(signed(SECRET, body, NOW), body, NOW)) for body in bodies)
    walk = aiter(first.fetch(None, NOW))
    assert [item.code async for batch in second.fetch(None, NOW) for item in batch.items] == ["H99.14-260915-0001"]
    assert [item.code for item in (await anext(walk)).items] == ["H99.14-260915-0000"]


async def test_the_knobs_of_the_kiosk_turn_what_it_brings(rig: PushRig) -> None:
    made, keep = await rig.source([]), Recorder()
    rig.kiosk.knobs = rig.kiosk.knobs.turned({"renamed": {"TrangThaiHoSo": {"4": "11"}}})
    await rig.change(dossier(0))
    assert rig.told[-1].answer["quarantined"] == 1
    rig.kiosk.knobs = rig.kiosk.knobs.turned({"renamed": {}, "skew": 400.0})
    await rig.change(dossier(0))
    assert (rig.told[-1].status, rig.told[-1].answer["code"], len(rig.kiosk.waiting)) == (401, "wrong_time", 1)
    rig.kiosk.knobs = rig.kiosk.knobs.turned({"skew": 0.0, "silent": True})
    assert await rig.kiosk.call() == []
    rig.kiosk.knobs = rig.kiosk.knobs.turned({"silent": False})
    await rig.bring()
    await poll(made, keep, NOW, retries=ONCE)
    assert keep.items["H99.14-260915-0000"].state is State.WORKING


# --- what is not --------------------------------------------------------------------------------------------------------------------

BODY = b"[]"


@pytest.mark.parametrize(
    ("change", "status", "code", "words"),
    [
        ({"X-IOC-Signature": ""}, 401, "not_signed", "are needed"),
        ({"X-IOC-Timestamp": "soon"}, 401, "not_signed", "are needed"),
        ({"X-IOC-Signature": "md5=" + "0" * 64}, 401, "not_signed", "are needed"),
        ({"X-IOC-Signature": "sha256=" + "0" * 64}, 401, "wrong_signature", "the very bytes sent"),
        ({"Content-Type": "text/csv"}, 415, "not_json", "application/json"),
        ({"Content-Encoding": "gzip"}, 415, "not_json", "Content-Encoding"),
    ],
)
async def test_a_call_that_is_not_signed_or_no_json_is_not_taken(
    rig: PushRig, change: dict[str, str], status: int, code: str, words: str
) -> None:
    made = await rig.source([dossier(0)])
    assert isinstance(made, PushSource)
    waiting = len(made.inbox)
    got = await post(rig, BODY, change=change)
    assert (got[0], got[1]["code"]) == (status, code)
    assert words in got[1]["en"]
    assert got[1]["vi"]
    assert len(made.inbox) == waiting


@pytest.mark.parametrize("seconds", [-301, 301, 86400])
async def test_a_clock_more_than_five_minutes_off_is_told_by_how_much(rig: PushRig, seconds: int) -> None:
    await rig.source([])
    status, answer, _ = await post(rig, BODY, signed(SECRET, BODY, NOW + timedelta(seconds=seconds)))
    assert (status, answer["code"]) == (401, "wrong_time")
    assert f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} our clock" in answer["en"]
    assert (await post(rig, BODY, signed(SECRET, BODY, NOW + timedelta(seconds=299))))[0] == 200


async def test_a_body_changed_on_the_way_is_not_taken(rig: PushRig) -> None:
    await rig.source([])
    assert (await post(rig, b'[{"MaHoSo": "2"}]', signed(SECRET, b'[{"MaHoSo": "1"}]', NOW)))[0] == 401


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "the body is empty, JSON was expected"),
        (b'[{"MaHoSo": "1"}, {"MaHo', "the body is broken JSON at character"),
        (b"<html>", "the body is not JSON: '<html>'"),
        (b"7", "the body is 7, a list of records was expected"),
        (b'{"rows": 3}', "no list of records"),
        (b"[" * 100_000, "the body is broken JSON"),
    ],
)
async def test_a_body_that_holds_no_records_is_told_to_the_caller_and_nothing_is_taken(rig: PushRig, body: bytes, words: str) -> None:
    made = await rig.source([dossier(0)])
    assert isinstance(made, PushSource)
    status, answer, _ = await post(rig, body)
    assert (status, answer["code"], len(made.inbox)) == (422, "unreadable", 1)
    assert words in answer["en"]


async def test_what_is_too_much_is_not_read_to_its_end(rig: PushRig) -> None:
    await rig.source([], max_megabytes=0.001, max_records=3)
    status, answer, _ = await post(rig, b"[" + b" " * 2000 + b"]")
    assert (status, answer["code"], answer["en"]) == (413, "too_large", "the body is larger than 0.001 MB; split it")
    assert "0,001 MB" in answer["vi"]

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b" " * 1000

    headers = signed(SECRET, b"", NOW)
    async with aiohttp.ClientSession() as http, http.post(rig.kiosk.url, data=endless(), headers=headers) as chunked:
        assert chunked.status == 413
    status, answer, _ = await post(rig, b"[1,2,3,4]")
    assert (status, answer["code"]) == (413, "too_many_records")


async def test_an_unknown_source_is_not_found(rig: PushRig) -> None:
    await rig.source([])
    rig.kiosk.url = rig.kiosk.url.replace("/sut", "/nowhere")
    assert (await rig.kiosk.call())[0].status == 404


async def test_more_calls_than_agreed_are_asked_to_wait_and_strangers_use_up_nobodys_turns(rig: PushRig) -> None:
    await rig.source([], per_minute=3)
    for _ in range(5):
        assert (await post(rig, BODY, signed("another secret entirely", BODY, NOW)))[0] == 401
    assert [(await post(rig, BODY))[0] for _ in range(3)] == [200, 200, 429]  # the first was the empty call of the rig itself
    status, answer, wait = await post(rig, BODY)
    assert (status, answer["code"]) == (429, "too_often")
    assert 1 <= int(wait) <= 60


async def test_a_secret_of_ours_that_cannot_be_read_is_our_fault_and_is_not_shown(rig: PushRig) -> None:
    await rig.source([])
    (rig.folder / "push-secret").write_text("short", encoding="utf-8")
    status, answer, wait = await post(rig, BODY)
    assert (status, answer["code"], wait) == (503, "no_secret", "60")
    assert "short" not in json.dumps(answer)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "exactly one of secret_env and secret_file"),
        ({"secret_env": "A", "secret_file": "b"}, "exactly one of secret_env and secret_file"),
        ({"secret_env": "A", "max_records": 0}, "max_records from 1 to 50000"),
        ({"secret_env": "A", "skew": 7200.0}, "skew from 1 to 900"),
    ],
)
def test_options_that_do_not_fit_are_named(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        PushRig(tmp_path, AsyncExitStack()).entry(**options)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["X-IOC-Timestamp", "X-IOC-Signature"]), st.text(max_size=80)), st.binary(max_size=60))
def test_only_rejections_leave_the_judgement_of_a_call(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(Rejected):
        verify(SECRET, *announced(headers, NOW, 300), body)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200), st.recursive(st.none() | st.integers() | st.floats() | st.text(), st.lists).map(json.dumps).map(str.encode)
    )
)
def test_only_rejections_leave_the_reading_of_a_call(body: bytes) -> None:
    made = PushRig(MAPPINGS, AsyncExitStack()).entry(secret_env="IOC_TEST_SECRET")
    assert isinstance(made, PushSource)
    try:
        arrival = made.opened(str(int(NOW.timestamp())), bytes(32), body, NOW)
    except Rejected:
        return
    assert len(results(arrival, ())) == len(arrival.lines)


# --- what the page for callers says -------------------------------------------------------------------------------------------------


def recipe(language: str) -> str:
    """The example in docs/sources/push.md."""
    page = (ROOT / "docs" / "sources" / "push.md").read_text(encoding="utf-8")
    found = re.search(rf"```{language}\n(.*?)```", page, re.S)
    assert found
    return found[1]


@pytest.mark.parametrize(("language", "program"), [("python", [sys.executable, "-"]), ("sh", ["sh", "-s"])])
async def test_the_examples_for_callers_work_as_they_are_written(rig: PushRig, tmp_path: Path, language: str, program: list[str]) -> None:
    made = await rig.source([])
    assert isinstance(made, PushSource)
    object.__setattr__(rig.gate, "now", lambda: datetime.now(UTC))
    made.inbox.clear()
    (tmp_path / "ho-so.json").write_text(json.dumps([dossier(0)]), encoding="utf-8")
    environment = {**os.environ, "IOC_SECRET": SECRET, "IOC_URL": rig.kiosk.url}
    done = await asyncio.to_thread(
        subprocess.run, program, input=recipe(language).encode(), env=environment, cwd=tmp_path, capture_output=True, timeout=30
    )
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["read"] == 1
    (arrival,) = made.inbox
    assert len(arrival.lines) == 1


async def test_a_kiosk_goes_on_calling_while_nobody_listens() -> None:
    kiosk = Kiosk(url="http://127.0.0.1:9/api/v1/push/x", secret=SECRET, clock=lambda: NOW)
    calling = asyncio.create_task(kiosk.calling(0.01))
    await asyncio.sleep(0.1)
    assert not calling.done()
    calling.cancel()
