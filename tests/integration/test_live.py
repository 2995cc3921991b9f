"""/live the whole way: real uvicorn, real clients, asyncio and uvloop, with and without deflate, TLS, and the ordinary ASGI way."""

import asyncio
import contextlib
import json
import random
import socket
import ssl
import subprocess
import time
import warnings
import zlib

import pytest
import uvicorn
import uvloop
from fastapi import FastAPI
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ioc.hub import Hub
from ioc.server.auth import Access, Entry, Viewer, session_routes
from ioc.server.direct import OVERRIDDEN, USED, DirectLine, DirectSocket
from ioc.server.live import Limits, PlainLine, live, same_origin
from ioc.wire import DEAD, HEARTBEAT, PROTOCOL

with warnings.catch_warnings():  # it would rather have another HTTP client than the one we have
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
WAYS = {"direct": DirectSocket, "asgi": "websockets-sansio"}
NAMES = ["alerts", "overview", "sources", "ticker"]
NOW = 1_795_158_332_112
HELLO = {"t": "hello", "proto": PROTOCOL, "ui": "a81f3c", "lang": "vi", "w": 3840, "h": 2160, "dpr": 1}
TOKEN = "a-token-only-for-tests"
GOOD = {"Authorization": f"Bearer {TOKEN}"}
WALL = {f"unit-{n}": {"hồ sơ": n, "quá hạn": n * 7 % 5} for n in range(100)}


def build(hub, *, limits=None, who=None):
    access = Access([Entry(name="TV-01", token=TOKEN, role="wall")])
    app = FastAPI()
    app.state.hub, app.state.who, app.state.clock = hub, who or access.who, lambda: NOW
    app.state.ui, app.state.version = "a81f3c", "0.1.0"
    if limits:
        app.state.limits = limits
    app.router.routes.append(WebSocketRoute("/live", live))
    app.include_router(session_routes(access))
    return app


def config(app, **more):
    return uvicorn.Config(app, **({"ws": DirectSocket, "log_level": "warning", "ws_max_size": 16_384} | more))


@contextlib.asynccontextmanager
async def serving(hub, *, limits=None, who=None, **options):
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(config(build(hub, limits=limits, who=who), **options))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await soon(lambda: server.started)
    try:
        yield listener.getsockname()[1], server
    finally:
        server.should_exit = True
        await task


def run(loop, main):
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(asyncio.wait_for(main(), 30))


def sub(*names, **since):
    return json.dumps({"t": "sub", "topics": [{"n": name, **({"since": since} if since else {})} for name in names]})


async def heard(client):
    return json.loads(await asyncio.wait_for(client.recv(), 5))


def bare(port):
    """A client that may come in and has said nothing yet."""
    return connect(f"ws://127.0.0.1:{port}/live", additional_headers=GOOD)


@contextlib.asynccontextmanager
async def screen(port, *names, headers=GOOD, **options):
    """A client that said hello, was welcomed, and follows `names`."""
    async with connect(f"ws://127.0.0.1:{port}/live", additional_headers=headers, **options) as client:
        await client.send(json.dumps(HELLO))
        assert (await heard(client))["t"] == "welcome"
        if names:
            await client.send(sub(*names))
        yield client


