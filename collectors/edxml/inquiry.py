"""The three questions to an axis: what changed, one document, and what became of it. Called by collectors/sources/edxml.py.

A document runs through its parser as it comes: its attachments are never held, and not even fetched beyond what its header may take.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from collectors.answer import Answer, decode, error_code, inside, is_over, open_envelope
from collectors.auth import Request
from collectors.edxml.envelope import Envelope, EnvelopeParser
from collectors.edxml.record import Step
from collectors.edxml.settings import EdxmlSettings
from collectors.fields import as_text, composed, find
from collectors.http import Session
from collectors.reading import Reader
from collectors.source import BadItem, Refused, SourceError, Unavailable
from collectors.walk import Place
from ioc.model import Fault

LONGEST_ERROR = 100_000  # bytes of an answer that is no document but says why
MOST_STEPS = 1000
NO_DOCUMENT = frozenset({404, 410})


class DocumentSink:
    """The answer to the question for a document: its Envelope, or the bytes of the JSON that stands in its place."""

    def __init__(self, parser: EnvelopeParser) -> None:
        self._parser = parser
        self._begin = b""
        self._json: bytearray | None = None
        self._begun = False

    def feed(self, piece: bytes) -> bool:
        if self._json is None and not self._begun:
            self._begin += piece
            first = self._begin.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
            if not first and len(self._begin) < LONGEST_ERROR:
                return True
            self._begun, piece = True, self._begin
            self._json = bytearray() if first in (b"{", b"[") else None
        if self._json is None:
            return self._parser.feed(piece)
        self._json += piece
        return len(self._json) <= LONGEST_ERROR

    def close(self) -> Envelope | bytes:
        if self._json is not None:
            return bytes(self._json)
        if not self._begun:
            raise BadItem("the answer is empty where a document is expected; the other side must look", Fault.SHAPE)
        return self._parser.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """An axis while one poll lasts."""

    session: Session
    settings: EdxmlSettings
    mapping: Reader

    async def lines(self, path: str, place: Place) -> Answer:
        """One page of what changed."""
        settings = self.settings
        asked = {settings.since_param: place.asked, settings.page_param: str(place.page), settings.size_param: str(place.size)}
        value = await self.session.get(settings.address(path), {name: text for name, text in asked.items() if name and text})
        return open_envelope(value, settings.answered, self.mapping.zone)

    async def document(self, number: str) -> Envelope:
        """The envelope of one document. Raises BadItem for what is none: the caller knows whether to ask once more."""
        settings = self.settings
        request = Request(
            url=settings.address(settings.document), params={settings.document_param: number},
            into=lambda: DocumentSink(EnvelopeParser(secrecy=settings.secrecy.names, longest=settings.longest)),
        )  # fmt: skip
        content = await self._content(request)
        if isinstance(content, bytes) and self._over(content) and self.session.auth.renew():
            content = await self._content(request)
        if isinstance(content, Envelope):
            return content
        if self._over(content):
            raise Refused("the axis does not accept our credentials; check the secret of this source")
        error = self._told(content)
        raise error if isinstance(error, Refused) else BadItem(str(error), Fault.SHAPE)

    async def _content(self, request: Request) -> Envelope | bytes:
        try:
            content: Envelope | bytes = (await self.session.ask(request)).content
        except Refused as error:
            if error.status in NO_DOCUMENT:
                raise BadItem(str(error), Fault.SHAPE) from None
            raise
        return content

    async def history(self, number: str) -> list[Step]:
        """The steps of one document, oldest first; none where the axis does not tell."""
        settings = self.settings
        if not settings.history:
            return []
        value = await self.session.get(settings.address(settings.history), {settings.document_param: number})
        envelope = replace(settings.answered, records=settings.steps, as_of="")
        rows = open_envelope(value, envelope, self.mapping.zone).records[-MOST_STEPS:]
        return [
            Step(status=status, time=composed(as_text(find(row, settings.step_time)) or "")[:200])
            for row in rows
            if isinstance(row, dict) and (status := composed(as_text(find(row, settings.step_status)) or "")[:200])
        ]

    def _over(self, content: bytes) -> bool:
        code, value = self._code(content)
        return code is not None and is_over(code, value, self.settings.answered)

    def _told(self, content: bytes) -> SourceError:
        """What an answer that is no document says instead."""
        code, value = self._code(content)
        return inside(code, value, self.settings.answered) if code else Unavailable("the answer is JSON where a document is expected")

    def _code(self, content: bytes) -> tuple[str | None, object]:
        try:
            value = decode(content)
        except Unavailable:
            return None, None
        return error_code(value, self.settings.answered), value
