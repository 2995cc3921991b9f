"""Both buses keep the same promises; then a real Redis is killed, frozen, emptied, and all processes still end with the same values."""

import asyncio
import contextlib
import random
import secrets
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
import redis

from ioc.bus import LOOK, SLOW, MemoryBus, RedisBus, pause, running
from ioc.hub import Hub


class Clock:
    """Milliseconds that stand still unless moved: order must not depend on a clock that runs."""

    def __init__(self):
        self.now = 1_795_158_332_112

    def __call__(self):
        return self.now


class Process:
    """What one replica has: a hub and its bus."""

    def __init__(self, make):
        self.hub = Hub(["wall", "sources"])
        self.clock = Clock()
        self.heard = []
        self.bus = make(self.take, self.clock)

    def take(self, topic, values, gone, whole):
        gone = list(gone)
        self.heard.append((topic, dict(values), gone, whole))
        self.hub.take(topic, values, gone, whole)

    def values(self, topic="wall"):
        return self.hub.topics[topic].values


async def until(condition, seconds=10.0, why=""):
    """Wait for the network: polls, because what is waited for happens in another process."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, why or "did not happen in time"
        await asyncio.sleep(0.005)


def on(url, prefix):
    return lambda take, clock: RedisBus(url, take, clock=clock, prefix=prefix)


@pytest.fixture
def prefix():
    return f"test-{secrets.token_hex(6)}"


@pytest.fixture(params=["memory", "redis"])
def make(request, prefix):
    if request.param == "memory":
        yield lambda take, clock: MemoryBus(take, clock=clock)
        return
    url = request.getfixturevalue("redis_url")
    yield on(url, prefix)
    with redis.Redis.from_url(url) as client:
        for key in client.scan_iter(f"{prefix}:*"):
            client.delete(key)


class Server:
    """A Redis of this test's own, to be killed and frozen at will."""

    def __init__(self, program, folder):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.program, self.folder = program, folder
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self, *more):
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder), *more]
        self.process = subprocess.Popen([self.program, *options], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        with redis.Redis.from_url(self.url) as client:
            while True:
                with contextlib.suppress(redis.ConnectionError):
                    client.ping()
                    return
                assert time.monotonic() < deadline, "the private redis-server did not start"
                time.sleep(0.02)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def ask(self, *command):
        with redis.Redis.from_url(self.url) as client:
            return client.execute_command(*command)


@pytest.fixture
def server(redis_url, tmp_path):
    with redis.Redis.from_url(redis_url) as client:
        program = client.info("server")["executable"]
    assert Path(program).exists(), f"needs the redis-server behind {redis_url} on this machine: unset IOC_REDIS_URL"
    own = Server(program, tmp_path)
    yield own
    with contextlib.suppress(ProcessLookupError):
        own.process.send_signal(signal.SIGCONT)
    own.kill()


# ---- both buses


async def test_the_publisher_has_its_value_before_publish_returns(make):
    one = Process(make)
    await one.bus.publish("wall", {"a": 1, "b": {"v": 2}})
    await one.bus.publish("wall", {"c": 3}, ["a"])
    assert one.values() == {"b": {"v": 2}, "c": 3}
    async with running(one.bus):
        await one.bus.publish("wall", {"d": "Hồ sơ"}, whole=True)
        assert one.values() == {"d": "Hồ sơ"}


async def test_gone_may_be_any_iterable_and_is_taken_once(make):
    one = Process(make)
    await one.bus.publish("wall", {"a": 1, "b": 2, "c": 3})
    await one.bus.publish("wall", {}, (key for key in "ab"))
    assert one.values() == {"c": 3}


async def test_health_has_an_instant_and_running_ends_with_its_block(make):
    one = Process(make)
    started = one.clock.now
    async with running(one.bus) as bus:
        await until(lambda: bus.healthy)
        assert bus.since == started
        before = asyncio.all_tasks()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() < before


async def test_what_its_own_take_raises_reaches_the_publisher(make):
    one = Process(make)
    with pytest.raises(LookupError, match="no topic 'wal'"):
        await one.bus.publish("wal", {"a": 1})
    with pytest.raises(TypeError):
        await one.bus.publish("wall", {"a": object()})
    assert one.values() == {}


async def test_running_does_not_hide_that_run_failed(make):
    one = Process(make)
    one.bus.run = failing
    with pytest.raises(ZeroDivisionError):
        async with running(one.bus):
            await asyncio.sleep(0.01)


async def failing():
    raise ZeroDivisionError


# ---- processes


@contextlib.asynccontextmanager
async def replicas(url, prefix, number):
    processes = [Process(on(url, prefix)) for _ in range(number)]
    async with contextlib.AsyncExitStack() as stack:
        for process in processes:
            await stack.enter_async_context(running(process.bus))
        for process in processes:
            await until(lambda process=process: process.bus.healthy)
        yield processes


async def test_what_one_publishes_all_have_and_nobody_hears_itself(redis_url, prefix):
    async with replicas(redis_url, prefix, 3) as (one, two, three):
        for process in (one, two, three):
            process.heard.clear()
        await one.bus.publish("wall", {"a": 1, "b": {"tên": "Hà Giang", "x": [1, None, 2.5]}})
        await until(lambda: two.values() == three.values() == one.values())
        await two.bus.publish("wall", {"c": 3}, ["a"])
        await until(lambda: one.values() == three.values() == two.values() == {"b": {"tên": "Hà Giang", "x": [1, None, 2.5]}, "c": 3})
        assert len(one.heard) == len(two.heard) == len(three.heard) == 2


async def test_whole_content_makes_other_keys_leave_everywhere(redis_url, prefix):
    async with replicas(redis_url, prefix, 2) as (one, two):
        await one.bus.publish("wall", {f"k{n}": n for n in range(50)})
        await until(lambda: len(two.values()) == 50)
        await two.bus.publish("wall", {"k7": 7, "new": 1}, whole=True)
        await until(lambda: one.values() == two.values() == {"k7": 7, "new": 1})


async def test_who_comes_later_and_only_listens_gets_the_last_values_whole(redis_url, prefix):
    async with replicas(redis_url, prefix, 1) as (one,):
        await one.bus.publish("wall", {"a": 1, "b": 2})
        await one.bus.publish("sources", {"src.x": 1})
        await one.bus.publish("wall", {"c": 3}, ["a"])
        with redis.Redis.from_url(redis_url) as client:
            await until(lambda: client.hkeys(f"{prefix}:last:wall") in ([b"b", b"c"], [b"c", b"b"]))
    late = Process(on(redis_url, prefix))
    late.hub.publish("wall", {"left over": 1})
    async with running(late.bus):
        await until(lambda: late.bus.healthy)
        assert late.values() == {"b": 2, "c": 3}
        assert late.values("sources") == {"src.x": 1}
        assert all(whole for *_, whole in late.heard)


async def test_a_whole_published_before_the_first_connection_ends_what_redis_held(redis_url, prefix):
    async with replicas(redis_url, prefix, 2) as (one, two):
        await one.bus.publish("wall", {"old": 1})
        await until(lambda: two.values() == {"old": 1})
        fresh = Process(on(redis_url, prefix))
        fresh.clock.now += 5_000
        await fresh.bus.publish("wall", {"new": 1}, whole=True)
        async with running(fresh.bus):
            await until(lambda: one.values() == two.values() == fresh.values() == {"new": 1})


async def test_two_replicas_may_publish_different_keys_of_one_topic(redis_url, prefix):
    async with replicas(redis_url, prefix, 2) as (one, two):
        for n in range(50):
            await one.bus.publish("sources", {"src.a": n})
            await two.bus.publish("sources", {"src.b": n})
        await until(lambda: one.values("sources") == two.values("sources") == {"src.a": 49, "src.b": 49})


async def test_a_topic_only_another_version_knows_stops_nothing(redis_url, prefix):
    newer = RedisBus(redis_url, lambda *_: None, clock=Clock(), prefix=prefix)
    async with replicas(redis_url, prefix, 1) as (one,), running(newer):
        await until(lambda: newer.healthy)
        await newer.publish("weather", {"rain": 1})
        await newer.publish("wall", {"a": 1})
        await until(lambda: one.values() == {"a": 1})
        assert one.bus.healthy


async def test_a_really_separate_process_is_heard(redis_url, prefix):
    program = textwrap.dedent("""
        import asyncio, sys
        from ioc.bus import RedisBus, running
        async def main(url, prefix):
            bus = RedisBus(url, lambda *_: None, clock=lambda: 1, prefix=prefix)
            async with running(bus):
                await bus.publish("wall", {"from": "elsewhere"})
                await asyncio.to_thread(sys.stdin.read)
        asyncio.run(main(*sys.argv[1:]))
    """)
    async with replicas(redis_url, prefix, 1) as (one,):
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", program, redis_url, prefix, stdin=subprocess.PIPE)
        await until(lambda: one.values() == {"from": "elsewhere"})
        child.stdin.close()
        assert await child.wait() == 0


async def test_run_ends_whenever_it_is_cancelled(redis_url, prefix):
    for moment in range(120):  # from before the connection to well after the first look at the topics
        bus = RedisBus(redis_url, lambda *_: None, clock=Clock(), prefix=prefix)
        task = asyncio.create_task(bus.run())
        for _ in range(moment % 60):
            await asyncio.sleep(0)
        if moment >= 60:
            await until(lambda bus=bus: bus.healthy)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=2)
        assert done, f"cancelled after {moment} steps, it went on"


