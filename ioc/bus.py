"""Live values between processes: what one replica publishes reaches all, and who comes later is given the last values.

Jobs call `publish`; the composition root runs `run()` beside the program and gives `take` (Hub.take) for what arrives. The
publisher's own process has a value before `publish` returns and without any network, so losing Redis costs the other replicas
freshness and this one nothing. Which value is the newest is settled in ioc.shelf, key by key: two replicas may publish different
keys of one topic.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any, Protocol

import orjson
import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from ioc.shelf import Entry, Shelf, unpacked

log = structlog.get_logger("ioc.bus")

Take = Callable[[str, Mapping[str, Any], Iterable[str], bool], None]  # topic, values, gone, whole
Clock = Callable[[], int]  # milliseconds since the epoch

SLOW = 1.0  # seconds Redis may take to answer anything
LOOK = 2.0  # seconds between two looks at a Redis to which we have nothing to say
WAITS = (0.2, 5.0)  # seconds before a reconnect: at least, at most


class BusError(OSError):
    """Redis is there but not as we knew it; connecting again sets it right."""


class Bus(Protocol):
    """Carries values between the processes that serve screens. `since`: the instant (ms) from which `healthy` is what it is."""

    healthy: bool
    since: int

    async def publish(self, topic: str, values: Mapping[str, Any], gone: Iterable[str] = (), *, whole: bool = False) -> None:
        """New absolute values of some keys, and keys that left; `whole`: `values` is all the topic holds. Waits for no network.

        A value JSON cannot carry raises TypeError, and what `take` raises passes through; trouble with Redis never does.
        """

    async def run(self) -> None:
        """Until cancelled: deliver what others publish and, after every (re)connect, the last values of all topics, whole."""


@contextlib.asynccontextmanager
async def running(bus: Bus) -> AsyncIterator[Bus]:
    """`bus.run()` beside the block; it ends with it."""
    task = asyncio.create_task(bus.run())
    try:
        yield bus
    finally:
        while not task.done():  # redis-py may swallow a cancellation
            task.cancel()
            await asyncio.wait([task], timeout=1)
        if not task.cancelled():
            task.result()  # a bus that failed by itself must not look like one that was stopped


class MemoryBus:
    """One process alone."""

    def __init__(self, take: Take, *, clock: Clock) -> None:
        self.healthy = True
        self.since = clock()
        self._take = take

    async def publish(self, topic: str, values: Mapping[str, Any], gone: Iterable[str] = (), *, whole: bool = False) -> None:
        self._take(topic, values, gone, whole)

    async def run(self) -> None:
        await asyncio.Event().wait()


class RedisBus:
    """Several processes and one Redis.

    Hash `{prefix}:last:{topic}` holds the last value of every key, set `{prefix}:topics` their names; channel `{prefix}:news`
    carries the changes; `{prefix}:life` tells a Redis that kept its memory from one that lost it.
    """

    def __init__(self, url: str, take: Take, *, clock: Clock, prefix: str = "ioc") -> None:
        parse_url(url)  # an address that cannot be one is an error now, not in `run`
        self.healthy = False
        self.since = clock()
        self._url, self._take, self._clock, self._prefix = url, take, clock, prefix
        self._origin = secrets.token_hex(6)
        self._newest = 0  # the highest count seen
        self._life: bytes | None = None
        self._shelves: dict[str, Shelf] = {}
        self._wake = asyncio.Event()

    async def publish(self, topic: str, values: Mapping[str, Any], gone: Iterable[str] = (), *, whole: bool = False) -> None:
        encoded, gone = {key: orjson.dumps(value) for key, value in values.items()}, list(gone)
        self._take(topic, values, gone, whole)
        self._newest = max(self._newest + 1, self._clock())
        self._shelf(topic).give(encoded, gone, whole, self._newest, self._origin)
        self._wake.set()

    async def run(self) -> None:
        failures = 0
        while True:
            try:
                await asyncio.create_task(self._session())  # its own task: a TaskGroup leaves marks of cancellation on its task
            except* (RedisError, OSError) as troubles:
                failures = 0 if self.healthy else failures + 1
                self._now(False, _first(troubles))
            except* Exception:  # not Redis's doing; still, a bus that is gone for good would be noticed by nobody
                failures += 1
                log.exception("bus.broke")
            await asyncio.sleep(pause(failures, random.random()))

    async def _session(self) -> None:
        """One connection's life. Subscribes before it reads the last values, so that nothing falls between."""
        redis: Redis = Redis.from_url(self._url, socket_timeout=SLOW, socket_connect_timeout=SLOW, retry=Retry(NoBackoff(), 0), protocol=2)
        async with redis, redis.pubsub() as channel, asyncio.TaskGroup() as group:
            await channel.subscribe(self._key("news"))
            if await channel.get_message(timeout=SLOW) is None:
                raise TimeoutError(f"no answer to SUBSCRIBE within {SLOW} s")
            await self._agree(redis)
            _heed_cancel()
            self._now(True)
            group.create_task(self._read(channel))
            group.create_task(self._write(redis))

    async def _agree(self, redis: Redis) -> None:
        async with redis.pipeline(transaction=True) as ask:
            ask.set(self._key("life"), secrets.token_hex(8), nx=True)
            ask.get(self._key("life"))
            ask.smembers(self._key("topics"))
            _, life, names = await ask.execute()
        wiped, self._life = self._life not in (None, life), life
        for topic in {name.decode() for name in names} | self._shelves.keys():
            held: dict[bytes, bytes] = await redis.hgetall(self._key("last", topic))  # type: ignore[assignment]
            shelf = self._shelf(topic)
            shelf.compare(self._seen({key.decode(): packed for key, packed in held.items()}), wiped)
            self._deliver(topic, shelf.present(), (), True)
        self._wake.set()

    async def _read(self, channel: PubSub) -> None:
        while True:
            message = await channel.get_message(timeout=LOOK)
            _heed_cancel()
            if message and message["type"] == "message":
                self._hear(message["data"])

    def _hear(self, message: bytes) -> None:
        try:
            origin, topic, entries = orjson.loads(message)
        except ValueError as problem:
            raise self._foreign(problem) from problem
        if origin == self._origin:
            return
        shelf = self._shelf(topic)
        news = shelf.hear(self._seen(entries))
        values = {key: entry.value for key, entry in news.items() if entry.value is not None}
        self._deliver(topic, values, news.keys() - values.keys(), False)
        if shelf.unsent:
            self._wake.set()

    async def _write(self, redis: Redis) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self._wake.wait()
            self._wake.clear()
            waiting = [topic for topic, shelf in self._shelves.items() if shelf.unsent]
            for topic in waiting:
                await self._send(redis, topic)
            if not waiting:
                self._same(await redis.get(self._key("life")))
            _heed_cancel()

    async def _send(self, redis: Redis, topic: str) -> None:
        shelf, hash_ = self._shelf(topic), self._key("last", topic)
        batch = dict(shelf.unsent)
        packed = {key: entry.packed() for key, entry in batch.items()}
        news = orjson.dumps([self._origin, topic, {key: orjson.Fragment(entry) for key, entry in packed.items()}])
        left = [key for key, entry in batch.items() if entry.value is None]
        kept: dict[Any, Any] = {key: packed[key] for key in batch.keys() - set(left)}
        async with redis.pipeline(transaction=True) as tell:
            if kept:
                tell.hset(hash_, mapping=kept)
            if left:
                tell.hdel(hash_, *left)
            tell.sadd(self._key("topics"), topic)
            tell.publish(self._key("news"), news)
            tell.get(self._key("life"))
            self._same((await tell.execute())[-1])
        shelf.told(batch)

    def _same(self, life: object) -> None:
        if life != self._life:
            raise BusError(f"Redis lost what it held under {self._prefix!r}; it is told again")

    def _seen(self, packed: Mapping[str, Any]) -> dict[str, Entry]:
        """Entries as Redis held them (bytes) or as they came in a message (already parsed)."""
        try:
            seen = {key: unpacked(orjson.loads(entry) if isinstance(entry, bytes) else entry) for key, entry in packed.items()}
        except (ValueError, TypeError) as problem:
            raise self._foreign(problem) from problem
        self._newest = max(self._newest, *(entry.at for entry in seen.values()), 0)
        return seen

    def _foreign(self, problem: Exception) -> BusError:
        return BusError(f"what Redis holds under {self._prefix!r} is not ours ({problem}): give this program its own prefix")

    def _deliver(self, topic: str, values: Mapping[str, bytes], gone: Iterable[str], whole: bool) -> None:
        try:
            self._take(topic, {key: orjson.loads(value) for key, value in values.items()}, gone, whole)
        except LookupError as problem:  # a replica of another version knows topics that we do not
            log.warning("bus.refused", topic=topic, problem=str(problem))

    def _shelf(self, topic: str) -> Shelf:
        return self._shelves.setdefault(topic, Shelf())

    def _key(self, *parts: str) -> str:
        return ":".join((self._prefix, *parts))

    def _now(self, healthy: bool, problem: BaseException | None = None) -> None:
        if healthy != self.healthy:
            self.healthy, self.since = healthy, self._clock()
            log.info("bus.back") if healthy else log.warning("bus.lost", problem=f"{type(problem).__name__}: {problem}")


def _heed_cancel() -> None:
    """redis-py 8.1 returns an answer as if nothing were, when it is cancelled at the moment the answer comes."""
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError


def _first(trouble: BaseException) -> BaseException:
    while isinstance(trouble, BaseExceptionGroup):
        trouble = trouble.exceptions[0]
    return trouble


def pause(failures: int, chance: float) -> float:
    """Seconds to wait before connecting again: full jitter, so that replicas do not return all at once. `chance`: 0 to 1."""
    least, most = WAITS
    return least + chance * (min(most, least * 2.0 ** min(failures + 1, 30)) - least)
