"""The newest value of every key of every topic, and what each connected screen still lacks.

`Hub.take` is what a bus delivers to, `Hub.heartbeat` is called by the jobs, lines are opened by /live and closed with their socket.
An update is encoded once and framed once, however many screens it goes to. What waits for a slow screen is one integer per topic:
the `seq` it has. When its socket drains it gets one update with the present value of every key that changed after that `seq`, so
nothing is queued and nothing is merged. Knows nothing of HTTP, uvicorn or Redis.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ioc.frames import PLAIN, Frames
from ioc.wire import Heartbeat, Problem

NOTHING = -1  # the seq of a screen that has nothing of a topic
KEPT = 100  # different answers to `since` kept per topic: clients choose `seq`, so they must not choose our memory
OWED = 8  # messages for one screen alone that wait while its socket is full; it is told no more than these
_ABSENT = object()
Closing = Callable[[], bool]
Put = Callable[[bytes], None]


class TopicError(LookupError):
    """A job published to a topic that was not declared when the hub was made."""


@dataclass(slots=True, kw_only=True)
class Counts:
    """Totals since the start, for the metrics."""

    encoded: int = 0  # bytes of JSON made, before framing
    closed_slow: int = 0  # screens closed with 4429
    reports: int = 0  # `stat` messages heard
    ignored: int = 0  # messages of a type this version does not know


class Topic:
    """A named live value: `values` by key, and in `at` the seq at which each key last changed (left, if it is not in `values`)."""

    __slots__ = ("_counts", "_outlets", "_since", "at", "epoch", "floor", "live", "name", "seq", "values")

    def __init__(self, name: str, counts: Counts) -> None:
        self.name = name
        self.epoch = secrets.token_hex(4)  # changes when the server loses history
        self.seq = 0
        self.values: dict[str, Any] = {}
        self.at: dict[str, int] = {}
        self.floor = 0  # keys that left before this seq are forgotten: who has less gets the whole topic
        self.live: dict[Line, None] = {}  # the screens that have everything up to `seq`; a dict, so walked in order of arrival
        self._outlets: dict[int, list[tuple[Closing, Put]]] | None = None
        self._since: dict[int, Frames] = {}
        self._counts = counts

    def add(self, line: Line) -> None:
        self.live[line] = None
        self._outlets = None

    def drop(self, line: Line) -> None:
        self.live.pop(line, None)
        self._outlets = None

    def send(self, frames: Frames) -> None:
        """To every screen in step."""
        outlets = self._outlets  # flat pairs of bound methods: finding them through each line costs a quarter more (cache misses)
        if outlets is None:
            outlets = self._outlets = {}
            for line in self.live:
                outlets.setdefault(line.bits, []).append((line.closing, line.put))
        for bits, pairs in outlets.items():
            frame = frames[bits]
            for closing, put in pairs:
                if not closing():
                    put(frame)

    def put(self, values: Mapping[str, Any], gone: Iterable[str] = ()) -> Frames | None:
        """Take new absolute values; None when nothing differs from what screens already have.

        A key in both `values` and `gone` stays. A value JSON cannot carry raises TypeError and changes nothing.
        """
        changed = {key: value for key, value in values.items() if self.values.get(key, _ABSENT) != value}
        left = [key for key in dict.fromkeys(gone) if key in self.values and key not in values]
        if not changed and not left:
            return None
        seq = self.seq + 1
        frames = self._update(seq, self.seq, changed, left)  # first, because it may raise
        self.seq = seq
        self.values.update(changed)
        for key in left:
            del self.values[key]
        self.at.update(dict.fromkeys((*changed, *left), seq))
        if len(self.at) > 2 * len(self.values) + 64:
            self.at = {key: at for key, at in self.at.items() if key in self.values}
            self.floor = seq
        self._since = {seq - 1: frames}
        return frames

    def since(self, seq: int) -> Frames | None:
        """What a screen that has `seq` lacks. Screens lacking the same share the update and its frames."""
        if seq == self.seq:
            return None
        if not self.floor <= seq < self.seq:
            seq = NOTHING
        frames = self._since.get(seq)
        if frames is None:
            frames = self._whole() if seq == NOTHING else self._newer(seq)
            if len(self._since) < KEPT:
                self._since[seq] = frames
        return frames

    def _whole(self) -> Frames:
        return self._update(self.seq, None, self.values, [])

    def _newer(self, seq: int) -> Frames:
        newer = [key for key, at in self.at.items() if at > seq]
        present = {key: self.values[key] for key in newer if key in self.values}
        return self._update(self.seq, seq, present, [key for key in newer if key not in self.values])

    def _update(self, seq: int, prev: int | None, values: Mapping[str, Any], left: list[str]) -> Frames:
        message: dict[str, Any] = {"t": "snap", "n": self.name, "ep": self.epoch, "seq": seq}
        if prev is not None:
            message |= {"t": "delta", "prev": prev}
        message["set"] = values
        if left:
            message["del"] = left
        frames = Frames(orjson.dumps(message))
        self._counts.encoded += len(frames.payload)
        return frames


class Line:
    """One connected screen. With each topic it is either in step (in `topic.live`) or behind (`behind[topic]` = the seq it has).

    `put(frame)` sends without waiting. It may call `hold`: then this frame was still taken and the next is not.
    A line is one of `hub.lines` from its making to its `close`, after which nothing is sent on it.
    """

    __slots__ = ("behind", "bits", "busy", "closing", "hub", "owed", "put", "topics")

    def __init__(self, hub: Hub, *, closing: Closing, put: Put, bits: int = PLAIN) -> None:
        self.hub = hub
        self.closing = closing
        self.put = put
        self.bits = bits  # the kind of frame it takes, see Frames
        self.busy = False  # True while its socket takes no more
        self.topics: list[Topic] = []
        self.behind: dict[Topic, int] = {}
        self.owed: list[bytes] = []
        hub.lines[self] = None

    def send(self, message: Mapping[str, Any]) -> None:
        """To this screen alone. While its socket is full the message waits, and beyond OWED it is not sent at all."""
        if self not in self.hub.lines:
            return
        frame = Frames(orjson.dumps(message))[self.bits]
        self.hub.counts.encoded += len(frame)
        if len(self.owed) < OWED:
            self.owed.append(frame)
        self.catch_up()

    def join(self, topic: Topic, seq: int) -> None:
        """Follow a topic of which the screen has `seq`."""
        if self not in self.hub.lines:
            return
        if topic not in self.topics:
            self.topics.append(topic)
        topic.drop(self)
        self.behind[topic] = seq
        self.catch_up()

    def leave(self, *topics: Topic) -> None:
        """Follow these no more."""
        for topic in topics:
            if topic in self.topics:
                self.topics.remove(topic)
                self.behind.pop(topic, None)
                topic.drop(self)

    def close(self) -> None:
        """To be called before a close frame goes out, and when the socket is gone; twice is harmless."""
        self.leave(*self.topics)
        self.owed.clear()
        self.hub.lines.pop(self, None)

    def hold(self) -> None:
        """The socket is full: from here on only remember what the screen has."""
        self.busy = True
        for topic in self.topics:
            if self in topic.live:
                topic.drop(self)
                self.behind[topic] = topic.seq

    def catch_up(self) -> None:
        """Send what is owed, then what is lacking, one update a topic, until done or full again."""
        while self.owed and not self.busy:
            self._put(self.owed.pop(0))
        while self.behind and not self.busy:
            topic = next(iter(self.behind))
            lacking = topic.since(self.behind.pop(topic))
            topic.add(self)
            if lacking is not None:
                self._put(lacking[self.bits])

    def _put(self, frame: bytes) -> None:
        if not self.closing():
            self.put(frame)


class Hub:
    """All topics of this process. Every method is synchronous: between two awaits all screens see the same."""

    def __init__(self, names: Iterable[str]) -> None:
        self.counts = Counts()
        self.topics = {name: Topic(name, self.counts) for name in names}
        self.lines: dict[Line, None] = {}

    @property
    def updates(self) -> int:
        """Updates made since the start: each raised one topic's seq by one."""
        return sum(topic.seq for topic in self.topics.values())

    @property
    def busy(self) -> int:
        """Screens whose socket takes no more at this moment."""
        return sum(line.busy for line in self.lines)

    def publish(self, name: str, values: Mapping[str, Any], gone: Iterable[str] = ()) -> None:
        """New absolute values of some keys. They are kept, not copied: the caller must not change them afterwards."""
        topic = self._declared(name)
        frames = topic.put(values, gone)
        if frames is not None:
            topic.send(frames)

    def replace(self, name: str, values: Mapping[str, Any]) -> None:
        """The whole content: keys that are not in it leave."""
        self.publish(name, values, [key for key in self._declared(name).values if key not in values])

    def take(self, name: str, values: Mapping[str, Any], gone: Iterable[str], whole: bool) -> None:
        """What a bus delivers (ioc.bus.Take)."""
        self.replace(name, values) if whole else self.publish(name, values, gone)

    def join(self, line: Line, name: str, epoch: str | None = None, seq: int = NOTHING) -> None:
        """Start sending a topic; `epoch` and `seq` say what the screen still has. An unknown name is answered with `err`."""
        topic = self.topics.get(name)
        if topic is None:
            line.send(unknown(name, self.topics))
        else:
            line.join(topic, seq if epoch == topic.epoch else NOTHING)

    def leave(self, line: Line, name: str) -> None:
        """Stop sending a topic; a name the line does not follow changes nothing."""
        if topic := self.topics.get(name):
            line.leave(topic)

    def heartbeat(self, now_ms: int) -> None:
        """To every screen in step: one that is behind would take `heads` for a loss, and hears from us when it drains."""
        heads = {name: topic.seq for name, topic in self.topics.items()}
        beat: Heartbeat = {"t": "hb", "now": now_ms, "heads": heads}
        frames = Frames(orjson.dumps(beat))
        self.counts.encoded += len(frames.payload)
        for line in tuple(self.lines):
            if not line.busy and not line.behind and not line.closing():
                line.put(frames[line.bits])

    def _declared(self, name: str) -> Topic:
        topic = self.topics.get(name)
        if topic is None:
            raise TopicError(f"no topic {name!r}: publish to one of {', '.join(self.topics)}, or declare it in ioc.wire.TOPICS")
        return topic


def unknown(name: str, names: Iterable[str]) -> Problem:
    """The answer to a client that asks for a topic nobody declared."""
    known = ", ".join(sorted(names))
    return {
        "t": "err",
        "code": "unknown_topic",
        "vi": f"Không có chủ đề “{name[:40]}”; hãy chọn trong số: {known}.",
        "en": f"There is no topic “{name[:40]}”; choose among: {known}.",
    }