def test_an_address_that_cannot_be_one_is_refused_at_once():
    with pytest.raises(ValueError, match="scheme"):
        RedisBus("http://127.0.0.1/0", lambda *_: None, clock=Clock())


def test_replicas_do_not_all_come_back_in_the_same_moment():
    assert pause(0, 0.0) == 0.2
    assert [round(pause(n, 1.0), 1) for n in (0, 1, 2, 3, 4, 5, 1000)] == [0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]
    rnd = random.Random(1)
    waits = sorted(pause(9, rnd.random()) for _ in range(1000))
    assert waits[100] < 0.8
    assert waits[900] > 4.2


# ---- outages


async def test_killed_redis_costs_this_process_nothing_and_the_others_only_freshness(server, prefix):
    async with replicas(server.url, prefix, 2) as (one, two):
        await one.bus.publish("wall", {"a": 1, "gone": 1, "kept": 1})
        await until(lambda: two.values() == {"a": 1, "gone": 1, "kept": 1})
        one.clock.now += 60_000
        server.kill()
        await until(lambda: not one.bus.healthy and not two.bus.healthy)
        assert one.bus.since == one.clock.now
        for n in range(100):
            await one.bus.publish("wall", {"a": n, "b": n})
        await one.bus.publish("wall", {}, ["gone"])
        assert one.values() == {"a": 99, "b": 99, "kept": 1}
        assert two.values() == {"a": 1, "gone": 1, "kept": 1}
        server.start()  # it lost its memory: all must be told again, by whoever knows it
        await until(lambda: one.bus.healthy and two.bus.healthy and two.values() == one.values(), 20)
        assert one.values() == {"a": 99, "b": 99, "kept": 1}
        late = Process(on(server.url, prefix))
        async with running(late.bus):
            await until(lambda: late.values() == one.values())


