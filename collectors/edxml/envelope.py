"""An edXML document, read piece by piece: what its header says of its way, and nothing of what it says. Pure; called by the edxml source.

Only the leaves listed here are ever kept: no subject, no content, no name of a signer, no attachment, whose bytes pass through and cost
nothing. There is no DTD, no entity and nothing external; depth, elements, lengths and bytes are bounded. Whatever is wrong is a BadItem.
The document comes under the namespace of the standard, whatever its prefix; one under another namespace is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from collectors.source import BadItem, shown
from ioc.model import Fault

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
DEEPEST, MOST_ELEMENTS = 32, 50_000
LONGEST_TEXT = 1000  # characters of one leaf; the mapping refuses far shorter ones, this only bounds memory
MOST_TEXTS = 2000  # leaves of one kind: a document may go to every commune of a province

# Where things stand below edXMLHeader. Systems put Bussiness beside TraceHeaderList or inside it.
ONE = {
    "MessageHeader/DocumentId": "document_id",
    "MessageHeader/From/OrganId": "sender",
    "MessageHeader/Code/CodeNumber": "number",
    "MessageHeader/Code/CodeNotation": "notation",
    "MessageHeader/PromulgationInfo/PromulgationDate": "promulgated",
    "MessageHeader/DocumentType/Type": "type",
    "MessageHeader/DocumentType/TypeName": "type_name",
    "MessageHeader/DueDate": "due",
    "MessageHeader/OtherInfo/Priority": "priority",
    "MessageHeader/SteeringType": "steering",
    "TraceHeaderList/Bussiness/BussinessDocType": "business",
    "Bussiness/BussinessDocType": "business",
}
MANY = {
    "MessageHeader/To/OrganId": "receivers",
    "TraceHeaderList/Bussiness/ReplacementInfoList/ReplacementInfo/DocumentId": "replaces",
    "Bussiness/ReplacementInfoList/ReplacementInfo/DocumentId": "replaces",
}
PASSED = {"TraceHeaderList/TraceHeader/OrganId": "organ", "TraceHeaderList/TraceHeader/Timestamp": "time"}
HEADER = ("edXML", "edXMLEnvelope", "edXMLHeader")
TRACE = (*HEADER, "TraceHeaderList", "TraceHeader")
SIGNATURE = (*HEADER, "DigitalSignature")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A stop on the way: which organ passed the document on, and when, in its own words."""

    organ: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What a header says, in its own words, "" where it says nothing. `secrecy`: the values of the elements that speak of it."""

    document_id: str = ""
    sender: str = ""
    receivers: tuple[str, ...] = ()
    number: str = ""
    notation: str = ""
    promulgated: str = ""
    type: str = ""
    type_name: str = ""
    due: str = ""
    priority: str = ""
    steering: str = ""
    business: str = ""  # BussinessDocType: 0 new, 1 recall, 2 update, 3 replacement
    replaces: tuple[str, ...] = ()
    traces: tuple[Trace, ...] = ()
    secrecy: tuple[str, ...] = ()
    signed: bool = False


@dataclass(slots=True)
class _Target:
    """Takes the parser's events; keeps the leaves that are wanted. `done`: the header is over."""

    secrecy: frozenset[str]
    path: list[str] = field(default_factory=list)
    elements: int = 0
    inside: bool = False
    done: bool = False
    signed: bool = False
    one: dict[str, str] = field(default_factory=dict)
    many: dict[str, list[str]] = field(default_factory=dict)
    traces: list[dict[str, str]] = field(default_factory=list)
    _wanted: str = ""
    _text: list[str] = field(default_factory=list)
    _length: int = 0

    def start(self, tag: str, _attributes: object) -> None:
        self.elements += 1
        name = _local(tag) if self.path or _is_ours(tag) else ""
        if not name:
            raise BadItem(f"the root {shown(tag)} is no edXML of {NAMESPACE}; the other side must send that", Fault.SHAPE)
        self.path.append(name)
        if len(self.path) > DEEPEST or self.elements > MOST_ELEMENTS:
            raise BadItem(f"more than {DEEPEST} levels or {MOST_ELEMENTS} elements; no edXML looks so")
        self._wanted = ""
        if self.done or tuple(self.path[:3]) != HEADER:
            return
        below = tuple(self.path)
        if below == TRACE:
            self._room(self.traces)
            self.traces.append({})
        self.signed = self.signed or (len(below) > len(SIGNATURE) and below[: len(SIGNATURE)] == SIGNATURE)
        self._wanted = "/".join(below[3:]) if _is_ours(tag) or not tag.startswith("{") else ""
        self._text, self._length = [], 0

    def data(self, text: str) -> None:
        if self._wanted and self._length <= LONGEST_TEXT:
            self._text.append(text[: LONGEST_TEXT + 1 - self._length])
            self._length += len(self._text[-1])

    def end(self, _tag: str) -> None:
        if self._wanted:
            self._keep(self._wanted, "".join(self._text).strip())
        self._wanted = ""
        self.done = self.done or tuple(self.path) == HEADER
        self.path.pop()

    def close(self) -> None:
        """Nothing is left to do; the parser asks for it."""

    def _keep(self, place: str, text: str) -> None:
        leaf = place.rsplit("/", 1)[-1]
        if not text:
            return
        if place in ONE:
            self.one.setdefault(ONE[place], text)
        elif place in PASSED:
            self.traces[-1][PASSED[place]] = text
        elif place in MANY:
            self._add(MANY[place], text)
        elif leaf.casefold() in self.secrecy:
            self._add("secrecy", text)

    def _add(self, name: str, text: str) -> None:
        texts = self.many.setdefault(name, [])
        self._room(texts)
        texts.append(text)

    @staticmethod
    def _room(kept: list[object] | list[str] | list[dict[str, str]]) -> None:
        if len(kept) >= MOST_TEXTS:
            raise BadItem(f"more than {MOST_TEXTS} receivers, traces or replaced documents; no edXML looks so")


