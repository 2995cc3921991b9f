"""The /live WebSocket: who may listen, what the screen asks for, and the ordinary way to send when the short one is not there.

Mounted by the composition root, from whose `app.state` it takes `hub`, `who(connection) -> Viewer | None`, `clock() -> ms`, `ui`
and `version` (and `limits`, when others than LIMITS are wanted). A screen must say `hello` first; then it is told what it may
follow, and follows it with `sub`. Whatever a client sends costs it its own connection at most.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
import orjson
from starlette.datastructures import State
from starlette.websockets import WebSocket, WebSocketDisconnect

from ioc.frames import RAW
from ioc.hub import NOTHING, Hub, Line
from ioc.server.auth import Pace, Viewer
from ioc.server.direct import DOOR
from ioc.wire import CLOSES, DEAD, HEARTBEAT, PROTOCOL, Hello, Problem, Sub, Unsub, Welcome

Shape = TypeVar("Shape")
REASONS = CLOSES


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a client may ask of us. Times in seconds."""

    hello: float = 5.0  # until its first message
    size: int = 16_384  # characters of a message; give uvicorn the same as ws_max_size
    rate: int = 20  # messages a second
    wanted: int = 64  # topics named in one message
    patience: float = 30.0  # its socket may stay full
    goodbye: float = 5.0  # for it to take our close


LIMITS = Limits()


class LiveError(Exception):
    """The conversation is over: close with `code`, whose meaning is in REASONS."""

    def __init__(self, code: int) -> None:
        super().__init__(f"{code} {REASONS[code]}")
        self.code = code


async def live(websocket: WebSocket) -> None:
    """The endpoint: one call a connection, from the handshake to its end."""
    state = websocket.app.state
    limits: Limits = getattr(state, "limits", LIMITS)
    if not same_origin(websocket.headers.get("origin"), websocket.headers.get("host", "")):
        await websocket.close(4403)  # before accept: the handshake is answered 403
        return
    viewer: Viewer | None = await state.who(websocket)
    await websocket.accept()  # a page can read a close code, but not the status of a refused handshake
    try:
        if viewer is None:
            raise LiveError(4401)
        await _converse(websocket, viewer, limits)
    except LiveError as end:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
            async with asyncio.timeout(limits.goodbye):
                await websocket.close(end.code, REASONS[end.code])
    except WebSocketDisconnect:
        return


def same_origin(origin: str | None, host: str) -> bool:
    """Browsers always send Origin; a page of another site may not open our socket with the user's cookie."""
    if origin is None:
        return True
    try:
        page, here = urlsplit(origin), urlsplit(f"//{host}")
        usual = {"http": 80, "https": 443}.get(page.scheme)
        return page.hostname is not None and (page.hostname, page.port or usual) == (here.hostname, here.port or usual)
    except ValueError:  # not an address at all
        return False


async def _converse(websocket: WebSocket, viewer: Viewer, limits: Limits) -> None:
    hub: Hub = websocket.app.state.hub
    async with contextlib.aclosing(_messages(websocket, limits)) as messages:
        await _hello(messages, limits)
        door: Callable[[Hub, float], Line] | None = websocket.scope.get("extensions", {}).get(DOOR)
        line = door(hub, limits.patience) if door else PlainLine(hub)
        try:
            line.send(_welcome(websocket.app.state, viewer))
            listening = _listen(messages, hub, line, viewer, limits)
            if isinstance(line, PlainLine):
                await _beside(line.pump(websocket.send_text, limits.patience), listening)
            else:
                await listening
        finally:
            line.close()


def _welcome(state: State, viewer: Viewer) -> Welcome:
    return {
        "t": "welcome",
        "now": state.clock(),
        "proto": PROTOCOL,
        "srv": state.version,
        "ui": state.ui,
        "hb": HEARTBEAT,
        "dead": DEAD,
        "topics": sorted(viewer.topics & state.hub.topics.keys()),
    }