async def test_frozen_redis_never_holds_a_publish_up(server, prefix):
    async with replicas(server.url, prefix, 2) as (one, two):
        await one.bus.publish("wall", {"a": 0})
        await until(lambda: two.values() == {"a": 0})
        server.process.send_signal(signal.SIGSTOP)
        slowest, frozen = 0.0, time.monotonic()
        while one.bus.healthy or two.bus.healthy:  # the second only listens, and notices too
            started = time.perf_counter()
            await one.bus.publish("wall", {"a": started})
            slowest = max(slowest, time.perf_counter() - started)
            await asyncio.sleep(0.01)
            assert time.monotonic() - frozen < LOOK + 3 * SLOW
        assert slowest < 0.25
        await one.bus.publish("wall", {"a": "last"})
        server.process.send_signal(signal.SIGCONT)
        await until(lambda: two.values() == one.values() == {"a": "last"}, 20)


async def test_an_older_value_from_a_process_that_was_cut_off_does_not_come_back(server, prefix):
    """`one` publishes while Redis is away and stays away; `two` takes over; when `one` returns, the newest of each key stands."""
    one = Process(on(server.url, prefix))
    await one.bus.publish("wall", {"both": "old", "mine": "kept", "left": "old"})
    async with replicas(server.url, prefix, 2) as (two, three):
        two.clock.now += 1_000
        await two.bus.publish("wall", {"both": "new", "left": "new"})
        await two.bus.publish("wall", {}, ["left"])
        await until(lambda: three.values() == {"both": "new"})
        async with running(one.bus):
            await until(lambda: one.values() == two.values() == three.values() == {"both": "new", "mine": "kept"})
        late = Process(on(server.url, prefix))
        async with running(late.bus):
            await until(lambda: late.values() == {"both": "new", "mine": "kept"})


