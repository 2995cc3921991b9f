"""The hub alone: what every screen gets, however slow it is and however often it comes back."""

import json
import random

import orjson
import pytest

from ioc.frames import RAW
from ioc.hub import KEPT, NOTHING, OWED, Counts, Hub, Line, Topic, TopicError

NAMES = ["wall", "tick", "src"]


class Pipe(Line):
    """A line whose socket holds `room` messages; it is full after the last."""

    __slots__ = ("closed", "received", "room")

    def __init__(self, hub, room=10_000):
        self.room, self.received, self.closed = room, [], False
        super().__init__(hub, closing=lambda: self.closed, put=self.take, bits=RAW)

    def take(self, payload):
        self.received.append(json.loads(payload))
        self.room -= 1
        if self.room <= 0:
            self.hold()

    def drain(self, room=10_000):
        self.room, self.busy = room, False
        self.catch_up()


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


def states(pipe):
    known = {}
    for message in pipe.received:
        if "n" in message:
            apply(known.setdefault(message["n"], {}), message)
    return known


# ---- every screen, the same values


@pytest.mark.parametrize("seed", range(30))
def test_every_screen_ends_with_the_same_values_however_slow(seed):
    rnd, hub = random.Random(seed), Hub(NAMES)
    pipes = [Pipe(hub, rnd.randint(1, 5)) for _ in range(12)]
    for pipe in pipes:
        for name in NAMES:
            hub.join(pipe, name)
    for step in range(400):
        name = rnd.choice(NAMES)
        values = {f"k{rnd.randint(0, 20)}": rnd.randint(0, 3) for _ in range(3)}
        hub.replace(name, values) if rnd.random() < 0.1 else hub.publish(name, values, [f"k{rnd.randint(0, 40)}"])
        if step % 20 == 0:
            hub.heartbeat(step)
        pipe = rnd.choice(pipes)
        if pipe.busy:
            pipe.drain(rnd.randint(1, 6))
        if rnd.random() < 0.05:  # reconnects, keeping what it has
            had = states(pipe)
            pipe.close()
            fresh = pipes[pipes.index(pipe)] = Pipe(hub, rnd.randint(1, 5))
            fresh.received = pipe.received
            for name in NAMES:
                hub.join(fresh, name, had.get(name, {}).get("ep"), had.get(name, {}).get("seq", NOTHING))
    for pipe in pipes:
        pipe.drain()
        assert {name: state["values"] for name, state in states(pipe).items()} == {n: t.values for n, t in hub.topics.items()}
        assert not pipe.behind
    assert len(hub.lines) == 12


def test_an_unchanged_value_is_not_sent_and_a_slow_screen_costs_one_integer():
    hub = Hub(NAMES)
    pipe = Pipe(hub, 1)
    hub.publish("wall", {"a": 1, "b": 2})
    hub.publish("wall", {"a": 1})
    hub.join(pipe, "wall")
    for n in range(1000):
        hub.publish("wall", {"a": n + 2})
    hub.publish("wall", {"c": 3}, ["b"])
    assert pipe.behind == {hub.topics["wall"]: 1}
    pipe.drain()
    assert [(m["t"], m["seq"]) for m in pipe.received] == [("snap", 1), ("delta", 1002)]
    assert pipe.received[1] | {"ep": ""} == {
        "t": "delta",
        "n": "wall",
        "ep": "",
        "seq": 1002,
        "prev": 1,
        "set": {"a": 1001, "c": 3},
        "del": ["b"],
    }


def test_replacing_the_whole_content_sends_only_what_changed_and_what_left():
    hub = Hub(NAMES)
    pipe = Pipe(hub)
    hub.publish("wall", {"a": 1, "b": 2, "c": 3})
    hub.join(pipe, "wall")
    hub.replace("wall", {"a": 1, "c": 4})
    hub.replace("wall", {"a": 1, "c": 4})
    assert [(m["set"], m.get("del")) for m in pipe.received[1:]] == [({"c": 4}, ["b"])]


def test_what_a_bus_delivers_is_a_change_or_the_whole_content():
    hub = Hub(NAMES)
    hub.take("wall", {"a": 1, "b": 2}, (), True)
    hub.take("wall", {"c": 3}, ["a"], False)
    assert hub.topics["wall"].values == {"b": 2, "c": 3}
    hub.take("wall", {"d": 4}, (), True)
    assert hub.topics["wall"].values == {"d": 4}


def test_a_key_named_twice_as_gone_or_both_given_and_gone_is_no_trouble():
    hub = Hub(NAMES)
    pipe = Pipe(hub)
    hub.publish("wall", {"a": 1, "b": 2})
    hub.join(pipe, "wall")
    hub.publish("wall", {"b": 3, "c": 4}, ["a", "a", "b", "c", "never"])
    assert hub.topics["wall"].values == {"b": 3, "c": 4}
    assert states(pipe)["wall"]["values"] == {"b": 3, "c": 4}


