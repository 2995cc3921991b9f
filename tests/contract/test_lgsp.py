"""What the kind `lgsp` promises beside the contract of all sources: tokens renewed in time, rights, limits, and walks of either method."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from collectors.auth import Login, Named, Request
from collectors.pace import Pace
from collectors.poll import Retries, poll
from collectors.source import Refused, Rewinding, SettingsError, Source
from collectors.sources.lgsp import LgspSource
from tests.contract.rigs.base import MAPPINGS, NOW, ONCE, Recorder, dossier
from tests.contract.rigs.lgsp import LgspRig

MANY = [dossier(n) for n in range(23)]
BASE = {"url": "http://127.0.0.1:1/", "token_url": "http://127.0.0.1:1/token", "key": "ioc", "secret_env": "SUT_NONE"}


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[LgspRig]:
    async with AsyncExitStack() as stack:
        yield LgspRig(tmp_path, stack)


async def once(source: Source, keep: Recorder, now: datetime = NOW) -> Any:
    return await poll(source, keep, now, retries=ONCE)


async def timed(rig: LgspRig, **options: Any) -> tuple[LgspSource, Login]:
    """A source whose token and whose gateway live by the same clock, moved by hand."""
    source = await rig.source(MANY, secret="s", **options)
    assert isinstance(source, LgspSource)
    assert isinstance(source.auth, Login)
    source.auth.clock = lambda: rig.clock.now.timestamp()
    return source, source.auth


# --- the token --------------------------------------------------------------------------------------------------------------------


async def test_a_token_is_renewed_before_it_expires_and_not_earlier(rig: LgspRig) -> None:
    source, _ = await timed(rig, lifetime=3600)
    for minutes, logins in ((0, 1), (30, 1), (58, 1), (59, 2), (90, 2), (118, 3)):
        rig.clock.now = NOW + timedelta(minutes=minutes)
        asked = rig.gateway.requests
        assert (await once(source, Recorder())).ok
        assert rig.gateway.logins == logins
        assert rig.gateway.requests - asked == 6  # none was refused and asked again


async def test_a_token_that_lives_shorter_than_the_margin_is_used_for_half_its_life(rig: LgspRig) -> None:
    source, _ = await timed(rig, lifetime=40)
    for seconds, logins in ((0, 1), (19, 1), (20, 2)):
        rig.clock.now = NOW + timedelta(seconds=seconds)
        assert (await once(source, Recorder())).ok
        assert rig.gateway.logins == logins


async def test_a_token_that_expires_against_its_word_is_renewed_when_it_is_refused(rig: LgspRig) -> None:
    source, auth = await timed(rig, lifetime=3600)
    await once(source, Recorder())
    auth.clock = lambda: 0.0  # our clock stands still, so only the refusal tells
    rig.clock.now += timedelta(hours=2)
    assert (await once(source, Recorder())).ok
    assert rig.gateway.logins == 2


@pytest.mark.parametrize("life", [{}, {"expires_in": "soon"}, {"expires_in": -1}, {"expires_in": None}, {"expires_in": "1e999"}])
async def test_a_token_without_a_stated_life_is_used_until_it_is_refused(life: dict[str, Any]) -> None:
    auth, asked = Login("http://x.example.invalid", "ioc", lambda: "s", "client_credentials"), []

    async def post(url: str, fields: Any, form: bool, headers: Any = None) -> object:
        asked.append((fields["grant_type"], form))
        return {"access_token": f"t{len(asked)}", **life}

    for clock in (0.0, 1e12):
        auth.clock = lambda clock=clock: clock
        signed = await auth.signed(Request(url="http://x.example.invalid"), post)
        assert signed.headers == {"Authorization": "Bearer t1"}
    assert asked == [("client_credentials", True)]
    assert auth.renew()
    assert (await auth.signed(Request(url="http://x.example.invalid"), post)).headers == {"Authorization": "Bearer t2"}


@pytest.mark.parametrize("token", ["", "a\r\nX: y", "khoá", "x" * 8001, None, ["t"]])
async def test_a_token_no_header_can_carry_is_refused(token: object) -> None:
    async def post(url: str, fields: Any, form: bool, headers: Any = None) -> object:
        return {"access_token": token}

    with pytest.raises(Refused, match="the login answered"):
        await Login("http://x.example.invalid", "ioc", lambda: "s").signed(Request(url="http://x.example.invalid"), post)


# --- rights and limits ------------------------------------------------------------------------------------------------------------


async def test_headers_that_name_application_and_partner_go_with_each_request(rig: LgspRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUT_PARTNER", "partner-secret")
    wants = {"AppName": "IOC", "PartnerCode": "partner-secret"}
    source = await rig.source(MANY, secret="s", wants=wants, headers={"AppName": "IOC"}, headers_env={"PartnerCode": "SUT_PARTNER"})
    keep = Recorder()
    assert (await once(source, keep)).ok
    assert len(keep.items) == 23
    assert isinstance(source, LgspSource)
    assert isinstance(source.auth, Named)
    assert "partner-secret" in source.auth.secrets()


async def test_an_api_we_have_no_right_to_is_named(rig: LgspRig) -> None:
    source = await rig.source(MANY, wants={"AppName": "IOC"})
    report = await poll(source, Recorder(), NOW)
    assert (report.refused, report.tries) == (True, 1)
    assert "/Document/ListDocument gives us no right to read (status 403); ask the other side for it" in report.error


async def test_a_gateway_that_limits_calls_is_obeyed_and_read_to_the_end(rig: LgspRig) -> None:
    source, keep, waits = await rig.source(MANY, quota=2), Recorder(), []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        rig.clock.now += timedelta(seconds=seconds)

    report = await poll(source, keep, NOW, sleep=sleep, rng=lambda: 0.0, retries=Retries(tries=4))
    assert (report.ok, len(keep.items)) == (True, 23)
    assert waits == [1.0, 1.0]


async def test_a_declared_rate_keeps_us_below_the_limit_of_calls(rig: LgspRig) -> None:
    source, keep, waits = await rig.source(MANY, quota=1, rate=1.0), Recorder(), []
    assert isinstance(source, LgspSource)
    assert (source.pace.rate, source.pace.burst) == (1.0, 1)

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        rig.clock.now += timedelta(seconds=seconds)

    paced = replace(source, pace=Pace(rate=1.0, clock=lambda: rig.clock.now.timestamp(), sleep=sleep))
    report = await once(paced, keep)
    assert (report.ok, report.tries, len(keep.items)) == (True, 1, 23)
    assert waits  # the login takes a turn too


# --- walks ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_list_is_asked_for_by_either_method(rig: LgspRig, method: str) -> None:
    source, keep = await rig.source(MANY, method=method), Recorder()
    assert (await once(source, keep)).ok
    assert (len(keep.items), rig.gateway.requests) == (23, 6)


async def test_where_records_do_not_say_when_they_changed_the_mark_is_the_walks_own_beginning(rig: LgspRig) -> None:
    source, keep = await rig.source(MANY, stamped=False, updated="", overlap=600), Recorder()
    await once(source, keep)
    assert json.loads(keep.position or "") == {"mark": "2026/09/15 10:00:00"}
    await rig.change(dossier(3, TrangThaiHoSo="10", NgayKetThucXuLy="20260914090000"))
    report = await once(source, keep, NOW + timedelta(minutes=2))
    assert (report.read, report.changed) == (1, 1)


async def test_an_old_stretch_is_read_from_its_first_change_to_before_its_end(rig: LgspRig) -> None:
    source = await rig.source(MANY)
    assert isinstance(source, Rewinding)
    begin = NOW - timedelta(days=5)
    since, until = begin + timedelta(seconds=5), begin + timedelta(seconds=15)
    codes = [item.code async for batch in source.fetch_between(since, until, None, NOW) for item in batch.items]
    assert sorted(set(codes)) == [record["MaHoSo"] for record in MANY[5:15]]


async def test_the_state_comes_from_flags_and_what_contradicts_itself_is_set_aside(rig: LgspRig) -> None:
    torn = {"docCode": "H99-torn", "isSuccess": True, "isReturned": False, "processingOrganName": "SXD", "dateReceived": "2026/09/01"}
    source, keep = await rig.source([*MANY]), Recorder()
    rig.gateway.put(torn)
    report = await once(source, keep)
    assert (report.ok, len(keep.items)) == (True, 23)
    (bad,) = keep.bad.values()
    assert (bad.code, bad.record and bad.record["isSuccess"]) == ("H99-torn", True)
    assert "isSuccess true and no finishedDate or successDate contradict each other" in bad.reason


async def test_the_gateway_counts_a_month_for_those_who_have_a_token(rig: LgspRig) -> None:
    source = await rig.source([], secret="s", statistic=lambda year, month: [{"year": year, "month": month, "total": 7}])
    assert isinstance(source, LgspSource)
    url = source.settings.url.replace("/Document/ListDocument", "")
    async with aiohttp.ClientSession() as http:
        refused = await http.post(f"{url}/Statistic", json={"year": 2026, "month": 9})
        given = {"grant_type": "client_credentials", "client_id": "ioc", "client_secret": "s"}
        token = (await (await http.post(f"{url}/token", data=given)).json())["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        answer = await http.post(f"{url}/Statistic", json={"year": 2026, "month": 9}, headers=headers)
        assert (refused.status, await answer.json()) == (401, {"data": [{"year": 2026, "month": 9, "total": 7}]})
        assert (await http.post(f"{url}/Statistic", json={"year": "x"}, headers=headers)).status == 400
        assert (await http.post(f"{url}/token", data={**given, "client_secret": "no"})).status == 401
        assert (await http.post(f"{url}/token", data={**given, "grant_type": "password"})).status == 400


# --- settings ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"token_url": "token"}, r"source\.sut\.token_url: 'token'; write http"),
        ({"since_format": "%d/%m"}, r"source\.sut\.since_format: '%d/%m': none of the five date shapes fits"),
        ({"since_format": "%d/%m/%Y"}, "it leaves out a part of the instant"),
        ({"first": "hôm qua"}, r"source\.sut\.first"),
        ({"headers": {"AppName": "Trục"}}, "cannot stand in a header"),
        ({"headers": {"AppName": "a"}, "headers_env": {"AppName": "B"}}, "header 'AppName' is given twice"),
        ({"margin": -1}, r"source\.sut\.margin: -1 is below 0"),
        ({"method": "PUT"}, r"source\.sut: Invalid enum value 'PUT'"),
        ({"secret_env": ""}, "exactly one of secret_env and secret_file"),
    ],
)
def test_a_wrong_option_is_named_with_its_remedy(rig: LgspRig, options: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        rig.entry(mapping=str(MAPPINGS / "lgsp.toml"), **{**BASE, **options})
