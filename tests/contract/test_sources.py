"""What every source promises, run over the table SOURCES: against a real department server and against real files.

A new kind of source joins by a line in SOURCES and a rig here that brings its outside world to life.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.departments.dialects import COMMUNE, DIALECTS, DOCUMENTS, ONESTOP, Dialect
from collectors.departments.knobs import Fault as Wrong
from collectors.poll import PollReport, Retries, poll
from collectors.source import MappingError, Refused, SettingsError, Source, Unavailable
from collectors.sources import SOURCES, build
from ioc.config import SourceEntry
from ioc.model import Fault, State
from tests.contract.rigs import RIGS
from tests.contract.rigs.base import MAPPINGS, NOW, ONCE, Killed, Recorder, Rig, WiredRig, dossier
from tests.contract.rigs.rest import RestRig

FIGURES_ONLY = {"figures"}  # bring no items; their own contract is test_figures.py


def made(request: pytest.FixtureRequest, folder: Path, stack: AsyncExitStack) -> Rig:
    """The rig of the kind a test is run for."""
    rig = RIGS[request.param](folder, stack)
    if rig.wants_database:
        rig.database_url = request.getfixturevalue("services")["IOC_DATABASE_URL"]
    return rig


@pytest.fixture(params=sorted(RIGS))
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    async with AsyncExitStack() as stack:
        yield made(request, tmp_path, stack)


@pytest.fixture(params=sorted(kind for kind, made in RIGS.items() if not made.calls_us))
async def asked(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    """Systems that we ask, not they us: there is a cursor, and what they answer may be unreadable."""
    async with AsyncExitStack() as stack:
        yield made(request, tmp_path, stack)


@pytest.fixture(params=sorted(kind for kind, made in RIGS.items() if issubclass(made, WiredRig)))
async def wired(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[WiredRig]:
    async with AsyncExitStack() as stack:
        made = RIGS[request.param](tmp_path, stack)
        assert isinstance(made, WiredRig)
        yield made


@pytest.fixture(params=sorted(kind for kind, made in RIGS.items() if issubclass(made, WiredRig) and made.sessions))
async def logging_in(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[WiredRig]:
    async with AsyncExitStack() as stack:
        made = RIGS[request.param](tmp_path, stack)
        assert isinstance(made, WiredRig)
        yield made


@pytest.fixture
async def rest(tmp_path: Path) -> AsyncIterator[RestRig]:
    async with AsyncExitStack() as stack:
        yield RestRig(tmp_path, stack)


async def once(source: Source, keep: Recorder) -> PollReport:
    return await poll(source, keep, NOW, retries=ONCE)


def codes(count: int) -> set[str]:
    return {dossier(n)["MaHoSo"] for n in range(count)}


def test_every_kind_of_source_is_under_this_contract() -> None:
    assert set(RIGS) | FIGURES_ONLY >= set(SOURCES)
    assert set(RIGS) <= set(SOURCES)


# --- every source -----------------------------------------------------------------------------------------------------------------


async def test_nothing_to_read_is_a_good_poll_with_no_items(rig: Rig) -> None:
    keep = Recorder()
    report = await once(await rig.source([]), keep)
    assert (report.ok, report.error, report.read, keep.items) == (True, "", 0, {})


async def test_one_page_is_read_once_and_mapped(rig: Rig) -> None:
    keep = Recorder()
    report = await once(await rig.source([dossier(n) for n in range(3)]), keep)
    assert report.ok
    assert set(keep.items) == codes(3)
    item = keep.items["H99.14-260915-0000"]
    assert item.received_at == datetime(2026, 9, 1, 1, 30, tzinfo=UTC)
    assert (item.unit, item.state) == ("SXD", State.WORKING)
    assert "field" in rig.lacks or item.field == "Xây dựng"


async def test_more_than_one_batch_is_read_to_the_end(rig: Rig) -> None:
    keep = Recorder()
    report = await once(await rig.source([dossier(n) for n in range(rig.plenty)]), keep)
    assert report.ok
    assert report.batches >= 2
    assert set(keep.items) == codes(rig.plenty)


async def test_polling_twice_yields_the_same_items(rig: Rig) -> None:
    source, keep = await rig.source([dossier(n) for n in range(12)]), Recorder()
    await once(source, keep)
    before = dict(keep.items)
    report = await once(source, keep)
    assert report.ok
    assert (keep.items, report.changed) == (before, 0)


async def test_a_change_is_seen_by_the_next_poll(rig: Rig) -> None:
    source, keep = await rig.source([dossier(n) for n in range(12)]), Recorder()
    await once(source, keep)
    await rig.change(dossier(3, TrangThaiHoSo="10", NgayKetThucXuLy="20260914090000"))
    report = await once(source, keep)
    assert report.changed == 1
    assert keep.items["H99.14-260915-0003"].state is State.DONE


async def test_a_stop_after_any_batch_resumes_and_nothing_is_missing(asked: Rig) -> None:
    source = await asked.source([dossier(n) for n in range(asked.many)], **asked.small)
    whole = Recorder()
    await once(source, whole)
    assert len(whole.positions) >= 3
    for stop in range(len(whole.positions)):
        keep = Recorder(stop_after=stop)
        with pytest.raises(Killed):
            await once(source, keep)
        keep.stop_after = 1_000_000
        assert (await once(source, keep)).ok
        assert keep.items == whole.items


async def test_each_position_continues_right_after_its_batch(asked: Rig) -> None:
    source = await asked.source([dossier(n) for n in range(asked.many)], **asked.small)
    whole = [batch async for batch in source.fetch(None, NOW)]
    for k, batch in enumerate(whole):
        after = [item.code async for each in source.fetch(batch.position, NOW) for item in each.items]
        to_come = {item.code for each in whole[k + 1 :] for item in each.items}
        long_read = {item.code for each in whole[:k] for item in each.items} - {item.code for item in batch.items}
        assert to_come <= set(after)
        assert not long_read & set(after)


async def test_a_malformed_record_is_quarantined_and_the_others_are_read(rig: Rig) -> None:
    keep = Recorder()
    report = await once(await rig.source([*(dossier(n) for n in range(4)), dossier(4, NgayTiepNhan="32/13/2026")]), keep)
    assert report.ok
    assert (set(keep.items), len(keep.bad)) == (codes(4), 1)
    (bad,) = keep.bad.values()
    assert bad.code == "H99.14-260915-0004"
    assert "'32/13/2026'" in bad.reason
    assert rig.named("NgayTiepNhan") in bad.reason


async def test_records_that_are_none_are_quarantined(rig: Rig) -> None:
    keep = Recorder()
    report = await once(await rig.source(["a text", 7, None, ["list"], *(dossier(n) for n in range(3))]), keep)
    assert report.ok
    assert (set(keep.items), len(keep.bad)) == (codes(3), 4)


async def test_an_unknown_code_is_quarantined_never_guessed(rig: Rig) -> None:
    keep = Recorder()
    await once(await rig.source([dossier(0), dossier(1, TrangThaiHoSo="11")]), keep)
    (bad,) = keep.bad.values()
    assert bad.reason == f"unknown code '11' for state (field {rig.named('TrangThaiHoSo')}); add it to [values.state]"
    assert bad.fault is Fault.CODE
    assert set(keep.items) == codes(1)


async def test_of_a_code_that_comes_twice_in_one_page_the_later_wins(rig: Rig) -> None:
    keep = Recorder()
    later = dossier(0, KenhThucHien="3", CapNhat=dossier(2)["CapNhat"])
    await once(await rig.source([dossier(0), dossier(1), later]), keep)
    assert set(keep.items) == codes(2)
    assert "channel" in rig.lacks or keep.items["H99.14-260915-0000"].channel == "post"


async def test_a_text_of_ten_megabytes_costs_its_record_only(rig: Rig) -> None:
    keep = Recorder()
    report = await once(await rig.source([dossier(0), dossier(1, DonViXuLy="x" * 10_000_000), dossier(2)]), keep)
    assert report.ok
    (bad,) = keep.bad.values()
    assert len(bad.reason) < 300
    assert len(keep.items) == 2


async def test_no_citizen_is_in_any_item_or_reason(rig: Rig) -> None:
    source = await rig.source(
        [dossier(0), dossier(1, TrangThaiHoSo="99"), dossier(2, NgayTiepNhan=""), ["Nguyễn Văn Thử"], "Nguyễn Văn Thử"]
    )
    batches = [batch async for batch in source.fetch(None, NOW)]
    said = repr(batches)
    assert "Thử" not in said
    assert "0900000000" not in said
    assert rig.named("TrangThaiHoSo") in said


async def test_broken_content_never_moves_the_cursor_and_is_read_once_mended(asked: Rig) -> None:
    source, keep = await asked.source([dossier(n) for n in range(3)]), Recorder()
    await asked.break_content()
    report = await once(source, keep)
    assert not report.ok
    assert asked.broken in report.error
    assert "MaHoSo" not in report.error
    assert (keep.position, keep.items) == (None, {})
    await asked.mend()
    assert (await once(source, keep)).ok
    assert set(keep.items) == codes(3)


async def test_content_that_is_none_is_an_error(asked: Rig) -> None:
    source, keep = await asked.source([dossier(0)]), Recorder()
    await asked.empty_content()
    report = await once(source, keep)
    assert not report.ok
    assert report.error
    assert keep.position is None


async def test_a_cursor_nobody_can_read_begins_anew(rig: Rig) -> None:
    keep = Recorder(position='{"from": "another version"')
    report = await once(await rig.source([dossier(n) for n in range(3)]), keep)
    assert report.ok
    assert set(keep.items) == codes(3)


@pytest.mark.parametrize("options", [{"intervall": 5}, {"url": 7, "path": 7}])
async def test_a_wrong_entry_is_named_with_its_key(rig: Rig, options: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=r"source\.sut"):
        rig.entry(**options)


async def test_a_mapping_that_is_not_there_is_refused_at_once(rig: Rig) -> None:
    with pytest.raises(MappingError, match=r"nowhere\.toml: cannot be read"):
        rig.entry(mapping="nowhere.toml", **rig.required)


def test_an_unknown_kind_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"source\.a\.type: 'resst' is no kind of source; did you mean 'rest'\?"):
        build(SourceEntry(name="a", type="resst"), tmp_path)


# --- sources over HTTP ------------------------------------------------------------------------------------------------------------

MANY = [dossier(n) for n in range(23)]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Wrong.ERROR, "status 500"),
        (Wrong.DOWN, "cannot be read"),
        (Wrong.CUT, "cannot be read"),
        (Wrong.BROKEN, "broken JSON"),
        (Wrong.TYPES, "no list of records"),
        (Wrong.HTML, "not JSON: '<html><title>"),
        (Wrong.INSIDE, "error_code '-3' 'hệ thống đang bận'"),
        (Wrong.BUSY, "status 429"),
    ],
)
async def test_what_may_pass_is_asked_again_and_read_in_the_end(wired: WiredRig, fault: Wrong, words: str) -> None:
    source, keep, waits = await wired.source(MANY), Recorder(), []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    twice = fault is Wrong.DOWN and wired.reopens
    wired.department.faults.extend([None, fault, fault] if twice else [None, fault])
    report = await poll(source, keep, NOW, retries=Retries(tries=2), sleep=sleep, rng=lambda: 0.5)
    assert (report.ok, report.tries) == (True, 2)
    assert set(keep.items) == codes(23)
    assert waits == [7.0 if fault is Wrong.BUSY else 0.5]
    wired.department.fault = fault
    failed = await poll(source, keep, NOW, retries=Retries(tries=2), sleep=sleep)
    assert (failed.ok, failed.refused, failed.tries) == (False, False, 2)
    assert wired.words.get(fault, words) in failed.error


@pytest.mark.parametrize(("fault", "words"), [(Wrong.FORBIDDEN, "status 403"), (Wrong.MOVED, "login page")])
async def test_what_needs_a_person_is_not_asked_again(wired: WiredRig, fault: Wrong, words: str) -> None:
    source = await wired.source(MANY)
    wired.department.fault = fault
    report = await poll(source, Recorder(), NOW)
    assert (report.ok, report.refused, report.tries, wired.department.requests) == (False, True, 1, 1)
    assert wired.words.get(fault, words) in report.error


async def test_a_declared_error_code_inside_an_answer_needs_a_person(rest: RestRig) -> None:
    source = await rest.source(MANY, refused_codes=["-3"])
    rest.department.fault = Wrong.INSIDE
    report = await poll(source, Recorder(), NOW)
    assert (report.refused, report.tries) == (True, 1)


async def test_a_slow_drip_ends_at_the_time_limit(wired: WiredRig) -> None:
    source = await wired.source(MANY, timeout=0.3, drip=0.01)
    wired.department.fault = Wrong.DRIP
    report = await once(source, Recorder())
    assert not report.ok
    assert "0.3 s in all" in report.error


async def test_silence_ends_at_the_time_limit(wired: WiredRig) -> None:
    source = await wired.source(MANY, read_timeout=0.2, drip=30)
    wired.department.fault = Wrong.DRIP
    report = await once(source, Recorder())
    assert not report.ok
    assert "0.2 s of silence" in report.error


async def test_an_answer_too_large_is_not_read_to_its_end(wired: WiredRig) -> None:
    source = await wired.source(MANY, max_megabytes=1)
    wired.department.fault = Wrong.LARGE
    report = await once(source, Recorder())
    assert "larger than 1 MB" in report.error


async def test_nobody_listening_is_unavailable(rest: RestRig) -> None:
    source = rest.entry(url="http://127.0.0.1:1/hoso")
    report = await once(source, Recorder())
    assert (report.ok, report.refused) == (False, False)


async def test_retry_after_as_a_date_is_measured_against_the_answers_own_date(rest: RestRig) -> None:
    source, waits = await rest.source(MANY), []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    rest.department.retry_after = "Fri, 31 Dec 2199 23:59:59 GMT"
    rest.department.faults.append(Wrong.BUSY)
    report = await poll(source, Recorder(), NOW, sleep=sleep, rng=lambda: 0.0, retries=Retries(tries=2, obey=60))
    assert report.ok
    assert waits == [60.0]


@pytest.mark.parametrize("fault", [Wrong.EXPIRED, Wrong.EXPIRED_INSIDE])
async def test_an_expired_session_is_renewed_in_the_middle_of_a_walk(
    logging_in: WiredRig, fault: Wrong, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUT_SECRET", "mật khẩu")
    source, keep = await logging_in.secured(MANY), Recorder()
    logging_in.department.faults.extend([None, fault])
    assert (await once(source, keep)).ok
    assert set(keep.items) == codes(23)
    assert logging_in.department.logins == 2


async def test_a_wrong_secret_is_refused_without_showing_it(wired: WiredRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUT_SECRET", "wrong-secret")
    source = await wired.secured(MANY)
    report = await poll(source, Recorder(), NOW)
    assert (report.ok, report.refused, report.tries) == (False, True, 1)
    assert "wrong-secret" not in report.error


async def test_a_session_that_is_never_accepted_is_renewed_once_then_refused(rest: RestRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUT_PASSWORD", "pw")
    plain = await rest.source(MANY, password="pw", token="t")
    url = plain.settings.url  # type: ignore[attr-defined]
    source = rest.entry(url=url, login=url.replace("/hoso", "/token"), username="u", password_env="SUT_PASSWORD",
                        grant="client_credentials")  # fmt: skip
    rest.department.fault = Wrong.EXPIRED
    report = await poll(source, Recorder(), NOW)
    assert (report.refused, rest.department.logins, rest.department.requests) == (True, 2, 2)


async def test_a_wrong_token_is_refused_and_a_rotated_one_is_read_anew(rest: RestRig) -> None:
    secret = rest.folder / "token"
    secret.write_text("old-secret\n", encoding="utf-8")
    source, keep = await rest.source(MANY, token="new-secret", token_file="token"), Recorder()
    report = await once(source, keep)
    assert (report.refused, rest.department.requests) == (True, 1)
    assert "secret of this source" in report.error
    assert "old-secret" not in report.error
    secret.write_text("new-secret", encoding="utf-8")
    assert (await once(source, keep)).ok


async def test_a_secret_the_other_side_repeats_is_not_passed_on(rest: RestRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUT_TOKEN", "very-secret")
    talkative = replace(ONESTOP, failed=lambda code, _: {"error_code": code, "message": "token very-secret seen too often"})
    source = await rest.source(MANY, dialect=talkative, token="very-secret", token_env="SUT_TOKEN")
    rest.department.fault = Wrong.INSIDE
    report = await once(source, Recorder())
    assert report.error == "the answer holds error_code '-3' 'token *** seen too often'"


async def test_a_wrong_password_is_refused_without_showing_it(rest: RestRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUT_PASSWORD", "wrong-password")
    plain = await rest.source(MANY, password="right", token="t")
    url = plain.settings.url  # type: ignore[attr-defined]
    source = rest.entry(url=url, login=url.replace("/hoso", "/token"), username="u", password_env="SUT_PASSWORD")
    report = await poll(source, Recorder(), NOW)
    assert report.refused
    assert "refuses the login" in report.error
    assert "wrong-password" not in report.error


@pytest.mark.parametrize("dialect", [COMMUNE, DOCUMENTS, ONESTOP], ids=lambda d: d.name)
async def test_every_dialect_is_walked_to_its_end(rest: RestRig, dialect: Dialect) -> None:
    records, options = in_dialect(dialect, 23)
    source, keep = await rest.source(records, dialect=dialect, **options), Recorder()
    report = await once(source, keep)
    assert (report.ok, len(keep.items), len(keep.bad)) == (True, 23, 0)
    assert report.as_of == NOW
    second = await once(source, keep)
    assert (second.ok, second.changed) == (True, 0)
    assert second.read <= 5


@pytest.mark.parametrize("dialect", [COMMUNE, DOCUMENTS, ONESTOP], ids=lambda d: d.name)
async def test_a_page_that_comes_again_and_again_is_an_error(rest: RestRig, dialect: Dialect) -> None:
    records, options = in_dialect(dialect, 23)
    for record in records:
        record[dialect.updated] = dialect.date(NOW - timedelta(days=1))
    source = await rest.source(records, dialect=dialect, page_size=5, **options)
    rest.department.fault = Wrong.REPEAT
    report = await once(source, Recorder())
    assert not report.ok
    assert "page token repeats" in report.error


@pytest.mark.parametrize("dialect", [COMMUNE, DOCUMENTS, ONESTOP], ids=lambda d: d.name)
@pytest.mark.parametrize("page_size", [3, 5, 5000])
async def test_more_records_of_one_instant_than_a_page_holds_are_all_read(rest: RestRig, dialect: Dialect, page_size: int) -> None:
    records, options = in_dialect(dialect, 23)
    for record in records[4:20]:
        record[dialect.updated] = records[4][dialect.updated]
    source, keep = await rest.source(records, dialect=dialect, page_size=page_size, **options), Recorder()
    assert (await once(source, keep)).ok
    assert len(keep.items) == 23


@pytest.mark.parametrize("dialect", [COMMUNE, DOCUMENTS, ONESTOP], ids=lambda d: d.name)
async def test_a_record_changed_between_two_pages_hides_no_other(rest: RestRig, dialect: Dialect) -> None:
    records, options = in_dialect(dialect, 23)
    source, keep = await rest.source(records, dialect=dialect, **{**options, "max_size": 5}), Recorder()
    walk = source.fetch(None, NOW)
    async for batch in walk:
        await keep.apply("sut", batch, NOW)
        first = rest.onestop.records.get(str(records[len(keep.positions)][dialect.code]))
        if len(keep.positions) < 10:
            await rest.change(first)
    assert len(keep.items) == 23


async def test_the_mark_never_goes_back(rest: RestRig) -> None:
    source, keep = await rest.source(MANY, overlap=3600), Recorder()
    await once(source, keep)
    await once(source, keep)
    marks = [json.loads(position)["mark"] for position in keep.positions]
    assert marks == sorted(marks)
    assert marks[-1] == dossier(22)["CapNhat"]


async def test_a_change_stamped_in_the_future_does_not_carry_the_mark_away(rest: RestRig) -> None:
    source, keep = await rest.source([*MANY, dossier(23, CapNhat="20990101000000")]), Recorder()
    assert (await once(source, keep)).ok
    assert json.loads(keep.position or "")["mark"] == dossier(22)["CapNhat"]
    assert len(keep.items) + len(keep.bad) == 24


async def test_a_system_that_commits_late_is_read_again_within_the_overlap(rest: RestRig) -> None:
    source, keep = await rest.source(MANY, overlap=30), Recorder()
    await once(source, keep)
    rest.clock.now = NOW - timedelta(days=5) + timedelta(seconds=10)  # twelve seconds before the mark
    rest.onestop.put(dossier(99))
    await once(source, keep)
    assert dossier(99)["MaHoSo"] in keep.items


async def test_catching_up_asks_for_larger_pages(rest: RestRig) -> None:
    source, keep = await rest.source([dossier(n) for n in range(200)], size=5, max_size=50), Recorder()
    assert (await once(source, keep)).ok
    assert keep.sizes[:4] == [5, 10, 20, 40]
    assert max(keep.sizes) == 50
    assert len(keep.items) == 200


async def test_a_list_without_a_last_change_is_read_whole_each_time(rest: RestRig) -> None:
    source, keep = await rest.source(MANY, updated=""), Recorder()
    assert (await once(source, keep)).ok
    assert len(keep.items) == 23
    assert (await once(source, keep)).read == 23


async def test_an_answer_in_one_piece_is_asked_for_once_and_then_from_its_mark(rest: RestRig) -> None:
    source, keep = await rest.source(MANY, paging="none", size_param=""), Recorder()
    assert (await once(source, keep)).read == 23
    assert (await once(source, keep)).read == 2
    assert rest.department.requests == 2


async def test_a_last_change_that_is_rubbish_does_not_become_the_mark(rest: RestRig) -> None:
    source, keep = (
        await rest.source([dossier(n, Sua="N/A" if n == 20 else dossier(n)["CapNhat"]) for n in range(23)], updated="Sua"),
        Recorder(),
    )
    assert (await once(source, keep)).ok
    assert (await once(source, keep)).ok
    assert (len(keep.items), json.loads(keep.position or "")) == (23, {"mark": dossier(22)["CapNhat"]})


async def test_a_list_out_of_order_is_walked_by_number_and_nothing_is_missing(rest: RestRig) -> None:
    records = [dossier(n, Sua=dossier((n * 7) % 23)["CapNhat"]) for n in range(23)]  # served by CapNhat, but the mark follows Sua
    source, keep = await rest.source(records, updated="Sua"), Recorder()
    assert (await once(source, keep)).ok
    assert len(keep.items) == 23


async def test_a_token_that_no_longer_holds_begins_the_walk_anew(rest: RestRig) -> None:
    records, options = in_dialect(DOCUMENTS, 23)
    source = await rest.source(records, dialect=DOCUMENTS, **options)
    keep = Recorder(position=json.dumps({"page": 3, "size": 5, "token": "nonsense"}))
    assert (await once(source, keep)).ok
    assert len(keep.items) == 23


async def test_credentials_in_a_url_are_refused(rest: RestRig) -> None:
    with pytest.raises(SettingsError, match="credentials by"):
        rest.entry(url="http://user:secret@127.0.0.1/")


async def test_an_error_is_of_the_kind_that_says_what_to_do(rest: RestRig) -> None:
    source = await rest.source(MANY)
    rest.department.faults.extend([Wrong.BUSY, Wrong.FORBIDDEN])
    with pytest.raises(Unavailable) as busy:
        await anext(aiter(source.fetch(None, NOW)))
    assert busy.value.retry_after == 7
    with pytest.raises(Refused) as forbidden:
        await anext(aiter(source.fetch(None, NOW)))
    assert forbidden.value.status == 403


def in_dialect(dialect: Dialect, count: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Records as a system of this dialect serves them, and the options that read them."""
    changed = [dialect.date(NOW - timedelta(days=5) + timedelta(minutes=n)) for n in range(count)]
    received, due = dialect.date(NOW - timedelta(days=9)), dialect.date(NOW + timedelta(days=9))
    if dialect is COMMUNE:
        records = [
            {
                "maSoHoSo": f"H99.{n}",
                "coQuanId": 31,
                "trangThai": 4,
                "hinhThuc": 2,
                "ngayNhan": received,
                "ngayHenTra": due,
                "capNhat": c,
            }
            for n, c in enumerate(changed)
        ]
        options = {
            "mapping": "commune",
            "page_param": "pageIndex",
            "size_param": "pageSize",
            "since_param": "tuNgay",
            "first_page": 0,
        }
        options |= {"as_of": "thoiDiem"}
    elif dialect is DOCUMENTS:
        records = [
            {"id": f"VB-{n}", "loai": ("den", "di", "nhiem_vu")[n % 3], "donVi": "VP", "trangThai": "cho_xu_ly", "kySo": "1",
             "ngayDen": received, "hanXuLy": due, "capNhat": c} for n, c in enumerate(changed)
        ]  # fmt: skip
        options = {"mapping": "documents", "paging": "next", "size_param": "limit", "since_param": "tu", "as_of": "thoi_diem"}
    else:
        records, options = [dossier(n, CapNhat=c) for n, c in enumerate(changed)], {"mapping": "onestop", "as_of": "ThoiDiem"}
    return records, {**options, "mapping": str(MAPPINGS / f"{options['mapping']}.toml"), "size": 5}


def test_the_dialects_are_listed() -> None:
    assert set(DIALECTS) == {"onestop", "commune", "documents", "tasks", "receipt"}
