"""Whatever an axis sends, only named errors leave the parser, in bounded time and memory, and no text of a document but its way."""

from __future__ import annotations

import contextlib
import random
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.departments.envelopes import envelope
from collectors.edxml.envelope import Envelope, Trace, parse
from collectors.edxml.inquiry import DocumentSink, EnvelopeParser
from collectors.edxml.record import Line, Secrecy, Step, line_of, records
from collectors.edxml.settings import LEVELS, MARKS, NO_SECRET
from collectors.mapping import load
from collectors.source import BadItem
from tests.contract.rigs.base import MAPPINGS

NOW = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)
MAPPING = load(MAPPINGS / "edxml.toml")
SECRECY = Secrecy(names=LEVELS, open=NO_SECRET, marks=MARKS)
WHOLE = envelope(
    {
        "DocumentId": "G22,2026/09/10,12/CV",
        "From": {"OrganId": "G22"},
        "To": [{"OrganId": "H99.01"}, {"OrganId": "H99.02"}],
        "CodeNumber": "12",
        "CodeNotation": "CV",
        "Subject": "Nguyễn Văn Thử",
        "DueDate": "2026/09/20",
        "Priority": "1",
        "BussinessDocType": "3",
        "Replaces": ["G22,2026/09/01,7/CV"],
        "Secret": "0",
        "Timestamp": "2026/09/10 08:00:00",
        "Signed": True,
    }
)
PIECES = [
    b"<", b">", b"&", b"&#0;", b"&a;", b"<!DOCTYPE a [<!ENTITY a 'b'>]>", b"<![CDATA[", b"]]>", b"<!--", b"<?x?>", b"\x00", b"\xff\xfe",
    b"edXML:", b"xmlns=''", b"</edXML:edXMLHeader>", b"<edXML:To>" * 50, b"A" * 5000,
]  # fmt: skip
texts = st.text(max_size=30) | st.sampled_from(
    ["", "0", "1", "2", "3", "15", "06", "2026/09/10", "2026/09/10 08:00:00", "H99.01", "x" * 300]
)


def read(body: bytes, piece: int = 1 << 16) -> Envelope | None:
    said = ""
    try:
        return parse((body[at : at + piece] for at in range(0, len(body), piece)), secrecy=LEVELS, longest=200_000)
    except BadItem as error:
        said = str(error)
    assert 0 < len(said) < 400
    assert "Thử" not in said
    return None


@given(body=st.binary(max_size=400), piece=st.integers(1, 64))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_an_envelope_or_a_bad_item(body: bytes, piece: int) -> None:
    read(body, piece)
    read(b"<?xml version='1.0'?>" + body, piece)


@given(seed=st.integers(0, 2**32), cuts=st.integers(1, 6))
@settings(max_examples=300, deadline=None)
def test_a_damaged_envelope_is_an_envelope_or_a_bad_item(seed: int, cuts: int) -> None:
    rng, body = random.Random(seed), bytearray(WHOLE)
    for _ in range(cuts):
        at, span = rng.randrange(len(body)), rng.randrange(40)
        match rng.randrange(4):
            case 0:
                del body[at : at + span]
            case 1:
                body[at:at] = rng.choice(PIECES)
            case 2:
                body[at:at] = body[at : at + span] * rng.randrange(1, 30)
            case _:
                body[at] = rng.randrange(256)
    found = read(bytes(body), rng.choice([1, 100, 1 << 16]))
    if found is not None:
        assert "Thử" not in repr(found)
        MAPPING.read_all(list(records(found, Line(number="1", status="03", updated="2026/09/11 08:00:00"), (), ("H99",))), NOW)


@given(body=st.binary(max_size=300), piece=st.integers(1, 50))
@settings(max_examples=100, deadline=None)
def test_an_answer_is_an_envelope_or_bytes_or_a_bad_item(body: bytes, piece: int) -> None:
    for begin in (b"", b" \n", b"\xef\xbb\xbf", b'{"error_code": '):
        sink = DocumentSink(EnvelopeParser(longest=1000))
        try:
            for at in range(0, len(begin + body), piece):
                if not sink.feed((begin + body)[at : at + piece]):
                    break
            assert isinstance(sink.close(), Envelope | bytes)
        except BadItem:
            pass


envelopes = st.builds(
    Envelope,
    document_id=texts, sender=texts, receivers=st.lists(texts, max_size=3).map(tuple), number=texts, notation=texts, due=texts,
    priority=texts, business=texts, replaces=st.lists(texts, max_size=3).map(tuple), secrecy=st.lists(texts, max_size=2).map(tuple),
    traces=st.lists(st.builds(Trace, organ=texts, time=texts), max_size=3).map(tuple), signed=st.booleans(),
)  # fmt: skip
lines = st.builds(Line, number=texts, status=texts, created=texts, updated=texts)
steps = st.lists(st.builds(Step, status=texts, time=texts), max_size=4)


@given(found=envelopes, line=lines, history=steps)
@settings(max_examples=300, deadline=None)
def test_any_envelope_becomes_items_or_bad_rows_with_codes_that_fit(found: Envelope, line: Line, history: list[Step]) -> None:
    SECRECY.hides(found)
    read = MAPPING.read_all(list(records(found, line, history, ("H99",))), NOW)
    assert all(0 < len(item.code) <= 64 for item in read.items)
    assert all(len(row.reason) < 600 for row in read.bad)


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(entry=st.dictionaries(st.sampled_from(["docId", "DOCID", "status", "created", "updated", "doMat"]) | texts, anything, max_size=6))
@settings(max_examples=200, deadline=None)
def test_any_line_of_a_list_is_a_line_or_a_bad_item(entry: dict[str, Any]) -> None:
    SECRECY.hides_line(entry)
    with contextlib.suppress(BadItem):
        line_of(entry, {"number": "docId", "status": "status", "created": "created", "updated": "updated"})


def test_no_bomb_takes_long() -> None:
    header = '<e:edXML xmlns:e="http://www.mic.gov.vn/TBT/QCVN_102_2016"><e:edXMLEnvelope><e:edXMLHeader>'
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 30))
    bombs = (
        f'<!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]><x>&a29;</x>',
        header + "<e:x>" * 1_000_000,
        header + "<e:x " + " ".join(f'a{n}="1"' for n in range(100_000)),
        header + "<e:x a='" + "&#65;" * 2_000_000,
        header + "<!--" + "-" * 5_000_000,
        header + "<e:" + "n" * 5_000_000,
        header + "<![CDATA[" + "]" * 5_000_000,
    )
    for bomb in bombs:
        begun = time.monotonic()
        with pytest.raises(BadItem):
            parse([bomb[at : at + 65536].encode() for at in range(0, len(bomb), 65536)])
        assert time.monotonic() - begun < 10