def test_a_value_json_cannot_carry_changes_nothing_for_anyone():
    hub = Hub(NAMES)
    pipe = Pipe(hub)
    hub.publish("wall", {"a": 1})
    hub.join(pipe, "wall")
    with pytest.raises(TypeError):
        hub.publish("wall", {"a": 2, "bad": object()})
    assert (hub.topics["wall"].seq, hub.topics["wall"].values) == (1, {"a": 1})
    hub.publish("wall", {"a": 2})
    assert states(pipe)["wall"] == {"values": {"a": 2}, "seq": 2, "ep": hub.topics["wall"].epoch}


# ---- sharing and memory


def test_screens_lacking_the_same_share_one_encoding():
    topic = Topic("wall", Counts())
    topic.put({"a": 1})
    topic.put({"b": 1})
    assert topic.since(NOTHING) is topic.since(NOTHING)
    assert topic.since(0) is topic.since(0) is not None
    assert topic.since(0)[12] is topic.since(0)[12]


def test_an_update_for_screens_in_step_is_what_a_screen_one_behind_gets():
    topic = Topic("wall", Counts())
    topic.put({"a": 1})
    assert topic.put({"a": 2}) is topic.since(1)


def test_forgotten_keys_cost_a_snapshot_not_memory():
    topic = Topic("alerts", Counts())
    for n in range(5000):
        topic.put({f"alert-{n}": 1}, [f"alert-{n - 1}"])
    assert len(topic.at) < 70
    assert json.loads(topic.since(3).payload)["t"] == "snap"
    assert json.loads(topic.since(topic.floor - 1).payload)["t"] == "snap"
    assert json.loads(topic.since(topic.floor).payload)["t"] == "delta"
    assert json.loads(topic.since(4999).payload)["del"] == ["alert-4998"]


def test_clients_choose_since_but_not_how_much_of_it_is_kept():
    topic = Topic("wall", Counts())
    for n in range(3 * KEPT):
        topic.put({"a": n})
    answers = [json.loads(topic.since(seq).payload) for seq in range(-50, 3 * KEPT)]
    assert len(topic._since) == KEPT
    assert all(answer["set"] == {"a": 3 * KEPT - 1} for answer in answers)


@pytest.mark.parametrize("seq", [-2, 3, 2**62])
def test_a_seq_the_topic_never_had_is_answered_with_the_whole_topic(seq):
    hub = Hub(NAMES)
    hub.publish("wall", {"a": 1})
    hub.publish("wall", {"a": 2})
    pipe = Pipe(hub)
    hub.join(pipe, "wall", hub.topics["wall"].epoch, seq)
    assert pipe.received[0]["t"] == "snap"


def test_another_epoch_is_answered_with_the_whole_topic_and_the_same_seq_with_nothing():
    hub = Hub(NAMES)
    hub.publish("wall", {"a": 1})
    stranger, knows = Pipe(hub), Pipe(hub)
    hub.join(stranger, "wall", "another", 1)
    hub.join(knows, "wall", hub.topics["wall"].epoch, 1)
    assert [m["t"] for m in stranger.received] == ["snap"]
    assert knows.received == []
    assert hub.topics["wall"].epoch != Hub(NAMES).topics["wall"].epoch


# ---- topics are declared


def test_a_topic_nobody_declared_is_answered_with_err_in_both_languages_and_nothing_is_made():
    hub = Hub(NAMES)
    pipe = Pipe(hub)
    hub.join(pipe, "x" * 5000)
    hub.leave(pipe, "y")
    (problem,) = pipe.received
    assert problem["t"], problem["code"] == ("err", "unknown_topic")
    assert "Không có chủ đề" in problem["vi"]
    assert "src, tick, wall" in problem["en"]
    assert len(problem["vi"]) < 200
    assert list(hub.topics) == NAMES
    assert pipe.topics == []


def test_publishing_to_a_topic_nobody_declared_names_it_and_the_remedy():
    hub = Hub(NAMES)
    with pytest.raises(TopicError, match=r"no topic 'wal': publish to one of wall, tick, src"):
        hub.publish("wal", {"a": 1})
    with pytest.raises(TopicError, match="no topic 'wal'"):
        hub.replace("wal", {"a": 1})


# ---- one line


def test_messages_for_one_screen_wait_while_it_is_full_and_are_bounded():
    hub = Hub(NAMES)
    pipe, other = Pipe(hub, 1), Pipe(hub)
    pipe.send({"n": "welcome"})
    for n in range(3 * OWED):
        pipe.send({"n": n})
    assert pipe.received == [{"n": "welcome"}]
    pipe.drain()
    assert pipe.received[1:] == [{"n": n} for n in range(OWED)]
    assert other.received == []


