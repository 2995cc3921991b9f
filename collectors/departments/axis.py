"""The simulated document axis: lists of received and sent documents, one document as edXML, and what became of it.

It has the shape of a provincial axis (domain.md 1.4): callers show X-SystemId and X-SecretKey, errors are codes inside a 200 (15: who
are you?), changes are asked for since a time, that one included. `Axis([document, ...], ours=("H99",), clock=..., system_id=...,
secret=...)` takes documents as plain dicts: what `envelopes.envelope` writes, and

    docId       the axis' own number of it; without one, its DocumentId
    Status      01 arrived .. 06 done, 13 taking back was asked for, 15 agreed to, 16 refused
    Finished    when 06 became true, Updated: when the axis last heard of it; "yyyy/MM/dd HH:mm:ss" in Vietnam like Timestamp

It is in the list of the sent ones where `From` is one of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from collectors.departments.desk import Desk
from collectors.departments.dialects import Dialect
from collectors.departments.envelopes import envelope
from collectors.departments.knobs import Fault
from collectors.departments.shelf import Shelf

UNKNOWN_CALLER, NO_DOCUMENT = "15", "18"

AXIS = Dialect(
    name="axis",
    path="/v1/getReceivedEdocList",
    code="docId",
    updated="updated",
    written="%Y/%m/%d %H:%M:%S",
    envelope=lambda piece: {"error_code": "0", "data": piece.records, "total": piece.total, "thoiDiem": piece.as_of},
    failed=lambda code, message: {"error_code": code, "message": message},
)


class Axis(Desk):
    """Two lists of one axis. Without `secret` everybody may ask."""

    def __init__(
        self,
        documents: Iterable[Any],
        *,
        clock: Callable[[], datetime],
        ours: tuple[str, ...] = ("H99",),
        system_id: str = "",
        secret: str = "",
        page_size: int = 1000,
        drip: float = 0.05,
    ) -> None:
        """`ours`: organs that begin so, or end so in the older way of writing (000.00.01.H99), are at home here."""
        super().__init__(clock=clock, drip=drip)
        self.secret = secret
        self._system_id = system_id
        self._ours = ours
        self._page_size = page_size
        self._documents: dict[str, dict[str, Any]] = {}
        self._histories: dict[str, list[dict[str, str]]] = {}
        listed: dict[bool, list[Any]] = {False: [], True: []}
        for document in documents:
            listed[self._is_sent(document)].append(self._take(document) if isinstance(document, dict) else document)
        self.received = Shelf(AXIS, listed[False], clock())
        self.sent = Shelf(AXIS, listed[True], clock())

    def put(self, document: dict[str, Any]) -> None:
        """A new document or a changed one (its Status); the axis stamps the change itself."""
        at = self.clock() + self.knobs.ahead
        entry = self._take({**document, "Updated": AXIS.date(at)})
        (self.sent if self._is_sent(document) else self.received).put(entry, at)

    def failed(self, code: str, message: str) -> Any:
        return AXIS.failed(code, message)

    def unauthorised(self) -> web.Response:
        return web.json_response(self.failed(UNKNOWN_CALLER, "wrong SystemId or SecretKey"))

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(AXIS.path, self._received),
            web.get("/v1/getSentEdocList", self._sent),
            web.get("/v1/getEdoc", self._document),
            web.get("/v1/getReceiveStatus", self._history),
        ]

    def _take(self, document: dict[str, Any]) -> dict[str, Any]:
        """Keep a document and the step it came to; returns its line in the list."""
        number, status = str(document.get("docId") or document.get("DocumentId")), str(document.get("Status", "01"))
        updated = str(document.get("Updated") or AXIS.date(self.clock()))
        history = self._histories.setdefault(number, [])
        if not history or history[-1]["status"] != status:
            at = str(document.get("Finished") or updated) if status == "06" else updated
            history.append({"status": status, "time": at, "organId": str(document["From"].get("OrganId", ""))[:64]})
        created = self._documents.get(number, document).get("Timestamp", updated)
        self._documents[number] = document
        return {"docId": number, "serviceType": "eDoc", "created": created, "updated": updated, "status": status}

    def _is_sent(self, document: object) -> bool:
        organ = str(document["From"].get("OrganId", "")) if isinstance(document, Mapping) else ""
        return any(organ == each or organ.startswith(f"{each}.") or organ.endswith(f".{each}") for each in self._ours)

    async def _received(self, request: web.Request) -> web.StreamResponse:
        return await self._list(request, self.received)

    async def _sent(self, request: web.Request) -> web.StreamResponse:
        return await self._list(request, self.sent)

    async def _list(self, request: web.Request, shelf: Shelf) -> web.StreamResponse:
        def content(repeat: bool) -> Any:
            query = request.query
            piece = shelf.piece(
                since=query.get("since", ""),
                page=1 if repeat else int(query.get("page", 1)),
                size=max(1, min(int(query.get("size", self._page_size)), self._page_size)),
                token="",
                as_of=AXIS.date(self.now),
                until=self.frozen_at,
                shown=self.knobs.disguised,
            )
            return AXIS.envelope(piece)

        return await self.respond(request, content, authorised=lambda: self._known(request))

    async def _document(self, request: web.Request) -> web.StreamResponse:
        def content(_repeat: bool) -> Any:
            document = self._documents.get(request.query.get("docId", ""))
            return self.failed(NO_DOCUMENT, "no such document") if document is None else envelope(document)

        response = await self.respond(request, content, authorised=lambda: self._known(request))
        if isinstance(response, web.Response) and isinstance(response.body, bytes) and response.body.startswith(b"<?xml"):
            response.content_type = "application/xml"
        return response

    async def _history(self, request: web.Request) -> web.StreamResponse:
        def content(_repeat: bool) -> Any:
            steps = self._histories.get(request.query.get("docId", ""), [])
            return {"error_code": "0", "data": [self.knobs.disguised(step) for step in steps]}

        return await self.respond(request, content, authorised=lambda: self._known(request))

    def _known(self, request: web.Request) -> bool:
        shown = request.headers.get("X-SystemId", ""), request.headers.get("X-SecretKey", "")
        return not self.secret or shown == (self._system_id, self.secret)


__all__ = ["AXIS", "Axis", "Fault"]
