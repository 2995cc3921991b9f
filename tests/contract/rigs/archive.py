"""A department system that serves one list in the ways of asking that no dialect of the demo province has.

GET  /theo-khoang     a closed range of days, records counted by offset and limit; keeps an ETag of what it answers
POST /tim-kiem        a JSON search: {"loc": {"tuNgay", "denNgay"}, "trang": {"so", "co"}, "donVi"}
GET  /tu/{}/trang/{}/{}   everything in the address; a bare array
GET  /tiep            an address leads to the next page
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from collectors.dates import read_instant
from collectors.departments.desk import Content, Desk
from collectors.departments.dialects import VIETNAM

DAY = timedelta(days=1)


class Archive(Desk):
    """Records of the portal's shape, in the order of (CapNhat, MaHoSo). `asked`: what each request wanted, as it was written."""

    def __init__(self, records: Iterable[dict[str, Any]], *, clock: Any, most: int = 5) -> None:
        super().__init__(clock=clock)
        self.records = {record["MaHoSo"]: record for record in records}
        self.asked: list[dict[str, Any]] = []
        self.unchanged = 0
        self.most = most
        self.elsewhere = ""  # what stands before the address of the next page
        self.deaf = False  # a range that is asked for is not looked at

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/theo-khoang", self._range),
            web.post("/tim-kiem", self._search),
            web.get("/tu/{since}/trang/{page}/{size}", self._address),
            web.get("/tiep", self._onward),
        ]

    def matching(self, since: str, until: str = "") -> list[dict[str, Any]]:
        """What changed from one time on and until another; days are whole ones."""
        begin = read_instant(since, VIETNAM) if since and not self.deaf else None
        end = None if self.deaf or not until else read_instant(until, VIETNAM) + (DAY if len(until) == 10 else timedelta(0))
        dated = sorted((_changed(record), code, record) for code, record in self.records.items())
        return [record for at, _, record in dated if (begin is None or begin <= at) and (end is None or at < end)]

    async def _range(self, request: web.Request) -> web.StreamResponse:
        query = request.query

        def content(_: bool) -> Any:
            self.asked.append(dict(query))
            found = self.matching(query.get("tuNgay", ""), query.get("denNgay", ""))
            begin, count = int(query.get("offset", 0)), min(int(query.get("limit", 100)), self.most)
            return {"Data": {"Items": found[begin : begin + count], "TotalRecords": len(found)}}

        return await self._versioned(request, content)

    async def _search(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(body)

        def content(_: bool) -> Any:
            if not isinstance(body["trang"]["so"], int):
                raise ValueError("trang.so is no number")
            found = self.matching(body["loc"].get("tuNgay", ""), body["loc"].get("denNgay", ""))
            number, size = body["trang"]["so"], min(body["trang"]["co"], self.most)
            page = found[(number - 1) * size : number * size]
            return {"ketQua": {"nhom": [{"donVi": body["donVi"], "hoSo": page[:2]}, {"donVi": body["donVi"], "hoSo": page[2:]}]}}

        return await self.respond(request, content)

    async def _address(self, request: web.Request) -> web.StreamResponse:
        told = request.match_info
        self.asked.append(dict(told))
        number, size = int(told["page"]), min(int(told["size"]), self.most)
        return await self.respond(request, lambda _: self.matching(told["since"])[(number - 1) * size : number * size])

    async def _onward(self, request: web.Request) -> web.StreamResponse:
        begin, since = int(request.query.get("tu-dong", 0)), request.query.get("since", "")
        self.asked.append(dict(request.query))

        def content(_: bool) -> Any:
            found = self.matching(since)
            more = begin + self.most < len(found)
            onward = f"{self.elsewhere}/tiep?tu-dong={begin + self.most}&since={since}" if more else None
            return {"items": found[begin : begin + self.most], "links": {"next": onward}}

        return await self.respond(request, content)

    async def _versioned(self, request: web.Request, content: Content) -> web.StreamResponse:
        response = await self.respond(request, content)
        if not isinstance(response, web.Response) or response.status != 200:
            return response
        assert isinstance(response.body, bytes)
        version = f'"{hashlib.sha256(response.body).hexdigest()[:16]}"'
        if request.headers.get("If-None-Match") == version:
            self.unchanged += 1
            return web.Response(status=304, headers={"ETag": version})
        response.headers["ETag"] = version
        return response


def _changed(record: dict[str, Any]) -> datetime:
    return read_instant(record["CapNhat"], VIETNAM)