class EnvelopeParser:
    """One document, fed as it comes. `secrecy`: the names of elements that tell how secret it is, in small letters.

    Its header must end within `longest` bytes. Attachments follow it; of them no more than that is read either.
    """

    def __init__(self, *, secrecy: frozenset[str] = frozenset(), longest: int = 4_000_000) -> None:
        self._target = _Target(secrecy=secrecy)
        self._parser = DefusedXMLParser(target=self._target, forbid_dtd=True)
        self._longest = longest
        self._fed = 0
        self._enough = False

    def feed(self, piece: bytes) -> bool:
        """Take the next bytes; False when no more are needed. Raises BadItem."""
        self._fed += len(piece)
        with _named():
            self._parser.feed(piece)
        if self._fed > self._longest:
            if not self._target.done:
                raise BadItem(f"no end of the edXML header within {self._longest / 1e6:g} MB; the other side must look")
            self._enough = True
        return not self._enough

    def close(self) -> Envelope:
        """What the header says. Raises BadItem when the document ended before its end."""
        if not self._enough:
            with _named():
                self._parser.close()
        target = self._target
        if not target.done:
            raise BadItem("an edXML document without a header; the other side must look", Fault.SHAPE)
        return Envelope(
            **target.one,
            receivers=tuple(target.many.get("receivers", ())),
            replaces=tuple(target.many.get("replaces", ())),
            secrecy=tuple(target.many.get("secrecy", ())),
            traces=tuple(Trace(**each) for each in target.traces),
            signed=target.signed,
        )


def parse(pieces: Iterable[bytes], *, secrecy: frozenset[str] = frozenset(), longest: int = 4_000_000) -> Envelope:
    """A whole document from its pieces, no more of them than needed. Raises BadItem."""
    parser = EnvelopeParser(secrecy=secrecy, longest=longest)
    for piece in pieces:
        if not parser.feed(piece):
            break
    return parser.close()


@contextmanager
def _named() -> Iterator[None]:
    """Every complaint of the XML parser as a BadItem that repeats nothing of the document."""
    try:
        yield
    except DefusedXmlException:
        raise BadItem("a document type or an entity is declared; no edXML has one, so it is not read", Fault.SHAPE) from None
    except ParseError as error:
        line, column = error.position
        raise BadItem(f"no well-formed XML at line {line}, column {column}; the other side must look", Fault.SHAPE) from None
    except (ValueError, LookupError):  # an encoding nobody knows
        raise BadItem("written in an encoding that cannot be read; the other side must send UTF-8", Fault.SHAPE) from None


def _is_ours(tag: str) -> bool:
    return tag.startswith(f"{{{NAMESPACE}}}")


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]
