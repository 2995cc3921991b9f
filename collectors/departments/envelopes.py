"""A document of the axis as edXML (QCVN 102:2016/BTTTT), written from a plain dict. Pure; used by axis.py.

The dict holds `DocumentId, From, To, CodeNumber, CodeNotation, PromulgationDate, Type, TypeName, Subject, Signer, DueDate, Priority,
BussinessDocType, Signed, Timestamp`; `From` is {"OrganId", "OrganName"}, `To` one such or a list. It may hold `Replaces` (the ids of older
documents), `Secret` (a secrecy level), `Traces` ([{"OrganId", "Timestamp"}], else one is made of From and Timestamp), `SteeringType` and
`Attachment` (how many bytes it has). What the dict leaves out is left out of the envelope.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
INVALID = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF])  # no XML 1.0 document holds these


def envelope(document: Mapping[str, Any]) -> bytes:
    """The whole document: header, manifest and attachment."""
    text = "".join(
        (
            f'<?xml version="1.0" encoding="UTF-8"?><edXML:edXML xmlns:edXML="{NAMESPACE}"><edXML:edXMLEnvelope><edXML:edXMLHeader>',
            _tag("MessageHeader", "".join(_message(document))),
            _tag("TraceHeaderList", "".join(_traces(document))),
            _tag("DigitalSignature", _tag("Reference", _text("DigestValue", "c2lnbmVk"))) if document.get("Signed") else "",
            "</edXML:edXMLHeader><edXML:edXMLBody>",
            _tag("edXMLManifest", _tag("Reference", _text("ContentId", "cid:1") + _text("ContentType", "application/pdf"))),
            "</edXML:edXMLBody></edXML:edXMLEnvelope>",
            "<edXML:AttachmentEncoded><edXML:Attachment>",
            _text("ContentId", "cid:1"),
            _text("ContentTransferEncoded", base64.b64encode(bytes(int(document.get("Attachment", 300)))).decode()),
            "</edXML:Attachment></edXML:AttachmentEncoded></edXML:edXML>",
        )
    )
    return text.encode()


def organs(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Whom a document goes to."""
    to = document.get("To") or []
    return list(to) if isinstance(to, list) else [to]


def _message(document: Mapping[str, Any]) -> Iterator[str]:
    yield _tag("From", _organ(document["From"]))
    for organ in organs(document):
        yield _tag("To", _organ(organ))
    yield _tag("Code", _texts(document, "CodeNumber", "CodeNotation"))
    yield _tag("PromulgationInfo", _text("Place", "Minh Giang") + _texts(document, "PromulgationDate"))
    yield _tag("DocumentType", _texts(document, "Type", "TypeName"))
    yield _texts(document, "Subject")
    yield _text("Content", document.get("Subject", ""))
    yield _tag("SignerInfo", _text("Position", "Giám đốc") + _text("FullName", document.get("Signer", "")))
    yield _texts(document, "DueDate")
    yield _tag("OtherInfo", _texts(document, "Priority") + _text("SecurityLevel", document.get("Secret", "")) + _text("PageAmount", "2"))
    yield _texts(document, "SteeringType", "DocumentId")


def _traces(document: Mapping[str, Any]) -> Iterator[str]:
    once = {"OrganId": document["From"].get("OrganId", ""), "Timestamp": document.get("Timestamp", "")}
    for trace in document.get("Traces") or [once]:
        yield _tag("TraceHeader", _texts(trace, "OrganId", "Timestamp"))
    replaced = [_tag("ReplacementInfo", _text("DocumentId", each)) for each in document.get("Replaces", ())]
    business = _texts(document, "BussinessDocType") + _text("BussinessDocReason", "") + _tag("StaffInfo", _texts(document, "Staff"))
    yield _tag("Bussiness", business + (_tag("ReplacementInfoList", "".join(replaced)) if replaced else ""))


def _organ(organ: Mapping[str, Any]) -> str:
    return _texts(organ, "OrganId", "OrganizationInCharge", "OrganName")


def _texts(values: Mapping[str, Any], *names: str) -> str:
    return "".join(_text(name, values[name]) for name in names if name in values)


def _text(name: str, value: object) -> str:
    return _tag(name, escape(str(value).translate(INVALID)))


def _tag(name: str, inner: str) -> str:
    return f"<edXML:{name}>{inner}</edXML:{name}>"
