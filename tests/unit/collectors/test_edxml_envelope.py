"""An edXML document is read for its way and its dates, and for nothing else, however large or hostile it is."""

from __future__ import annotations

import base64
import tracemalloc
from collections.abc import Iterator

import pytest

from collectors.departments.envelopes import envelope
from collectors.edxml.envelope import NAMESPACE, Envelope, EnvelopeParser, Trace, parse
from collectors.source import BadItem

DOCUMENT = {
    "DocumentId": "000.00.01.G22,2026/09/10,12/CV-BTP",
    "From": {"OrganId": "000.00.01.G22", "OrganName": "Bộ Tư pháp"},
    "To": [{"OrganId": "000.00.02.H99"}, {"OrganId": "000.00.03.H98"}],
    "CodeNumber": "12",
    "CodeNotation": "CV-BTP",
    "PromulgationDate": "2026/09/10",
    "Type": "CV",
    "TypeName": "Công văn",
    "Subject": "V/v đơn của ông Nguyễn Văn Thử",
    "Signer": "Trần Thị Ký",
    "DueDate": "2026/09/20",
    "Priority": "2",
    "SteeringType": "1",
    "BussinessDocType": "3",
    "Replaces": ["000.00.01.G22,2026/09/01,7/CV-BTP"],
    "Traces": [
        {"OrganId": "000.00.01.G22", "Timestamp": "2026/09/10 08:00:00"},
        {"OrganId": "000.00.02.H99", "Timestamp": "2026/09/10 08:05:00"},
    ],
    "Signed": True,
}


def read(body: bytes, piece: int = 1 << 16, **options: object) -> Envelope:
    return parse((body[at : at + piece] for at in range(0, len(body), piece)), **options)  # type: ignore[arg-type]


def in_header(inner: str) -> bytes:
    header = f"<e:edXMLEnvelope><e:edXMLHeader>{inner}</e:edXMLHeader></e:edXMLEnvelope>"
    return f'<e:edXML xmlns:e="{NAMESPACE}">{header}</e:edXML>'.encode()


@pytest.mark.parametrize("piece", [1, 7, 1 << 16])
def test_the_header_is_read_however_the_bytes_come(piece: int) -> None:
    assert read(envelope(DOCUMENT), piece) == Envelope(
        document_id="000.00.01.G22,2026/09/10,12/CV-BTP",
        sender="000.00.01.G22",
        receivers=("000.00.02.H99", "000.00.03.H98"),
        number="12",
        notation="CV-BTP",
        promulgated="2026/09/10",
        type="CV",
        type_name="Công văn",
        due="2026/09/20",
        priority="2",
        steering="1",
        business="3",
        replaces=("000.00.01.G22,2026/09/01,7/CV-BTP",),
        traces=(
            Trace(organ="000.00.01.G22", time="2026/09/10 08:00:00"),
            Trace(organ="000.00.02.H99", time="2026/09/10 08:05:00"),
        ),
        signed=True,
    )


def test_neither_subject_nor_content_nor_signer_is_kept() -> None:
    said = repr(read(envelope(DOCUMENT), secrecy=frozenset({"securitylevel"})))
    assert "Thử" not in said
    assert "Ký" not in said


def test_any_prefix_will_do_but_no_other_namespace() -> None:
    body = envelope(DOCUMENT)
    assert read(body.replace(b"edXML:", b"ns1:").replace(b"xmlns:edXML", b"xmlns:ns1")).notation == "CV-BTP"
    with pytest.raises(BadItem, match=r"is no edXML of http://www\.mic\.gov\.vn"):
        read(body.replace(NAMESPACE.encode(), b"http://www.go.vn/eDoc"))


def test_business_beside_the_traces_is_read_too() -> None:
    message, business = "<e:DocumentId>a</e:DocumentId>", "<e:BussinessDocType>1</e:BussinessDocType>"
    inner = f"<e:MessageHeader>{message}</e:MessageHeader><e:Bussiness>{business}</e:Bussiness>"
    assert read(in_header(inner)).business == "1"


def test_an_empty_signature_is_none() -> None:
    assert not read(in_header("<e:DigitalSignature/>")).signed
    assert read(in_header("<e:DigitalSignature><e:Reference/></e:DigitalSignature>")).signed


def test_levels_of_secrecy_are_found_under_the_names_declared() -> None:
    body = envelope({**DOCUMENT, "Secret": "Tối mật"})
    assert read(body, secrecy=frozenset({"securitylevel"})).secrecy == ("Tối mật",)
    assert read(body).secrecy == ()


def test_an_attachment_of_thirty_megabytes_costs_next_to_nothing() -> None:
    begin, end = envelope(DOCUMENT).split(b"<edXML:ContentTransferEncoded>", 1)
    filling = base64.encodebytes(bytes(57 * 1000))

    def pieces() -> Iterator[bytes]:
        yield begin + b"<edXML:ContentTransferEncoded>"
        for _ in range(30_000_000 // len(filling)):
            yield filling
        yield b"</edXML:ContentTransferEncoded>" + end.split(b"</edXML:ContentTransferEncoded>", 1)[1]

    tracemalloc.start()
    found = parse(pieces(), longest=1_000_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.notation == "CV-BTP"
    assert peak < 2_000_000


def test_of_a_large_document_no_more_is_taken_than_the_header_may_need() -> None:
    parser, body = EnvelopeParser(longest=10_000), envelope({**DOCUMENT, "Attachment": 1_000_000})
    taken = 0
    for at in range(0, len(body), 1000):
        taken += 1
        if not parser.feed(body[at : at + 1000]):
            break
    assert taken == 11
    assert parser.close().notation == "CV-BTP"


BOMBS = {
    "billion laughs": '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>',
    "one large entity": '<!DOCTYPE a [<!ENTITY a "' + "x" * 100_000 + '">]><a>' + "&a;" * 1000 + "</a>",
    "an entity outside": '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/hostname">]><a>&a;</a>',
    "a document type outside": '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
    "a parameter entity": '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:1/p">%p;]><a/>',
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_what_declares_anything_is_not_read(bomb: str) -> None:
    with pytest.raises(BadItem, match="no edXML has one"):
        read(bomb.encode())


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "no well-formed XML"),
        (envelope(DOCUMENT)[:-7], "no well-formed XML"),
        (b'<e:edXML xmlns:e="%s"/>' % NAMESPACE.encode(), "without a header"),
        (b"<html><title>x</title></html>", "is no edXML"),
        (in_header("<e:x>" * 40 + "</e:x>" * 40), "more than 32 levels"),
        (in_header("<e:x/>" * 50_001), "50000 elements"),
        (in_header("<e:TraceHeaderList>" + "<e:TraceHeader/>" * 2001 + "</e:TraceHeaderList>"), "more than 2000"),
        (in_header("<e:x y='" + "z" * 5_000_000 + "'/>"), "no end of the edXML header within 4 MB"),
        (in_header("<e:x>" + "z" * 5_000_000 + "</e:x>"), "no end of the edXML header within 4 MB"),
        (b'<?xml version="1.0" encoding="nobody-knows"?><a/>', "no well-formed XML|encoding"),
        (b'<?xml version="1.0" encoding="euc-jp"?><a/>', "no well-formed XML|encoding"),
    ],
)
def test_what_is_no_envelope_is_named(body: bytes, words: str) -> None:
    with pytest.raises(BadItem, match=words):
        read(body)


def test_a_text_of_any_length_is_cut_for_the_mapping_to_refuse() -> None:
    found = read(envelope({**DOCUMENT, "From": {"OrganId": "x" * 100_000}}))
    assert len(found.sender) == 1001
