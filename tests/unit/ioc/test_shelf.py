"""Processes that lose, repeat and reorder each other's news still agree: the newest stamp of every key wins."""

import random

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.shelf import LEFT, Entry, Shelf, unpacked


def given_to(shelf, at, origin="me", whole=False, gone=(), **values):
    shelf.give({key: str(value).encode() for key, value in values.items()}, gone, whole, at, origin)


def test_a_value_that_says_nothing_new_is_not_sent_again():
    shelf = Shelf()
    given_to(shelf, 1, a=1, b=2)
    shelf.told(dict(shelf.unsent))
    given_to(shelf, 2, a=1, b=3)
    assert shelf.unsent == {"b": Entry(2, "me", b"3")}
    given_to(shelf, 3, gone=["never"])
    assert shelf.unsent.keys() == {"b"}


def test_what_was_given_while_a_batch_was_on_its_way_waits_on():
    shelf = Shelf()
    given_to(shelf, 1, a=1, b=1)
    batch = dict(shelf.unsent)
    given_to(shelf, 2, a=2)
    shelf.told(batch)
    assert shelf.unsent == {"a": Entry(2, "me", b"2")}


def test_whole_content_makes_every_other_key_leave_known_or_not():
    shelf = Shelf()
    given_to(shelf, 1, a=1, b=2)
    given_to(shelf, 5, whole=True, b=2)
    assert shelf.present() == {"b": b"2"}
    news = shelf.hear({"unknown": Entry(4, "them", b"9"), "later": Entry(6, "them", b"9")})
    assert news.keys() == {"later"}
    assert shelf.unsent["unknown"] == Entry(5, "me", None)  # they are told that it left


def test_who_says_something_older_is_told_the_newer():
    shelf = Shelf()
    given_to(shelf, 5, a=1)
    shelf.told(dict(shelf.unsent))
    assert shelf.hear({"a": Entry(4, "them", b"9")}) == {}
    assert shelf.unsent == {"a": Entry(5, "me", b"1")}


def test_the_same_news_twice_is_news_once_and_needs_no_answer():
    shelf = Shelf()
    news = {"a": Entry(4, "them", b"9"), "b": Entry(4, "them", None)}
    assert shelf.hear(news) == news
    assert shelf.hear(news) == {}
    assert shelf.unsent == {}


def test_of_two_given_in_the_same_instant_one_wins_the_same_everywhere():
    one, two = Entry(4, "one", b"1"), Entry(4, "two", b"2")
    ends = []
    for order in ([one, two], [two, one]):
        shelf = Shelf()
        for entry in order:
            shelf.hear({"a": entry})
        ends.append(shelf.present())
    assert ends[0] == ends[1] == {"a": b"2"}


@pytest.mark.parametrize("wiped", [True, False])
def test_a_key_the_store_lacks_left_unless_the_store_lost_its_memory_or_was_never_told(wiped):
    shelf = Shelf()
    given_to(shelf, 1, told=1)
    shelf.told(dict(shelf.unsent))
    given_to(shelf, 2, untold=1)
    shelf.compare({}, wiped)
    assert shelf.present().keys() == ({"told", "untold"} if wiped else {"untold"})
    assert shelf.unsent.keys() == shelf.present().keys()


def test_keys_that_come_and_go_for_days_do_not_fill_the_memory():
    shelf = Shelf()
    for n in range(10 * LEFT):
        given_to(shelf, n + 1, gone=[f"k{n - 1}"], **{f"k{n}": 1})
    assert len(shelf.entries) <= LEFT
    assert len(shelf.unsent) <= LEFT
    assert shelf.present() == {f"k{10 * LEFT - 1}": b"1"}


def test_an_entry_travels_as_json_and_comes_back_the_same():
    for entry in (Entry(7, "me", '{"tên":"Hà Giang","x":[1,null]}'.encode()), Entry(7, "me", b"null"), Entry(7, "me", None)):
        assert unpacked(orjson.loads(entry.packed())) == entry


STEPS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["set", "gone", "whole", "tell"]), st.integers(0, 4)), max_size=60)


@given(STEPS, st.integers(0, 2**32))
def test_any_publishes_with_news_lost_repeated_and_late_end_the_same_once_all_have_spoken(steps, seed):
    rnd, shelves, flying = random.Random(seed), [Shelf() for _ in range(3)], []
    for clock, (who, what, key) in enumerate(steps, 1):
        name = f"k{key}"
        if what == "set":
            given_to(shelves[who], clock, f"p{who}", **{name: clock})
        elif what == "gone":
            given_to(shelves[who], clock, f"p{who}", gone=[name])
        elif what == "whole":
            given_to(shelves[who], clock, f"p{who}", whole=True, **{name: clock})
        else:
            flying.append(dict(shelves[who].unsent))
        if flying and rnd.random() < 0.5:  # arrives at somebody, perhaps not for the last time; or at nobody
            shelves[rnd.randrange(3)].hear(flying[rnd.randrange(len(flying))])
    for _ in range(6):  # now nothing is lost: each tells all, until nobody has anything left to say
        for shelf in shelves:
            news = dict(shelf.entries)
            shelf.told(dict(shelf.unsent))
            for other in shelves:
                other.hear(news)
    assert shelves[0].present() == shelves[1].present() == shelves[2].present()
    assert not any(shelf.unsent for shelf in shelves)
