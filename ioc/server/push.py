"""POST /api/v1/push/{source}: where department systems that call us bring their records, and hear of each what became of it.

A call is judged from the cheapest question to the dearest: is there such a source, is it JSON, is it small enough, is it in time, is it
signed, is it not too many, was it not taken before. Then its records are stored as those of any poll are, by this process, whether it
leads or not; only after that its signature is remembered, so a call that was not stored may come again as it is.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from collectors.poll import PollReport, Retries, poll
from collectors.source import SettingsError
from collectors.sources.push import Arrival, PushSource, Rejected, announced, results, verify
from ioc import metrics, pushes
from ioc.model import BadRow
from ioc.server import jobs
from ioc.server.auth import Pace
from ioc.server.center import Center

log = structlog.get_logger("ioc.push")

AGAIN = 5.0  # seconds after which a call that could not be stored may come again

NO_SOURCE = (404, "no_source", "Không có nguồn nhận dữ liệu này.", "there is no source of this name that takes calls")
NOT_JSON = (415, "not_json", "Chỉ nhận application/json, không nén.", "send Content-Type application/json, without Content-Encoding")
REPLAYED = (409, "taken_before", "Lần gửi này đã được nhận.", "this very call was taken before; nothing is to be done")
AWAY = (503, "database_away", "Cơ sở dữ liệu chưa trả lời; hãy gửi lại.", "the database does not answer; send again", AGAIN)
NOT_STORED = (503, "not_stored", "Chưa lưu được; hãy gửi lại.", "the records could not be stored; send again", AGAIN)
NOT_READY = (503, "no_secret", "Máy chủ chưa có khóa bí mật của nguồn.", "the server lacks this source's secret; tell its operator", 60.0)

Take = Callable[[PushSource, Arrival, datetime], Awaitable[Sequence[BadRow]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The way in: the sources that take calls, and what is done with a call that passes. `seconds` only counts, for the pace."""

    sources: Mapping[str, PushSource]
    take: Take
    now: Callable[[], datetime] = jobs.utcnow
    seconds: Callable[[], float] = time.monotonic
    paces: dict[str, Pace] = field(default_factory=dict)

    async def admit(self, name: str, request: Request) -> dict[str, Any]:
        """The answer to one call. Raises Rejected."""
        now = self.now()
        source = self.sources.get(name)
        if source is None:
            raise Rejected(*NO_SOURCE)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json" or request.headers.get("content-encoding", "identity") != "identity":
            raise Rejected(*NOT_JSON)
        stamp, signature = announced(request.headers, now, source.settings.skew)
        body = await _body(request, source.settings.most_bytes)
        try:
            await asyncio.to_thread(verify, source.secret(), stamp, signature, body)
        except SettingsError as error:
            log.error("no secret to check calls with", source=name, why=str(error))
            raise Rejected(*NOT_READY) from None
        self._in_time(source)
        arrival = await asyncio.to_thread(source.opened, stamp, signature, body, now)
        told = results(arrival, await self.take(source, arrival, now))
        kept = sum(1 for each in told if each["result"] == "kept")
        return {"read": len(told), "kept": kept, "quarantined": len(told) - kept, "results": told}

    def _in_time(self, source: PushSource) -> None:
        """Counted only once a call is known to be the source's own: others must not use up its turns."""
        limit, now = source.settings.per_minute, self.seconds()
        pace = self.paces.setdefault(source.name, Pace(limit, 60.0))
        if pace.full(now):
            vi = f"Quá {limit} lần gửi một phút; hãy gộp bản ghi."
            en = f"more than {limit} calls a minute; send more records in fewer calls"
            raise Rejected(429, "too_often", vi, en, max(1.0, pace.wait(now)))
        pace.count(now)


async def _body(request: Request, most: int) -> bytes:
    """The body, read no further than `most` bytes."""
    said, body = request.headers.get("content-length", ""), bytearray()
    try:
        if not said.isascii() or not said.isdigit() or int(said[:12]) <= most:
            async for piece in request.stream():
                body += piece
                if len(body) > most:
                    break
            else:
                return bytes(body)
    except ClientDisconnect:
        raise Rejected(400, "cut", "Nội dung gửi bị ngắt giữa chừng; hãy gửi lại.", "the body ended too early; send again") from None
    size = f"{most / 1e6:g}"
    vi = f"Nội dung gửi lớn hơn {size.replace('.', ',')} MB; hãy chia nhỏ."
    raise Rejected(413, "too_large", vi, f"the body is larger than {size} MB; split it")


def routes(gate: Gate) -> APIRouter:
    api = APIRouter(prefix="/api/v1/push")

    @api.post("/{source}")
    async def push(source: str, request: Request) -> JSONResponse:
        """Take in one signed call. No session is needed: the signature says who calls."""
        known = source if source in gate.sources else "unknown"
        try:
            answer = await gate.admit(source, request)
        except Rejected as no:
            metrics.PUSHES.labels(known, no.code).inc()
            wait = {} if no.retry_after is None else {"Retry-After": f"{math.ceil(no.retry_after)}"}
            return JSONResponse({"code": no.code, "vi": no.vi, "en": no.en}, no.status, wait)
        metrics.PUSHES.labels(known, "taken").inc()
        return JSONResponse(answer)

    return api


def push_routes(center: Center) -> APIRouter:
    """The route over the sources of a running server."""
    sources = {name: feed.source for name, feed in center.feeds.items() if isinstance(feed.source, PushSource)}
    locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def take(source: PushSource, arrival: Arrival, now: datetime) -> Sequence[BadRow]:
        async with locks[source.name]:
            try:
                return await _stored(center, source, arrival, now)
            except jobs.LOST:
                raise Rejected(*AWAY) from None

    return routes(Gate(sources=sources, take=take))


async def _stored(center: Center, source: PushSource, arrival: Arrival, now: datetime) -> Sequence[BadRow]:
    """One call into the store, once. Returns what was read well but could not be kept."""
    async with center.pool.connection() as db:
        if await pushes.taken(db, source.name, arrival.signature):
            raise Rejected(*REPLAYED)
    try:
        report = await poll(source.holding(arrival), center.store, now, retries=Retries(tries=1))
    except jobs.LOST:
        raise
    except psycopg.Error as error:  # the store refuses these records: it is for the operator to look, the wall says so
        log.exception("not stored", source=source.name)
        said = f"not stored: {jobs.brief(error)}"
        jobs.heard(center, source.name, PollReport(source=source.name, started=now, ended=jobs.utcnow(), ok=False, error=said))
        raise Rejected(*NOT_STORED) from None
    async with center.pool.connection() as db:
        await pushes.note(db, source.name, arrival.signature, now)
    jobs.heard(center, source.name, report)
    return report.refused_rows