async def test_what_left_while_a_process_was_away_leaves_there_too(server, prefix):
    async with replicas(server.url, prefix, 1) as (one,):
        two = Process(on(server.url, prefix))
        async with running(two.bus):
            await one.bus.publish("wall", {"a": 1, "b": 2})
            await until(lambda: two.values() == {"a": 1, "b": 2})
        await one.bus.publish("wall", {}, ["a"])
        await until(lambda: server.ask("HKEYS", f"{prefix}:last:wall") == [b"b"])
        async with running(two.bus):
            await until(lambda: two.values() == {"b": 2})
        assert one.values() == {"b": 2}


async def test_an_emptied_redis_is_noticed_and_told_again_by_a_quiet_process(server, prefix):
    async with replicas(server.url, prefix, 1) as (one,):
        await one.bus.publish("wall", {"a": 1})
        await until(lambda: server.ask("EXISTS", f"{prefix}:last:wall") == 1)
        server.ask("FLUSHALL")
        await until(lambda: server.ask("EXISTS", f"{prefix}:last:wall") == 1, 15)
        late = Process(on(server.url, prefix))
        async with running(late.bus):
            await until(lambda: late.values() == {"a": 1})


async def test_a_redis_that_refuses_to_write_is_unhealthy_until_it_does_not(server, prefix):
    async with replicas(server.url, prefix, 2) as (one, two):
        server.ask("CONFIG", "SET", "maxmemory", "1")
        await one.bus.publish("wall", {"a": 1})
        await until(lambda: not one.bus.healthy)
        assert one.values() == {"a": 1}
        server.ask("CONFIG", "SET", "maxmemory", "0")
        await until(lambda: two.values() == {"a": 1}, 20)


async def test_what_is_not_ours_under_our_prefix_is_reported_and_survived(server, prefix):
    async with replicas(server.url, prefix, 2) as (one, two):
        server.ask("PUBLISH", f"{prefix}:news", "hello?")
        await until(lambda: not one.bus.healthy)
        await until(lambda: one.bus.healthy and two.bus.healthy)
        server.ask("PUBLISH", f"{prefix}:news", '["them", "wall", {"a": "not an entry"}]')
        await until(lambda: not two.bus.healthy)
        await one.bus.publish("wall", {"a": 1})
        await until(lambda: two.values() == {"a": 1}, 20)


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_is_published_killed_or_frozen_all_end_with_the_same_values(server, prefix, seed):
    """Random publishes by three replicas of their own and of common keys, through two outages each of a random kind."""
    rnd = random.Random(seed)
    async with replicas(server.url, prefix, 3) as processes:
        for outage in [rnd.choice(["kill", "freeze", "cut"]) for _ in range(2)]:
            if outage == "kill":
                server.kill()
            elif outage == "freeze":
                server.process.send_signal(signal.SIGSTOP)
            else:
                server.ask("CLIENT", "KILL", "TYPE", "pubsub")
            for _ in range(200):
                who = rnd.randrange(3)
                process = processes[who]
                process.clock.now += rnd.randint(0, 50)  # clocks that drift apart
                keys = [f"own.{who}.{rnd.randint(0, 3)}", f"common.{rnd.randint(0, 5)}"]
                if rnd.random() < 0.02:
                    await process.bus.publish("wall", {keys[1]: rnd.random()}, whole=True)
                elif rnd.random() < 0.3:
                    await process.bus.publish("wall", {}, keys)
                else:
                    await process.bus.publish("wall", dict.fromkeys(keys, rnd.random()))
                await asyncio.sleep(0.001 if rnd.random() < 0.3 else 0)
            if outage == "kill":
                server.start()
            elif outage == "freeze":
                server.process.send_signal(signal.SIGCONT)
        await until(lambda: all(p.bus.healthy for p in processes), 20)
        await until(lambda: processes[0].values() == processes[1].values() == processes[2].values(), 20)
        await asyncio.sleep(0.1)
        assert processes[0].values() == processes[1].values() == processes[2].values()
        late = Process(on(server.url, prefix))
        async with running(late.bus):
            await until(lambda: late.bus.healthy)
            await until(lambda: late.values() == processes[0].values())
