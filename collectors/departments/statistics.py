"""A simulated system that only reports numbers: service centres, surveys, payments, the 766 index, published dossier statistics.

How each speaks is an entry of SHAPES (statistics_dialects.py); the numbers come from whoever starts it, by their names in
ioc/figures.py, so that all systems of one province can agree. Started like every desk, by `serving()`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from collectors.departments.desk import Desk
from collectors.departments.statistics_shape import Asked, Given, Shape

Numbers = Callable[[Asked], Iterable[Any]]


class Statistics(Desk):
    """One system of one shape. `numbers` answers what it is asked with one row a unit: {"unit": code, "visits": 240, ...}.

    A row holds the figures of ioc/figures.py by name, and may hold `period` where it is not the one asked for and `reported_at` (an
    aware datetime). What is no row is served as it is; tests give such. Answers carry an ETag, and an unchanged one is 304.
    """

    def __init__(
        self,
        shape: Shape,
        numbers: Numbers,
        *,
        clock: Callable[[], datetime],
        token: str = "",
        password: str = "",
        drip: float = 0.05,
    ) -> None:
        super().__init__(clock=clock, token=token, password=password, drip=drip)
        self.shape = shape
        self.numbers = numbers
        self.unchanged = 0  # answers that were 304

    def routes(self) -> list[web.RouteDef]:
        return [web.route(self.shape.method, self.shape.path, self._report)]

    def failed(self, code: str, message: str) -> Any:
        return self.shape.failed(code, message)

    async def _report(self, request: web.Request) -> web.StreamResponse:
        given = await _given(request)
        response = await self.respond(request, lambda _: self._answer(given))
        if not isinstance(response, web.Response) or response.status != 200 or not isinstance(response.body, bytes):
            return response
        tag = hashlib.sha256(response.body).hexdigest()[:16]
        if any(each.value == tag for each in request.if_none_match or ()):
            self.unchanged += 1
            response = web.Response(status=304)
        response.etag = tag
        return response

    def _answer(self, given: Given) -> Any:
        asked = self.shape.asked(given, self.frozen_at or self.clock())
        records = []
        for row in self.numbers(asked):
            if asked.unit and isinstance(row, Mapping) and row.get("unit") != asked.unit:
                continue
            written = self.shape.written(row, asked, self.now) if isinstance(row, Mapping) else [row]
            records += [self.knobs.disguised(record) for record in written]
        return self.shape.envelope(records)


async def _given(request: web.Request) -> Given:
    """What came with a question: the query, and the fields of a form or of a JSON object."""
    given: dict[str, Any] = dict(request.query)
    if request.method == "POST":
        body = await request.post() if request.content_type == "application/x-www-form-urlencoded" else await request.json()
        given |= body if isinstance(body, Mapping) else {}
    return given