async def code_of(client):
    """The code with which the server ends it."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            await asyncio.wait_for(client.recv(), 5)
    return client.close_code, client.close_reason


def apply(state, message):
    """What web/src/core does with a message of one topic."""
    if message["t"] == "snap":
        state.clear()
    elif state["seq"] != message["prev"] or state["ep"] != message["ep"]:
        raise AssertionError(f"gap: has {state['seq']}, got {message['prev']}..{message['seq']}")
    state.setdefault("values", {}).update(message["set"])
    for key in message.get("del", []):
        state["values"].pop(key, None)  # it may have come and gone while we were slow
    state["seq"], state["ep"] = message["seq"], message["ep"]


async def soon(condition, seconds=3):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        await asyncio.sleep(0.005)


# ---- updates


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("compression", ["deflate", None])
def test_updates_arrive_whole(loop, way, compression):
    async def main():
        hub = Hub([*NAMES, *(f"other-{n}" for n in range(50))])
        hub.publish("overview", WALL)
        everything = Viewer(name="all", topics=frozenset(hub.topics), write=False)

        async def who(_):
            return everything

        async with (
            serving(hub, ws=WAYS[way], who=who) as (port, _),
            screen(port, "overview", "ticker", compression=compression) as client,
        ):
            state = {}
            apply(state, await heard(client))
            assert state["values"] == WALL
            apply({}, await heard(client))
            line = next(iter(hub.lines))
            assert isinstance(line, DirectLine if way == "direct" else PlainLine)
            if way == "direct":
                assert line.bits == (15 if compression else 0)
            for n in range(50):
                hub.publish("overview", {f"unit-{n}": {"hồ sơ": n + 1, "chữ": "ệ" * n}}, [f"unit-{99 - n}"] if n % 3 == 0 else [])
                apply(state, await heard(client))
                if n % 10 == 0:  # pings, pongs and fragments of the client between our frames
                    await (await client.ping())
                    await client.send(iter(['{"t":"sub","to', 'pics":[{"n":"ot', f'her-{n}"}}]}}']))
                    assert (await heard(client))["n"] == f"other-{n}"
            assert state["values"] == hub.topics["overview"].values
            await client.close()
            await soon(lambda: not hub.lines)
            assert not any(topic.live for topic in hub.topics.values())
            assert client.close_code == 1000

    run(loop, main)


def change(hub, rnd):
    """Something random happens to a topic."""
    name, values = rnd.choice(NAMES), {f"k{rnd.randint(0, 30)}": rnd.randint(0, 3) for _ in range(3)}
    if rnd.random() < 0.1:
        hub.replace(name, values)
    else:
        hub.publish(name, values, [f"k{rnd.randint(0, 30)}"])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", range(3))
def test_a_thousand_random_changes_with_reconnects_end_as_the_server_has_it(way, seed):
    async def main():
        hub, rnd, states, messages = Hub(NAMES), random.Random(seed), {name: {} for name in NAMES}, 0

        def level():
            return all(states[name].get("seq") == hub.topics[name].seq for name in NAMES)

        async with serving(hub, ws=WAYS[way]) as (port, _):
            for last in [False] * 9 + [True]:
                async with screen(port) as client:
                    since = {n: {"since": {"ep": s["ep"], "seq": s["seq"]}} if s else {} for n, s in states.items()}
                    await client.send(json.dumps({"t": "sub", "topics": [{"n": n} | since[n] for n in NAMES]}))
                    for step in range(100):
                        change(hub, rnd)
                        if step % 25 == 0:
                            hub.heartbeat(NOW)
                        await asyncio.sleep(0)
                    while not level() if last else rnd.random() < 0.97:  # then it is gone, in the middle of whatever came
                        message = await heard(client)
                        messages += 1
                        if message["t"] == "hb":
                            assert all(states[n].get("seq", -1) <= seq for n, seq in message["heads"].items())
                        else:
                            apply(states[message["n"]], message)
                    client.transport.abort()
        assert {n: s["values"] for n, s in states.items()} == {n: t.values for n, t in hub.topics.items()}
        assert messages > 100

    run("uvloop", main)


@pytest.mark.parametrize("way", WAYS)
def test_a_screen_that_comes_back_gets_only_what_changed_meanwhile(way):
    async def main():
        hub = Hub(NAMES)
        hub.publish("overview", WALL)
        async with serving(hub, ws=WAYS[way]) as (port, _):
            async with screen(port, "overview") as client:
                had = await heard(client)
            hub.publish("overview", {"unit-1": 1})
            hub.publish("overview", {"unit-1": 2}, ["unit-2"])
            async with screen(port) as client:
                await client.send(sub("overview", ep=had["ep"], seq=had["seq"]))
                delta = await heard(client)
                await client.send(sub("overview", ep=had["ep"], seq=delta["seq"]))
                await client.send(sub("ticker"))
                assert (await heard(client))["n"] == "ticker"  # of the overview it has everything: no answer
                await client.send(sub("overview", ep="before the restart", seq=delta["seq"]))
                assert (await heard(client))["t"] == "snap"
        assert delta == {"t": "delta", "n": "overview", "ep": had["ep"], "seq": 3, "prev": 1, "set": {"unit-1": 2}, "del": ["unit-2"]}

    run("asyncio", main)


# ---- the conversation


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("way", WAYS)
def test_a_screen_is_welcomed_with_what_it_needs_to_know(loop, way):
    async def main():
        async with serving(Hub([*NAMES, "inner"]), ws=WAYS[way]) as (port, _), bare(port) as client:
            await client.send(json.dumps(HELLO))
            assert await heard(client) == {
                "t": "welcome",
                "now": NOW,
                "proto": PROTOCOL,
                "srv": "0.1.0",
                "ui": "a81f3c",
                "hb": HEARTBEAT,
                "dead": DEAD,
                "topics": NAMES,  # not "inner", which its role may not see
            }

    run(loop, main)


@pytest.mark.parametrize("way", WAYS)
def test_heads_reach_every_screen_in_step_even_in_quiet_topics(way):
    async def main():
        hub = Hub(NAMES)
        hub.publish("overview", WALL)
        async with serving(hub, ws=WAYS[way]) as (port, _), screen(port, "overview") as one, screen(port) as other:
            await heard(one)
            await soon(lambda: not hub.busy)
            hub.heartbeat(NOW + 10_000)
            for client in (one, other):
                heads = {"alerts": 0, "overview": 1, "sources": 0, "ticker": 0}
                assert await heard(client) == {"t": "hb", "now": NOW + 10_000, "heads": heads}

    run("uvloop", main)


@pytest.mark.parametrize("way", WAYS)
def test_a_topic_unknown_or_not_allowed_is_answered_with_err_and_the_rest_goes_on(way):
    async def main():
        hub = Hub([*NAMES, "inner"])
        async with serving(hub, ws=WAYS[way]) as (port, _), screen(port, "weather", "inner", "ticker") as client:
            unknown, denied, ticker = [await heard(client) for _ in range(3)]
            assert (unknown["t"], unknown["code"]) == ("err", "unknown_topic")
            assert (denied["t"], denied["code"]) == ("err", "denied")
            assert all("weather" in unknown[language] for language in ("vi", "en"))
            assert "chưa được xem" in denied["vi"]
            assert (ticker["t"], ticker["n"]) == ("snap", "ticker")
            assert not hub.topics["inner"].live
            assert list(hub.topics) == [*NAMES, "inner"]
            await client.send(json.dumps({"t": "unsub", "topics": ["ticker", "weather", "inner"]}))
            await client.send(sub("alerts"))
            assert (await heard(client))["n"] == "alerts"
            hub.publish("ticker", {"a": 1})
            hub.publish("alerts", {"b": 1})
            assert (await heard(client))["n"] == "alerts"

    run("uvloop", main)


@pytest.mark.parametrize("way", WAYS)
def test_reports_are_counted_and_types_of_a_newer_screen_ignored(way):
    async def main():
        hub = Hub(NAMES)
        async with serving(hub, ws=WAYS[way]) as (port, _), screen(port) as client:
            await client.send(json.dumps({"t": "stat", "heap": 12, "fps": 60}))
            await client.send(json.dumps({"t": "wave", "hand": "left"}))
            await client.send(json.dumps({"t": "sub", "topics": [{"n": "ticker", "more": 1}], "id": 7}))
            assert (await heard(client))["n"] == "ticker"
            assert (hub.counts.reports, hub.counts.ignored) == (1, 1)

    run("asyncio", main)


FIRST = {
    "sub before hello": (sub("overview"), 4408),
    "another protocol": (json.dumps(HELLO | {"proto": PROTOCOL + 1}), 4409),
    "another protocol of another shape": (json.dumps({"t": "hello", "proto": 9}), 4409),
    "hello without ui": (json.dumps({"t": "hello", "proto": PROTOCOL}), 1007),
    "no proto": (json.dumps({"t": "hello"}), 4409),
    "not json": ("not json", 1007),
    "nested beyond reading": ("[" * 8_000, 1007),
    "not an object": ("[1]", 1007),
    "no type": ("{}", 1007),
    "binary": (b"\x00\x01", 1007),
}
LATER = {
    "not json": "{",
    "topics missing": '{"t":"sub"}',
    "a topic without a name": '{"t":"sub","topics":[{}]}',
    "a name that is a number": '{"t":"sub","topics":[{"n":1}]}',
    "since without seq": '{"t":"sub","topics":[{"n":"overview","since":{"ep":"x"}}]}',
    "seq a fraction": '{"t":"sub","topics":[{"n":"overview","since":{"ep":"x","seq":1.5}}]}',
    "seq a truth": '{"t":"sub","topics":[{"n":"overview","since":{"ep":"x","seq":true}}]}',
    "unsub of objects": '{"t":"unsub","topics":[{"n":"overview"}]}',
    "hundreds of topics": json.dumps({"t": "sub", "topics": [{"n": "overview"}] * 300}),
    "binary": b"{}",
}


@pytest.mark.parametrize("way", WAYS)
def test_the_first_message_must_be_a_hello_we_understand(way):
    async def main():
        hub = Hub(NAMES)
        async with serving(hub, ws=WAYS[way]) as (port, _):
            for first, (text, code) in FIRST.items():
                async with bare(port) as client:
                    await client.send(text)
                    assert (await code_of(client))[0] == code, first
                assert not hub.lines

    run("uvloop", main)


@pytest.mark.parametrize("way", WAYS)
def test_what_is_not_a_message_of_ours_ends_that_connection_with_1007(way):
    async def main():
        hub = Hub(NAMES)
        async with serving(hub, ws=WAYS[way]) as (port, _), screen(port, "overview") as other:
            await heard(other)
            for later, text in LATER.items():
                async with screen(port) as client:
                    await client.send(text)
                    assert await code_of(client) == (1007, "not a message of ours"), later
            await soon(lambda: len(hub.lines) == 1)
            hub.publish("overview", {"a": 1})
            assert (await heard(other))["set"] == {"a": 1}

    run("uvloop", main)


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("way", WAYS)
def test_a_client_that_never_says_hello_is_closed_with_4408(loop, way):
    async def main():
        async with serving(Hub(NAMES), ws=WAYS[way], limits=Limits(hello=0.2)) as (port, _), bare(port) as client:
            started = time.monotonic()
            assert await code_of(client) == (4408, "no hello")
            assert 0.15 < time.monotonic() - started < 2

    assert Limits().hello == 5.0
    run(loop, main)


@pytest.mark.parametrize("way", WAYS)
def test_a_client_may_speak_20_times_a_second_and_not_21(way):
    async def main():
        hub = Hub(NAMES)
        async with serving(hub, ws=WAYS[way]) as (port, _):
            async with screen(port) as client:
                for _ in range(19):  # and the hello
                    await client.send('{"t":"stat"}')
                await soon(lambda: hub.counts.reports == 19)
                await asyncio.sleep(1.05)
                for _ in range(21):
                    await client.send('{"t":"stat"}')
                assert await code_of(client) == (1008, "too many messages")
            assert hub.counts.reports == 39
            await soon(lambda: not hub.lines)

    run("uvloop", main)


@pytest.mark.parametrize("way", WAYS)
def test_a_message_too_big_is_never_read(way):
    async def main():
        async with serving(Hub(NAMES), ws=WAYS[way]) as (port, _), screen(port) as client:
            await client.send(json.dumps({"t": "stat", "x": "x" * 17_000}))
            assert (await code_of(client))[0] == 1009
        async with serving(Hub(NAMES), ws=WAYS[way], ws_max_size=1 << 20) as (port, _), screen(port) as client:
            await client.send(json.dumps({"t": "stat", "x": "x" * 17_000}))
            assert await code_of(client) == (1009, "message too big")

    run("asyncio", main)


# ---- who may listen


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("way", WAYS)
def test_a_page_of_another_site_is_refused_and_a_stranger_told_to_sign_in(loop, way):
    async def main():
        hub = Hub(NAMES)
        async with serving(hub, ws=WAYS[way]) as (port, _):
            url = f"ws://127.0.0.1:{port}/live"
            for origin in ("http://evil.example", "null", f"http://127.0.0.1:{port + 1}"):
                with pytest.raises(InvalidStatus, match="403"):
                    await connect(url, additional_headers=GOOD, origin=origin)
            async with connect(url, origin=f"http://127.0.0.1:{port}") as client:
                assert await code_of(client) == (4401, "sign in")
            async with screen(port, "overview", origin=f"http://127.0.0.1:{port}") as client:
                assert (await heard(client))["t"] == "snap"
            await soon(lambda: not hub.lines)

    run(loop, main)


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        (None, "ioc.example", True),  # not a browser
        ("https://ioc.example", "ioc.example", True),
        ("https://ioc.example", "ioc.example:443", True),
        ("https://IOC.example:8443", "ioc.example:8443", True),
        ("http://ioc.example", "ioc.example:443", False),
        ("https://ioc.example.evil.example", "ioc.example", False),
        ("https://ioc.example:8443", "ioc.example", False),
        ("null", "ioc.example", False),
        ("", "", False),
        ("http://[::1", "ioc.example", False),
        ("http://ioc.example:port", "ioc.example", False),
    ],
)
def test_same_origin(origin, host, same):
    assert same_origin(origin, host) is same


def test_a_browser_signs_in_once_and_its_cookie_opens_live():
    hub = Hub(NAMES)
    hub.publish("overview", WALL)
    with TestClient(build(hub)) as http:
        with http.websocket_connect("/live") as client, pytest.raises(WebSocketDisconnect) as end:
            client.receive_json()
        assert end.value.code == 4401
        answer = http.post("/api/v1/session", json={"token": TOKEN})
        assert answer.status_code == 204
        cookie = answer.headers["set-cookie"]
        assert all(part in cookie for part in ("ioc_session=", "HttpOnly", "SameSite=strict", "Max-Age=34560000"))
        assert not any(part in cookie for part in (TOKEN, "Secure"))
        with http.websocket_connect("/live") as client:
            client.send_json(HELLO)
            assert client.receive_json()["topics"] == NAMES
        assert http.delete("/api/v1/session").status_code == 204
        http.cookies.set("ioc_session", answer.cookies["ioc_session"])  # a copy somebody kept
        with http.websocket_connect("/live") as client, pytest.raises(WebSocketDisconnect) as end:
            client.receive_json()
        assert end.value.code == 4401


def test_the_cookie_is_secure_where_the_page_is():
    with TestClient(build(Hub(NAMES)), base_url="https://ioc.example") as http:
        assert "Secure" in http.post("/api/v1/session", json={"token": TOKEN}).headers["set-cookie"]


def test_wrong_tokens_are_answered_401_and_after_five_of_them_429():
    with TestClient(build(Hub(NAMES))) as http:
        for _ in range(5):
            answer = http.post("/api/v1/session", json={"token": "wrong-wrong-wrong-wrong"})
            assert (answer.status_code, answer.json()["code"]) == (401, "wrong_token")
            assert answer.json()["vi"] == "Mã truy cập không đúng."
        for token in ("wrong-wrong-wrong-wrong", TOKEN):
            answer = http.post("/api/v1/session", json={"token": token})
            assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
            assert 1 <= int(answer.headers["retry-after"]) <= 61
            assert "thử lại sau" in answer.json()["vi"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"token": 1}', b'"token"', b'{"token": "' + b"x" * 5000 + b'"}', b"\xff"])
def test_a_sign_in_that_is_none_is_answered_400_in_both_languages(body):
    with TestClient(build(Hub(NAMES))) as http:
        answer = http.post("/api/v1/session", content=body)
    assert (answer.status_code, set(answer.json())) == (400, {"code", "vi", "en"})


# ---- slow screens, shutdown, pings


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("way", WAYS)
def test_shutdown_says_1012_and_server_pings_are_answered(loop, way):
    async def main():
        hub = Hub(NAMES)
        async with serving(hub, ws=WAYS[way], ws_ping_interval=0.1, ws_ping_timeout=0.2) as (port, _):
            client = await connect(f"ws://127.0.0.1:{port}/live", additional_headers=GOOD)
            await client.send(json.dumps(HELLO))
            await client.send(sub("overview"))
            assert [(await heard(client))["t"] for _ in range(2)] == ["welcome", "snap"]
            for n in range(10):
                hub.publish("overview", {"a": n})
                await asyncio.sleep(0.05)
                assert (await heard(client))["set"] == {"a": n}
        assert (await code_of(client))[0] == 1012
        hub.publish("overview", {"a": "after"})
        assert not hub.lines

    run(loop, main)


async def stalled_client(port, **kwargs):
    """Follows the overview, then reads nothing."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
    client = await connect(f"ws://127.0.0.1:{port}/live", sock=sock, additional_headers=GOOD, max_queue=1, **kwargs)
    await client.send(json.dumps(HELLO))
    assert (await heard(client))["t"] == "welcome"
    await client.send(sub("overview"))
    await heard(client)
    client.transport.pause_reading()
    return client


