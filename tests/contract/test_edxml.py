"""What the source `edxml` promises beyond the common contract, against a real axis on 127.0.0.1 and a real folder."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from collectors.departments.axis import Axis
from collectors.departments.envelopes import envelope
from collectors.departments.knobs import Fault as Wrong
from collectors.poll import Retries, poll
from collectors.source import Refused, SettingsError
from collectors.sources.edxml import EdxmlSource
from ioc.model import Fault
from tests.contract.rigs.base import NOW, ONCE, Recorder, dossier
from tests.contract.rigs.edxml import EdxmlRig, document


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[EdxmlRig]:
    async with AsyncExitStack() as stack:
        yield EdxmlRig(tmp_path, stack)


async def opened(rig: EdxmlRig, records: list[Any], **options: Any) -> EdxmlSource:
    source = await rig.source(records, **options)
    assert isinstance(source, EdxmlSource)
    return source


def letter(number: int, **values: Any) -> dict[str, Any]:
    return {**document(dossier(number)), **values}


async def serving(rig: EdxmlRig, letters: list[dict[str, Any]], **options: Any) -> EdxmlSource:
    """A source over an axis with these very documents."""
    source = await opened(rig, [], **options)
    for each in letters:
        rig.axis.put(each)
    return source


async def test_a_document_is_asked_for_only_when_its_line_changed(rig: EdxmlRig) -> None:
    source, keep = await opened(rig, [dossier(n) for n in range(23)], history="", overlap=3600), Recorder()
    assert (await poll(source, keep, NOW, retries=ONCE)).ok
    assert rig.axis.requests == 2 + 23
    assert (await poll(source, keep, NOW, retries=ONCE)).changed == 0
    assert rig.axis.requests == 4 + 23
    await rig.change(dossier(3, TrangThaiHoSo="10"))
    assert (await poll(source, keep, NOW + timedelta(minutes=5), retries=ONCE)).changed == 1
    assert rig.axis.requests == 6 + 24


class CountingAxis(Axis):
    """An axis that remembers how many documents were asked for at once, and waits until that many are."""

    def __init__(self, documents: list[Any], few: int, **options: Any) -> None:
        super().__init__(documents, **options)
        self.asked = self.most = 0
        self.full = asyncio.Event()
        self.few = few

    async def _document(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        self.most = max(self.most, self.asked)
        if self.asked == self.few:
            self.full.set()
        await self.full.wait()
        try:
            return await super()._document(request)
        finally:
            self.asked -= 1


@pytest.mark.parametrize("few", [1, 4])
async def test_documents_of_a_page_are_asked_for_a_few_at_once(rig: EdxmlRig, few: int) -> None:
    axis = CountingAxis([letter(n) for n in range(12)], few, clock=lambda: NOW)
    url = await rig.stack.enter_async_context(axis.serving())
    source = rig.entry(url=url.removesuffix("/v1/getReceivedEdocList"), ours=["H99"], concurrency=few)
    assert (await poll(source, Recorder(), NOW, retries=ONCE)).read == 12
    assert axis.most == few


async def test_sent_and_received_documents_are_both_read_and_each_list_has_its_own_place(rig: EdxmlRig) -> None:
    ours = [letter(n, From={"OrganId": "H99.05"}, To={"OrganId": "G22"}) for n in range(3)]
    source, keep = await serving(rig, [*ours, *(letter(n) for n in range(3, 5))]), Recorder()
    assert (await poll(source, keep, NOW + timedelta(hours=1), retries=ONCE)).ok
    assert sorted(item.outgoing for item in keep.items.values()) == [False, False, True, True, True]
    assert {item.unit for item in keep.items.values()} == {"H99.05", "SXD"}
    assert keep.position is not None
    assert "getSentEdocList" in keep.position
    assert "getReceivedEdocList" in keep.position


async def test_restricted_documents_are_no_item_no_bad_row_and_only_counted(rig: EdxmlRig) -> None:
    secret = [letter(1, Secret="Mật"), letter(2, CodeNotation="BC-M"), letter(3, Secret="Tuyệt mật", DueDate="rubbish", Priority="9")]
    source, keep = await serving(rig, [letter(0), *secret]), Recorder()
    report = await poll(source, keep, NOW + timedelta(hours=1), retries=ONCE)
    assert (report.ok, report.read, report.quarantined, source.withheld) == (True, 1, 0, 3)
    assert set(keep.items) == {letter(0)["DocumentId"]}
    assert (await poll(source, keep, NOW + timedelta(hours=1), retries=ONCE)).ok
    assert source.withheld == 3
    assert not any(each["DocumentId"] in repr(keep) for each in secret)


async def test_a_list_that_tells_the_level_spares_the_question(rig: EdxmlRig) -> None:
    source = await serving(rig, [letter(0)], history="")
    rig.axis.turn({"added": {"doMat": "Mật"}})
    report = await poll(source, Recorder(), NOW + timedelta(hours=1), retries=ONCE)
    assert (report.read, source.withheld, rig.axis.requests) == (0, 1, 2)


async def test_recalls_and_replacements_take_older_documents_away(rig: EdxmlRig) -> None:
    source, keep = await serving(rig, [letter(n) for n in range(3)]), Recorder()
    later = NOW + timedelta(hours=1)
    await poll(source, keep, later, retries=ONCE)
    first, second, third = (letter(n)["DocumentId"] for n in range(3))
    rig.axis.put(letter(7, BussinessDocType="1", Replaces=[first], Status="13"))
    rig.axis.put(letter(8, BussinessDocType="3", Replaces=[second], Status="03"))
    await poll(source, keep, later, retries=ONCE)
    assert set(keep.items) == {first, third, letter(8)["DocumentId"]}
    rig.axis.put(letter(7, BussinessDocType="1", Replaces=[first], Status="15"))
    await poll(source, keep, later, retries=ONCE)
    assert set(keep.items) == {third, letter(8)["DocumentId"]}


async def test_one_document_that_is_none_is_put_aside_after_three_times_and_the_others_are_read(rig: EdxmlRig) -> None:
    source, keep = await opened(rig, [dossier(n) for n in range(5)]), Recorder()
    rig.axis._documents.pop(dossier(2)["MaHoSo"])  # listed, and not there

    async def no_wait(_seconds: float) -> None:
        return None

    report = await poll(source, keep, NOW, retries=Retries(tries=4), sleep=no_wait)
    assert (report.ok, report.tries, len(keep.items), report.quarantined) == (True, 3, 4, 1)
    (bad,) = keep.bad.values()
    assert (bad.code, bad.fault) == (dossier(2)["MaHoSo"], Fault.SHAPE)
    assert "no such document" in bad.reason


async def test_a_document_with_a_header_without_end_costs_itself_alone(rig: EdxmlRig) -> None:
    source, keep = await serving(rig, [letter(0), letter(1, Subject="x" * 300_000)], header_megabytes=0.2), Recorder()
    report = await poll(source, keep, NOW + timedelta(hours=1), retries=ONCE)
    assert (report.ok, report.tries, len(keep.items)) == (True, 1, 1)
    assert "within 0.2 MB" in next(iter(keep.bad.values())).reason


async def test_a_large_attachment_is_not_fetched_to_its_end(rig: EdxmlRig) -> None:
    source, keep = await serving(rig, [letter(0, Attachment=3_000_000)], header_megabytes=0.5, max_megabytes=1), Recorder()
    assert (await poll(source, keep, NOW + timedelta(hours=1), retries=ONCE)).read == 1


async def test_a_wrong_key_is_refused_by_the_code_of_the_axis(rig: EdxmlRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUT_SECRET", "mật khẩu")
    source = await rig.secured([dossier(0)])
    rig.axis.secret = "another"
    report = await poll(source, Recorder(), NOW)
    assert (report.refused, report.tries, rig.axis.requests) == (True, 1, 1)
    assert "error_code '15'" in report.error
    assert "khẩu" not in report.error


@pytest.mark.parametrize("fault", [None, Wrong.EXPIRED_INSIDE])
async def test_a_key_replaced_in_its_file_is_read_anew(rig: EdxmlRig, fault: Wrong | None) -> None:
    await opened(rig, [dossier(0)], secret="second", system_id="H99")
    (rig.folder / "key").write_text("first", encoding="utf-8")
    source = rig.entry(url=rig.url, ours=["H99"], system_id="H99", secret_file="key", expired_codes=["15", "401"])
    assert (await poll(source, Recorder(), NOW, retries=ONCE)).refused
    (rig.folder / "key").write_text("second", encoding="utf-8")
    rig.axis.faults.extend([None, None, fault] if fault else [])
    keep = Recorder()
    report = await poll(source, keep, NOW, retries=ONCE)
    assert report.ok is (fault is None)  # a document asked for with the same key as before is refused for good
    assert report.refused is (fault is not None)


async def test_an_old_stretch_is_read_again_without_the_rest(rig: EdxmlRig) -> None:
    source = await opened(rig, [dossier(n) for n in range(60)], size=5, history="")
    base = NOW - timedelta(days=5)
    since, until = base + timedelta(seconds=20), base + timedelta(seconds=30)
    found = [item.code async for batch in source.fetch_between(since, until, None, NOW) for item in batch.items]
    wanted = {dossier(n)["MaHoSo"] for n in range(20, 30)}
    assert wanted <= set(found)
    assert len(set(found)) < 20


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"ours": []}, "ours: empty"),
        ({"path": "in"}, "exactly one of url"),
        ({"url": "http://a:b@127.0.0.1"}, "credentials by"),
        ({"size": 0}, "size must be"),
        ({"lists": []}, "lists and document"),
        ({"secret_env": "A", "secret_file": "b"}, "exactly one of secret_env and secret_file"),
        ({"header_megabytes": 0}, "header_megabytes must be above 0"),
    ],
)
async def test_what_cannot_work_is_named_at_once(rig: EdxmlRig, options: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        rig.entry(**{**rig.required, **options})


# --- a folder ---------------------------------------------------------------------------------------------------------------------


async def test_dropped_documents_are_read_once_and_put_away(rig: EdxmlRig) -> None:
    folder = rig.folder / "den"
    folder.mkdir()
    bodies = {
        "a.edxml": envelope(letter(0)),
        "b.XML": envelope(letter(1, From={"OrganId": "000.00.05.H99"})),
        "c.xml": envelope(letter(2, Secret="Mật")),
        "d.xml": b"<html/>",
        "e.txt": b"not ours",
    }
    for name, body in bodies.items():
        (folder / name).write_bytes(body)
        os.utime(folder / name, (NOW.timestamp() - 60, NOW.timestamp() - 60))
    source, keep = rig.entry(path="den", ours=["H99"]), Recorder()
    assert isinstance(source, EdxmlSource)
    report = await poll(source, keep, NOW, retries=ONCE)
    assert (report.ok, report.read, report.quarantined, source.withheld) == (True, 3, 1, 1)
    assert sorted(item.outgoing for item in keep.items.values()) == [False, True]
    left = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".json"))
    assert left == ["done/a.edxml", "done/b.XML", "e.txt", "failed/d.xml", "restricted/c.xml"]
    assert (await poll(source, keep, NOW, retries=ONCE)).read == 0


async def test_a_stop_before_a_dropped_document_was_stored_reads_it_again(rig: EdxmlRig) -> None:
    folder = rig.folder / "den"
    folder.mkdir()
    (folder / "a.xml").write_bytes(envelope(letter(0)))
    os.utime(folder / "a.xml", (0, 0))
    source = rig.entry(path="den", ours=["H99"])
    walk = source.fetch(None, NOW)
    first = await anext(aiter(walk))
    await walk.aclose()  # type: ignore[attr-defined]
    again = [batch async for batch in source.fetch(None, NOW)]
    assert [batch.items for batch in again] == [first.items]
    assert (folder / "done" / "a.xml").exists()


async def test_a_folder_that_is_not_there_needs_a_person(rig: EdxmlRig) -> None:
    with pytest.raises(Refused, match="nowhere: cannot be read"):
        await anext(aiter(rig.entry(path="nowhere", ours=["H99"]).fetch(None, NOW)))


async def test_the_axis_tells_when_its_answers_are_true(rig: EdxmlRig) -> None:
    source = await opened(rig, [dossier(0)], as_of="thoiDiem")
    report = await poll(source, Recorder(), NOW, retries=ONCE)
    assert report.as_of == datetime(2026, 9, 15, 3, 0, tzinfo=UTC)