async def _hello(messages: AsyncIterator[dict[str, Any]], limits: Limits) -> None:
    try:
        async with asyncio.timeout(limits.hello):
            first = await anext(messages)
    except (TimeoutError, StopAsyncIteration):
        raise LiveError(4408) from None
    if first["t"] != "hello":
        raise LiveError(4408)
    if first.get("proto") != PROTOCOL:  # before its shape, which another protocol may change
        raise LiveError(4409)
    _as(Hello, first)


async def _listen(messages: AsyncIterator[dict[str, Any]], hub: Hub, line: Line, viewer: Viewer, limits: Limits) -> None:
    async for message in messages:
        match message["t"]:
            case "sub":
                wanted = {topic["n"]: topic.get("since") for topic in _few(_as(Sub, message)["topics"], limits)}
                for name, since in wanted.items():
                    if name in hub.topics and name not in viewer.topics:
                        line.send(denied(name))
                    else:
                        hub.join(line, name, *((since["ep"], since["seq"]) if since else (None, NOTHING)))
            case "unsub":
                for name in _few(_as(Unsub, message)["topics"], limits):
                    hub.leave(line, name)
            case "stat":
                hub.counts.reports += 1
            case _:
                hub.counts.ignored += 1  # a newer screen may say more than we know


async def _messages(websocket: WebSocket, limits: Limits) -> AsyncGenerator[dict[str, Any], None]:
    """What the client says, each an object with a type `t`; ends when it goes away."""
    pace, loop = Pace(limits.rate, 1.0), asyncio.get_running_loop()
    while (event := await websocket.receive())["type"] == "websocket.receive":
        if pace.full(loop.time()):
            raise LiveError(1008)
        pace.count(loop.time())
        yield parsed(event.get("text"), limits.size)


def parsed(text: str | None, size: int) -> dict[str, Any]:
    """One message of a client: a JSON object with a type `t`, at most `size` characters. None: it was binary, so not ours."""
    if text is None:
        raise LiveError(1007)
    if len(text) > size:
        raise LiveError(1009)
    try:
        message: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise LiveError(1007) from None
    if not isinstance(message, dict) or not isinstance(message.get("t"), str):
        raise LiveError(1007)
    return message


def _as(shape: type[Shape], message: dict[str, Any]) -> Shape:
    """A message as ioc.wire declares it; fields it does not declare are ignored."""
    try:
        return msgspec.convert(message, shape)
    except msgspec.ValidationError:
        raise LiveError(1007) from None


def _few(named: list[Any], limits: Limits) -> list[Any]:
    if len(named) > limits.wanted:
        raise LiveError(1007)
    return named


def denied(name: str) -> Problem:
    """The answer to a viewer who asks for a topic that is not for them."""
    vi, en = f"Bạn chưa được xem chủ đề “{name}”.", f"Topic “{name}” is not open to you."
    return {"t": "err", "code": "denied", "vi": vi, "en": en}


class PlainLine(Line):
    """A screen reached by ASGI send: its socket has room for one message, and `pump` sends it."""

    __slots__ = ("_next", "_wake")

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub, closing=lambda: False, put=self._take, bits=RAW)
        self._next = b""
        self._wake = asyncio.Event()

    def _take(self, payload: bytes) -> None:
        self._next = payload
        self.hold()
        self._wake.set()

    async def pump(self, send: Callable[[str], Awaitable[None]], patience: float) -> None:
        """Send what comes, until cancelled, or LiveError 4429 when one message takes longer than `patience`."""
        while await self._wake.wait():
            self._wake.clear()
            try:
                async with asyncio.timeout(patience):
                    await send(self._next.decode())
            except TimeoutError:
                self.hub.counts.closed_slow += 1
                raise LiveError(4429) from None
            self.busy = False
            self.catch_up()


async def _beside(pumping: Coroutine[Any, Any, None], listening: Coroutine[Any, Any, None]) -> None:
    """Both, until `listening` ends or one fails; its error is ours."""
    try:
        async with asyncio.TaskGroup() as group:
            pump = group.create_task(pumping)
            await listening
            pump.cancel()
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
