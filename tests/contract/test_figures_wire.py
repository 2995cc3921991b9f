"""Sources of figures when the wire, the session, a sheet or their own entry is wrong."""

from __future__ import annotations

import json
import tomllib
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from collectors.departments.knobs import Fault as Wrong
from collectors.departments.statistics_dialects import CENTRE
from collectors.poll import Retries, poll
from collectors.questions import present
from collectors.readers import compile
from collectors.source import SettingsError, Source
from collectors.sources import build
from ioc.config import SourceEntry
from tests.contract.rigs.base import MAPPINGS, NOW, PASSWORD
from tests.contract.rigs.figures import CENTRE_ROW, YESTERDAY, Book, FiguresRig, centre, once

# --- the wire ---------------------------------------------------------------------------------------------------------------------


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
async def test_what_may_pass_is_asked_again_and_read_in_the_end(either: FiguresRig, fault: Wrong, words: str) -> None:
    source, keep, waits = await either.source(centre(0), **either.whole), Book(), []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    either.desk.fault = fault
    failed = await poll(source, keep, NOW, retries=Retries(tries=2), sleep=sleep, rng=lambda: 0.5)
    assert (failed.ok, failed.refused, failed.tries, keep.position) == (False, False, 2, None)
    assert words in failed.error
    assert waits == [7.0 if fault is Wrong.BUSY else 0.5]
    either.desk.fault = None
    assert (await once(source, keep)).ok
    assert keep.values() == CENTRE_ROW


@pytest.mark.parametrize(("fault", "words"), [(Wrong.FORBIDDEN, "status 403"), (Wrong.MOVED, "login page")])
async def test_what_needs_a_person_is_not_asked_again(either: FiguresRig, fault: Wrong, words: str) -> None:
    source = await either.source(centre(0), **either.whole)
    either.desk.fault = fault
    report = await poll(source, Book(), NOW)
    assert (report.ok, report.refused, report.tries, either.desk.requests) == (False, True, 1, 1)
    assert words in report.error


async def test_a_failure_between_two_answers_keeps_the_first(statistics: FiguresRig) -> None:
    source, keep = await statistics.source(centre(0), back=1), Book()
    statistics.desk.faults.extend([None, Wrong.ERROR])
    assert not (await once(source, keep)).ok
    assert (set(keep.values(YESTERDAY)), keep.values()) == (set(CENTRE_ROW), {})
    assert (await once(source, keep)).ok
    assert keep.values() == CENTRE_ROW


async def test_a_slow_drip_ends_at_the_time_limit(either: FiguresRig) -> None:
    source = await either.source(centre(0), timeout=0.3, drip=0.01, **either.whole)
    either.desk.fault = Wrong.DRIP
    assert "0.3 s in all" in (await once(source, Book())).error


async def test_an_answer_too_large_is_not_read_to_its_end(either: FiguresRig) -> None:
    source = await either.source(centre(0), max_megabytes=1, **either.whole)
    either.desk.fault = Wrong.LARGE
    assert "larger than 1 MB" in (await once(source, Book())).error