def line_of(hub, client):
    return next(line for line in hub.lines if line.socket.client[1] == client.local_address[1])


def noise(rnd, size=20_000):
    return {f"u{n}": rnd.randbytes(size // 200).hex() for n in range(100)}


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("compression", ["deflate", None])
def test_a_slow_screen_gets_one_merged_update_per_pause(loop, compression):
    class Watched(DirectSocket):
        resuming = False

        def resume_writing(self):
            self.resuming = True
            super().resume_writing()
            self.resuming = False

    async def main():
        hub, rnd, state, got, inside = Hub(NAMES), random.Random(1), {}, 0, []
        topic = hub.topics["overview"]
        hub.publish("overview", {"first": 0})
        async with serving(hub, ws=Watched) as (port, _):
            client = await stalled_client(port, compression=compression)
            state.update(values={"first": 0}, seq=1, ep=topic.epoch)
            line = line_of(hub, client)
            write = line.put
            line.put = lambda frame: (inside.append(line.socket.resuming), write(frame))
            for n in range(600):
                hub.publish("overview", noise(rnd) | {"n": n})
                await asyncio.sleep(0)
            assert line.busy
            assert len(line.behind) == 1
            assert line.socket.transport.get_write_buffer_size() < 30_000  # the tail of one update, whatever was published
            client.transport.resume_reading()
            async for text in client:
                apply(state, json.loads(text))
                got += 1
                if state["seq"] == topic.seq:
                    break
            assert state["values"] == topic.values
            assert got < 400
            await soon(lambda: not line.busy)
            assert not line.behind
            assert line in topic.live
            assert inside
            assert not any(inside)  # never from inside the transport's own write loop
            await client.close()

    run(loop, main)


@pytest.mark.parametrize("loop", LOOPS)
def test_a_screen_that_stops_reading_is_noticed_after_kilobytes_not_megabytes(loop):
    async def main():
        hub, rnd = Hub(NAMES), random.Random(1)
        async with serving(hub) as (port, _):
            client = await stalled_client(port, compression=None)
            line = line_of(hub, client)
            before = hub.counts.encoded
            while not line.busy:
                hub.publish("overview", noise(rnd, 3000))
                await asyncio.sleep(0.001)
            assert hub.counts.encoded - before < 400_000
            client.transport.abort()

    run(loop, main)


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("wakes", [True, False])
def test_a_stalled_screen_is_closed_with_4429_and_others_do_not_notice(loop, wakes):
    class Hurried(DirectSocket):
        grace = 0.4

    async def main():
        hub, rnd = Hub(NAMES), random.Random(1)
        async with serving(hub, ws=Hurried, limits=Limits(patience=0.4)) as (port, server), screen(port, "overview") as other:
            await heard(other)
            stalled = await stalled_client(port)
            line = line_of(hub, stalled)
            started, n = time.monotonic(), 0
            while line in hub.lines:
                assert time.monotonic() - started < 6
                hub.publish("overview", noise(rnd))
                hub.heartbeat(NOW)
                n += 1
                assert (await heard(other))["seq"] == n
                assert (await heard(other))["t"] == "hb"
            assert time.monotonic() - started > 0.35
            assert line.socket.close_sent
            assert hub.counts.closed_slow == 1
            if wakes:
                stalled.transport.resume_reading()
                assert await code_of(stalled) == (4429, "too slow")
            await soon(lambda: line.socket not in server.server_state.connections, 2)  # gone, awake or not
            assert len(hub.lines) == len(hub.topics["overview"].live) == 1
            stalled.transport.abort()

    assert Limits().patience == 30.0
    run(loop, main)


def test_a_stalled_screen_is_closed_with_4429_on_the_ordinary_way_too():
    async def main():
        hub, rnd = Hub(NAMES), random.Random(1)
        limits = Limits(patience=0.4, goodbye=0.2)
        async with serving(hub, ws="websockets-sansio", limits=limits) as (port, _), screen(port, "overview") as other:
            await heard(other)
            stalled = await stalled_client(port, compression=None)
            started, n = time.monotonic(), 0
            while len(hub.lines) > 1:
                assert time.monotonic() - started < 6
                hub.publish("overview", noise(rnd, 200_000))
                n += 1
                assert (await heard(other))["seq"] == n
            assert hub.counts.closed_slow == 1
            stalled.transport.abort()

    run("asyncio", main)


@pytest.mark.parametrize("loop", LOOPS)
def test_a_stalled_screen_does_not_hold_a_shutdown_up(loop):
    class Hurried(DirectSocket):
        grace = 0.3

    async def main():
        hub, rnd = Hub(NAMES), random.Random(1)
        async with serving(hub, ws=Hurried) as (port, _):
            stalled = await stalled_client(port)
            line = line_of(hub, stalled)
            while not line.busy:
                hub.publish("overview", noise(rnd))
                await asyncio.sleep(0)
            started = time.monotonic()
        assert time.monotonic() - started < 3
        stalled.transport.abort()

    run(loop, main)


def test_a_socket_already_full_when_the_line_is_opened_is_known_to_be_full():
    """Its hello and the first bytes it refuses may come in either order."""

    async def main():
        hub = Hub(NAMES)

        class Full(DirectSocket):
            def open_line(self, hub, patience):
                self.pause_writing()
                return super().open_line(hub, patience)

        async with serving(hub, ws=Full, limits=Limits(patience=0.3)) as (port, _), bare(port) as client:
            await client.send(json.dumps(HELLO))
            await soon(lambda: hub.busy == 1)
            assert await code_of(client) == (4429, "too slow")

    run("asyncio", main)


# ---- deflate, TLS, other servers


@pytest.mark.parametrize("loop", LOOPS)
def test_one_deflated_frame_is_shared_and_inflates(loop):
    """Clients that agreed to different things; the bytes on the wire are looked at, not only the messages."""

    async def main():
        hub = Hub(NAMES)
        offers = {
            0: "",
            8: "permessage-deflate; server_max_window_bits=8",
            15: "permessage-deflate; client_max_window_bits",
            9: "permessage-deflate; server_max_window_bits=9",
        }
        async with serving(hub) as (port, _):
            wires = {}
            for bits, offer in offers.items():
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(handshake(offer))
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                assert b" 101 " in head
                assert b"server_no_context_takeover" in head or bits < 9
                for text in (json.dumps(HELLO).encode(), sub("overview").encode()):
                    writer.write(masked(text))
                wires[bits] = reader, writer
            topic = hub.topics["overview"]
            await soon(lambda: len(topic.live) == 4)
            for round_ in range(3):  # no context takeover: every message inflates from nothing
                hub.publish("overview", {key: value | {"r": round_} for key, value in WALL.items()})
                payload = topic.since(topic.seq - 1).payload
                for bits, (reader, _) in wires.items():
                    deflated, data, plain = await delta_from(reader, bits)
                    assert deflated == (bits > 8)
                    assert plain == payload
                    assert bits < 9 or len(data) < len(payload) / 3
            for _, writer in wires.values():
                writer.close()
                await writer.wait_closed()

    run(loop, main)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("loop", LOOPS)
def test_nothing_follows_a_close_frame(loop, way):
    async def main():
        hub, rnd = Hub(NAMES), random.Random(1)
        async with serving(hub, ws=WAYS[way]) as (port, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(handshake(""))
            await reader.readuntil(b"\r\n\r\n")
            for text in (json.dumps(HELLO).encode(), sub("overview").encode()):
                writer.write(masked(text))
            kinds = [(await frame_from(reader))[0] for _ in ("welcome", "snap")]
            for text in (b"not ours", sub("ticker").encode()):
                writer.write(masked(text))
            while kinds[-1:] != [0x88]:
                first, _ = await frame_from(reader)
                kinds.append(first)
                hub.publish("overview", noise(rnd))
                hub.heartbeat(NOW)
            for _ in range(20):
                hub.publish("overview", noise(rnd))
                hub.heartbeat(NOW)
                await asyncio.sleep(0.005)
            writer.write(bytes((0x88, 0x80)) + bytes(4))  # our side of the closing handshake
            assert await reader.read() == b""
            assert set(kinds[:-1]) == {0x81}
            writer.close()
            await writer.wait_closed()

    run(loop, main)


def handshake(offer):
    lines = [
        "GET /live HTTP/1.1",
        "Host: h",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Authorization: Bearer {TOKEN}",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        *([f"Sec-WebSocket-Extensions: {offer}"] if offer else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def masked(text):
    head = bytes((0x81, 0x80 | len(text))) if len(text) < 126 else bytes((0x81, 0xFE)) + len(text).to_bytes(2, "big")
    return head + bytes(4) + text


async def frame_from(reader):
    first, size = await reader.readexactly(2)
    size = int.from_bytes(await reader.readexactly(2), "big") if size == 126 else size
    return first, await reader.readexactly(size)


async def delta_from(reader, bits):
    while True:
        first, data = await frame_from(reader)
        plain = zlib.decompressobj(-bits).decompress(data + b"\0\0\xff\xff") if first == 0xC1 else data
        if json.loads(plain)["t"] == "delta":
            return first == 0xC1, data, plain


@pytest.mark.parametrize("loop", LOOPS)
def test_tls_inside_the_process_works_too(loop, certificate):
    key, cert = certificate

    async def main():
        hub, rnd, state = Hub(NAMES), random.Random(2), {}
        topic = hub.topics["overview"]
        async with serving(hub, ssl_keyfile=key, ssl_certfile=cert) as (port, _):
            trust = ssl.create_default_context(cafile=cert)
            url = f"wss://localhost:{port}/live"
            async with connect(url, additional_headers=GOOD, ssl=trust, max_queue=1) as client:
                await client.send(json.dumps(HELLO))
                assert (await heard(client))["t"] == "welcome"
                await client.send(sub("overview"))
                apply(state, await heard(client))
                for _ in range(20):
                    hub.publish("overview", noise(rnd))
                    apply(state, await heard(client))
                (line,) = hub.lines
                await soon(lambda: not line.busy)
                client.transport.pause_reading()
                full = 0
                for n in range(20_000):  # the kernel decides how much it takes before it is full
                    hub.publish("overview", noise(rnd, 20_000) | {"n": n})
                    await asyncio.sleep(0)
                    full = full + 1 if line.busy else 0
                    if full > 200:
                        break
                assert line.busy
                assert line.socket.transport.get_write_buffer_size() < 1 << 20
                client.transport.resume_reading()
                while state["seq"] != topic.seq:
                    apply(state, await heard(client))
                assert state["values"] == topic.values

    run(loop, main)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    options = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    subprocess.run(["openssl", *options, "-keyout", key, "-out", cert], check=True, capture_output=True)
    return str(key), str(cert)


def test_the_test_client_works_without_any_server():
    hub = Hub(NAMES)
    hub.publish("overview", WALL)
    with TestClient(build(hub)) as http, http.websocket_connect("/live", headers=GOOD) as client:
        client.send_json(HELLO)
        assert client.receive_json()["t"] == "welcome"
        client.send_text(sub("overview"))
        assert client.receive_json()["set"] == WALL
        http.portal.call(hub.publish, "overview", {"unit-1": 1})
        ep = hub.topics["overview"].epoch
        assert client.receive_json() == {"t": "delta", "n": "overview", "ep": ep, "seq": 2, "prev": 1, "set": {"unit-1": 1}}
        http.portal.call(hub.heartbeat, NOW)
        assert client.receive_json()["t"] == "hb"
        client.send_text("{")
        with pytest.raises(WebSocketDisconnect) as end:
            client.receive_json()
        assert end.value.code == 1007
    assert not hub.lines


def test_uvicorn_still_has_what_we_use():
    """Fails, with the name, when a uvicorn upgrade moves something we touch."""
    loop = asyncio.new_event_loop()
    try:
        made = DirectSocket(config=config(build(Hub(NAMES))), server_state=uvicorn.server.ServerState(), app_state={}, _loop=loop)
        missing = [name for name in USED if not hasattr(made, name)]
        missing += [name for name in OVERRIDDEN if not callable(getattr(WebSocketsSansIOProtocol, name, None))]
        unlisted = [n for n in vars(DirectSocket) if n in dir(WebSocketsSansIOProtocol) and not n.startswith("__") and n not in OVERRIDDEN]
    finally:
        loop.close()
    assert not missing
    assert not unlisted