def test_a_closed_line_is_sent_nothing_more_whatever_its_client_still_asks():
    hub = Hub(NAMES)
    pipe = Pipe(hub)
    hub.join(pipe, "wall")
    pipe.close()
    pipe.close()
    before = len(pipe.received)
    hub.join(pipe, "wall")
    pipe.send({"n": 1})
    hub.publish("wall", {"a": 1})
    hub.heartbeat(1)
    pipe.catch_up()
    assert len(pipe.received) == before
    assert not hub.lines
    assert not any(topic.live for topic in hub.topics.values())


def test_a_line_closed_while_it_was_full_sends_nothing_when_it_drains():
    hub = Hub(NAMES)
    pipe = Pipe(hub, 1)
    hub.join(pipe, "wall")
    hub.publish("wall", {"a": 1})
    pipe.send({"n": 1})
    pipe.close()
    pipe.drain()
    assert len(pipe.received) == 1


def test_nothing_is_put_on_a_socket_that_is_closing():
    hub = Hub(NAMES)
    pipe = Pipe(hub)
    hub.join(pipe, "wall")
    pipe.closed = True
    hub.publish("wall", {"a": 1})
    hub.heartbeat(1)
    hub.join(pipe, "tick")
    pipe.send({"n": 1})
    assert len(pipe.received) == 1


def test_a_screen_that_leaves_a_topic_hears_of_the_others_only():
    hub = Hub(NAMES)
    pipe = Pipe(hub)
    hub.join(pipe, "wall")
    hub.join(pipe, "tick")
    hub.leave(pipe, "wall")
    hub.leave(pipe, "wall")
    hub.publish("wall", {"a": 1})
    hub.publish("tick", {"a": 1})
    assert [m["n"] for m in pipe.received] == ["wall", "tick", "tick"]


def test_a_screen_may_ask_again_for_a_topic_it_follows_and_gets_it_whole():
    hub = Hub(NAMES)
    pipe = Pipe(hub)
    hub.publish("wall", {"a": 1})
    hub.join(pipe, "wall")
    hub.join(pipe, "wall")
    hub.publish("wall", {"a": 2})
    assert [m["t"] for m in pipe.received] == ["snap", "snap", "delta"]
    assert len(pipe.topics) == 1


# ---- heartbeat and counts


def test_a_heartbeat_is_encoded_once_and_carries_the_heads_of_all_topics():
    hub = Hub(NAMES)
    pipes = [Pipe(hub) for _ in range(5)]
    hub.publish("wall", {"a": 1})
    encoded = hub.counts.encoded
    hub.heartbeat(1795158342112)
    beat = {"t": "hb", "now": 1795158342112, "heads": {"wall": 1, "tick": 0, "src": 0}}
    assert [pipe.received for pipe in pipes] == [[beat]] * 5
    assert hub.counts.encoded - encoded == len(orjson.dumps(beat))


def test_a_screen_that_is_full_or_still_behind_hears_no_heads_it_would_take_for_a_loss():
    hub = Hub(NAMES)
    full, behind, fine = Pipe(hub, 1), Pipe(hub, 1), Pipe(hub)
    for pipe in (full, behind, fine):
        hub.join(pipe, "wall")
    hub.publish("wall", {"a": 1})
    behind.busy = False  # its socket drained a moment ago; what it lacks goes out next
    hub.heartbeat(1)
    assert [[m["t"] for m in pipe.received] for pipe in (full, behind, fine)] == [["snap"], ["snap"], ["snap", "delta", "hb"]]


def test_a_heartbeat_that_fills_a_socket_leaves_that_screen_correctly_behind():
    hub = Hub(NAMES)
    pipe = Pipe(hub, 2)
    hub.join(pipe, "wall")
    hub.heartbeat(1)
    hub.publish("wall", {"a": 1})
    assert pipe.behind == {hub.topics["wall"]: 0}
    pipe.drain()
    assert [m["t"] for m in pipe.received] == ["snap", "hb", "delta"]


def test_the_counts_tell_updates_bytes_screens_and_how_many_are_full():
    hub = Hub(NAMES)
    slow, quick = Pipe(hub, 1), Pipe(hub)
    for pipe in (slow, quick):
        hub.join(pipe, "wall")
    hub.publish("wall", {"a": 1})
    hub.publish("tick", {"a": 1})
    hub.publish("tick", {"a": 1})
    assert (hub.updates, len(hub.lines), hub.busy) == (2, 2, 1)
    seen = sum(len(orjson.dumps(m)) for m in quick.received)
    assert hub.counts.encoded == seen + len(hub.topics["tick"].since(0).payload)
