"""The short way from the hub to a socket: uvicorn's own WebSocket protocol with one door to its transport.

Give `DirectSocket` to uvicorn as `ws=`. Handshake, authentication, messages from the client, pings and closing stay uvicorn's; only
finished frames from the hub go straight to the transport. Any other server, or a test client, lacks the extension DOOR in the
scope, and /live then uses ordinary ASGI send. The uvicorn internals used are in `USED` and `OVERRIDDEN`, checked by a test.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.protocol import State
from websockets.server import ServerProtocol

from ioc.frames import PLAIN
from ioc.hub import Hub, Line
from ioc.wire import CLOSES

DOOR = "ioc.line"  # scope["extensions"][DOOR](hub, patience) -> DirectLine, once, after websocket.accept

# Undocumented attributes of uvicorn's class that we touch (and `scope`, once there is one), and the methods that are ours here.
USED = ("close_sent", "close_timer", "config", "conn", "logger", "loop", "queue", "transport", "writable")
OVERRIDDEN = ("connection_lost", "connection_made", "pause_writing", "resume_writing", "run_asgi", "shutdown")

# The server's answer commits only itself to "no context takeover", so it needs no consent; "client" saves 40 kB a connection.
DEFLATE = ServerPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True)


class DirectSocket(WebSocketsSansIOProtocol):
    grace = 5.0  # seconds a screen that is given up has to read why
    unsent = 16384  # bytes the kernel may hold that did not leave the machine
    line: DirectLine | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        deflate = [DEFLATE] if self.config.ws_per_message_deflate else []
        self.conn = ServerProtocol(extensions=deflate, max_size=self.config.ws_max_size, logger=self.logger)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        # Write at once, pause at the first byte the kernel does not take. (Not 0: asyncio's TLS would pause at an empty buffer.)
        cast(asyncio.Transport, transport).set_write_buffer_limits(high=1)
        # The kernel alone would take up to 4 MB for a screen that stopped reading: a quarter of an hour of old updates.
        wire = transport.get_extra_info("socket")
        if hasattr(socket, "TCP_NOTSENT_LOWAT") and wire is not None and wire.family in (socket.AF_INET, socket.AF_INET6):
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, self.unsent)

    async def run_asgi(self) -> None:
        cast(dict[str, Any], self.scope["extensions"])[DOOR] = self.open_line
        await super().run_asgi()

    def open_line(self, hub: Hub, patience: float) -> DirectLine:
        """The hub's way to this client, which may leave its socket full for `patience` seconds."""
        self.line = DirectLine(self, hub, patience)
        if not self.writable.is_set():
            self.line.pause()
        return self.line

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.line:
            self.line.pause()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.line:
            self.line.resume()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.line:
            self.line.stop()
            self.line.close()

    def shutdown(self) -> None:
        super().shutdown()
        self.loop.call_later(self.grace, self.transport.abort)  # a full socket would keep the server from ending

    def give_up(self) -> None:
        """Close from outside the ASGI task, whose own send would wait for the full socket."""
        if self.conn.state is State.OPEN and self.line:
            self.line.close()
            self.line.hub.counts.closed_slow += 1
            self.conn.send_close(4429, CLOSES[4429])
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.queue.put_nowait({"type": "websocket.disconnect", "code": 4429, "reason": CLOSES[4429]})
        # uvicorn's own timer: the client's answer to our close, or the end of the connection, cancels it
        if self.close_timer:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(self.grace, self.transport.abort)


class DirectLine(Line):
    """A line into a transport, which tells us the moment the kernel takes no more (`pause`) and takes again (`resume`)."""

    __slots__ = ("alarm", "patience", "socket")

    def __init__(self, owner: DirectSocket, hub: Hub, patience: float) -> None:
        deflate = [e for e in owner.conn.extensions if isinstance(e, PerMessageDeflate)]
        bits = deflate[0].local_max_window_bits if deflate else PLAIN
        super().__init__(hub, closing=owner.transport.is_closing, put=owner.transport.write, bits=bits)
        self.socket = owner
        self.patience = patience
        self.alarm: asyncio.TimerHandle | None = None

    def pause(self) -> None:
        self.hold()
        self.alarm = self.socket.loop.call_later(self.patience, self.socket.give_up)

    def resume(self) -> None:
        self.stop()
        if not self.socket.close_sent:
            self.busy = False
            self.socket.loop.call_soon(self.catch_up)  # not from inside the transport's own write loop

    def stop(self) -> None:
        if self.alarm:
            self.alarm.cancel()
            self.alarm = None