@pytest.mark.parametrize("fault", [Wrong.EXPIRED, Wrong.EXPIRED_INSIDE])
async def test_an_expired_session_is_renewed_between_two_answers(
    statistics: FiguresRig, fault: Wrong, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUT_SECRET", PASSWORD)
    statistics.rows = [centre(0)]
    url = await statistics.start(password=PASSWORD, token="not given yet")
    login = url.removesuffix(CENTRE.path) + "/token"
    source, keep = statistics.entry(url, back=1, login=login, username="ioc", password_env="SUT_SECRET"), Book()
    statistics.desk.faults.extend([None, fault])
    assert (await once(source, keep)).ok
    assert (keep.values(), statistics.desk.logins) == (CENTRE_ROW, 2)


async def test_a_wrong_secret_is_refused_without_showing_it(statistics: FiguresRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUT_SECRET", "wrong-secret")
    url = await statistics.start(token="right")
    report = await poll(statistics.entry(url, token_env="SUT_SECRET"), Book(), NOW)
    assert (report.refused, report.tries) == (True, 1)
    assert "wrong-secret" not in report.error


async def test_a_question_the_system_does_not_understand_needs_a_person(statistics: FiguresRig) -> None:
    source = await statistics.source(centre(0), date="%Y")
    report = await poll(source, Book(), NOW)
    assert (report.refused, report.tries) == (True, 1)
    assert "status 400" in report.error


# --- files ------------------------------------------------------------------------------------------------------------------------


def sheet(folder: Path, text: str, mapping: str = "yearly") -> Source:
    (folder / "so-lieu.csv").write_text(text, encoding="utf-8-sig")
    entry = {"name": "sut", "type": "files", "path": "so-lieu.csv", "mapping": str(MAPPINGS / f"{mapping}.toml")}
    return build(SourceEntry.model_validate(entry), folder)


HEADINGS = "Mã đơn vị;Năm;PAR INDEX;Hạng PAR INDEX;SIPAS;Hạng SIPAS;PCI;Hạng PCI;PAPI;Hạng PAPI\n"


async def test_a_sheet_typed_in_is_read_once(tmp_path: Path) -> None:
    source, keep = sheet(tmp_path, HEADINGS + "TINH;2025;89,27;14;88,94;15;68,55;16;;\nTINH;2024;88,41;19;—;;;;;\n"), Book()
    report = await once(source, keep)
    assert (report.ok, report.error, report.quarantined, len(keep.figures)) == (True, "", 0, 8)
    assert keep.values("2025")["TINH", "par_index"] == 89.27
    assert keep.values("2024") == {("TINH", "par_index"): 88.41, ("TINH", "par_index_rank"): 19.0}
    assert (await once(source, keep)).read == 0


async def test_a_sheet_put_right_is_taken_up_anew(tmp_path: Path) -> None:
    source, keep = sheet(tmp_path, HEADINGS + "TINH;2025;89,27;mười bốn;;;;;;\n"), Book()
    await once(source, keep)
    assert [bad.code for bad in keep.bad.values()] == ["par_index_rank/TINH/2025"]
    sheet(tmp_path, HEADINGS + "TINH;2025;89,27;14;;;;;;\n")
    assert (await once(source, keep)).changed == 1
    assert keep.values("2025")["TINH", "par_index_rank"] == 14.0


async def test_a_column_the_sheet_does_not_have_is_named(tmp_path: Path) -> None:
    report = await once(sheet(tmp_path, HEADINGS.replace("SIPAS;", "SIPAS 2025;", 1) + "TINH;2025;;;;;;;;\n"), Book())
    assert "no column 'SIPAS' for sipas" in report.error


# --- the entry --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"params": {"ngay": "{dai}"}}, r"\{dai\} is no slot; did you mean 'day'\?"),
        ({"step": "month"}, r"\{day\} is finer than step = \"month\""),
        ({"units": ["A"]}, r"give units and ask for each by \{unit\}, or neither"),
        ({"params": {"u": "{unit}"}}, r"give units and ask for each by \{unit\}, or neither"),
        ({"params": {}, "back": 1}, "nothing asked for names the period"),
        ({"back": 400}, "401 calls a poll, 1 to max_calls = 200"),
        ({"back": -1}, "correct back or units"),
        ({"method": "POST"}, "needs exactly one of form and json"),
        ({"json": {}}, "needs exactly one of form and json"),
        ({"url": "http://user:secret@127.0.0.1/"}, "credentials by"),
        ({"timeout": 0}, "above 0"),
        ({"records": "=["}, "no JMESPath"),
        ({"bacc": 1}, "unknown key; did you mean 'back'"),
        ({"login": "http://127.0.0.1/token", "token_env": "T"}, "keep one of the two"),
        ({"mapping": str(MAPPINGS / "onestop.toml")}, r"has no \[figures\]"),
        ({"mapping": "procedures", "back": 1}, "takes every answer for the present"),
    ],
)
def test_a_wrong_entry_is_named_with_its_remedy(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        FiguresRig(tmp_path, AsyncExitStack()).entry(**{"url": "http://127.0.0.1:1/thong-ke", **options})


def test_the_body_sent_has_numbers_where_numbers_belong(tmp_path: Path) -> None:
    source: Any = FiguresRig(tmp_path, AsyncExitStack()).entry("http://127.0.0.1:1/", "portal766")
    (question,) = present("year", 0, (), NOW, source.mapping.zone)
    sent = source.settings.request(question, "").json
    assert json.dumps(sent) == '{"timeType": "year", "year": 2026, "departmentType": "ADMINISTRATIVE_UNIT"}'


def test_what_the_page_about_figures_shows_works_as_it_stands() -> None:
    page = (MAPPINGS.parents[1] / "docs" / "sources" / "figures.md").read_text(encoding="utf-8")
    entry, portal, mapping = (tomllib.loads(block.split("```")[0]) for block in page.split("```toml")[1:])
    (values,) = entry["source"]
    assert build(SourceEntry.model_validate(values | {"token_env": ""}), MAPPINGS.parent).name == "centre"
    portal |= {"name": "index766", "type": "figures", "url": values["url"], "mapping": "mappings/index766.toml"}
    assert build(SourceEntry.model_validate(portal), MAPPINGS.parent).name == "index766"
    assert compile({"name": "centre", **mapping}).declared >= {"maTrungTam", "luotDen", "betimesCount"}
