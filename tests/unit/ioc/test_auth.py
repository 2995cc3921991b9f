"""Who gets in with what, for how long, and how often one may guess."""

from types import SimpleNamespace

import pytest
from starlette.requests import HTTPConnection

from ioc.server.auth import ADDRESSES, ENDED, OPEN, ROLES, WRONG_TOKENS, Access, AccessError, Entry, Pace, Viewer
from ioc.wire import TOPICS

NOW = 1_795_158_332_112
HOUR = 3_600_000
WALL, OFFICER = "wall-token-0123456789", "officer-token-0123456789"


def access():
    return Access([Entry(name="TV-01", token=WALL, role="wall"), Entry(name="trực ban", token=OFFICER, role="operator")])


def connection(now=NOW, address="10.0.0.1", **headers):
    app = SimpleNamespace(state=SimpleNamespace(clock=lambda: now))
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return HTTPConnection({"type": "http", "headers": raw, "client": (address, 1), "app": app})


async def test_a_bearer_token_says_who_and_what_they_may():
    known = access()
    assert await known.who(connection(authorization=f"Bearer {WALL}")) == Viewer(name="TV-01", topics=frozenset(TOPICS), write=False)
    officer = await known.who(connection(authorization=f"bearer  {OFFICER}"))
    assert (officer.name, officer.write) == ("trực ban", True)


@pytest.mark.parametrize("headers", [{}, {"authorization": WALL}, {"authorization": "Basic " + WALL}, {"cookie": f"ioc_session={WALL}"}])
async def test_a_stranger_is_nobody_and_a_token_is_no_cookie(headers):
    assert await access().who(connection(**headers)) is None


async def test_without_entries_everybody_is_the_open_viewer():
    assert await Access().who(connection()) is OPEN
    assert OPEN.topics == frozenset(TOPICS)


@pytest.mark.parametrize(("token", "hours"), [(WALL, 400 * 24), (OFFICER, 12)])
async def test_a_session_lasts_as_long_as_its_role_says(token, hours):
    known = access()
    session, lasts = known.begin(token, "10.0.0.1", NOW)
    assert lasts == hours * 3600
    assert token not in session
    cookie = f"ioc_session={session}"
    assert (await known.who(connection(NOW + hours * HOUR - 1, cookie=cookie))).write is (token == OFFICER)
    assert await known.who(connection(NOW + hours * HOUR, cookie=cookie)) is None


async def test_a_session_that_ended_is_gone_and_others_are_not():
    known = access()
    (one, _), (two, _) = known.begin(WALL, "10.0.0.1", NOW), known.begin(WALL, "10.0.0.1", NOW)
    assert one != two
    known.end(one)
    known.end("never was one")
    assert await known.who(connection(cookie=f"ioc_session={one}")) is None
    assert (await known.who(connection(cookie=f"ioc_session={two}"))).name == "TV-01"


async def test_a_session_outlives_a_restart_and_holds_at_every_replica_but_not_without_its_token():
    session, _ = access().begin(WALL, "10.0.0.1", NOW)
    cookie = f"ioc_session={session}"
    assert (await access().who(connection(cookie=cookie))).name == "TV-01"
    others = Access([Entry(name="TV-01", token="another-token-0123456789", role="wall")])
    assert await others.who(connection(cookie=cookie)) is None


@pytest.mark.parametrize("change", [lambda s: "9" + s, lambda s: s[:-1], lambda s: s.replace(".", "", 1), lambda s: "1.x." + s])
async def test_a_session_that_was_altered_is_none(change):
    known = access()
    session, _ = known.begin(WALL, "10.0.0.1", NOW)
    assert await known.who(connection(cookie=f"ioc_session={change(session)}")) is None


def test_the_sessions_taken_back_are_bounded_and_strangers_fill_nothing():
    known = access()
    for n in range(ENDED + 20):
        session, _ = known.begin(OFFICER, "10.0.0.2", NOW + n)
        known.end(session)
        known.end(f"{n}.stranger.x")
    assert len(known._ended) == ENDED


def test_wrong_tokens_are_limited_by_address_and_minute():
    known = access()
    for n in range(WRONG_TOKENS):
        assert known.begin("wrong", "10.0.0.1", NOW + n * 1000) is None
    assert known.begin(WALL, "10.0.0.1", NOW + 5_000) == pytest.approx(55.0)
    assert isinstance(known.begin(WALL, "10.0.0.2", NOW + 5_000), tuple)
    assert isinstance(known.begin(WALL, "10.0.0.1", NOW + 60_000), tuple)


async def test_guessing_by_bearer_counts_as_guessing():
    known = access()
    session, _ = known.begin(WALL, "10.0.0.1", NOW)
    for _ in range(WRONG_TOKENS):
        assert await known.who(connection(authorization="Bearer wrong")) is None
    assert await known.who(connection(authorization=f"Bearer {WALL}")) is None
    assert await known.who(connection(cookie=f"ioc_session={session}"))  # a session does not suffer from it


def test_the_addresses_remembered_are_bounded():
    known = access()
    for n in range(ADDRESSES + 100):
        known.begin("wrong", f"10.{n // 65536}.{n // 256 % 256}.{n % 256}", NOW)
    assert len(known._guesses) == ADDRESSES


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([Entry(name="TV", token=WALL, role="boss")], "entry 'TV' has role 'boss': use one of wall, reader, operator"),
        ([Entry(name="TV", token="short", role="wall")], "entry 'TV' has a token of 5 characters: use at least 16"),
        ([Entry(name="TV", token=WALL, role="wall"), Entry(name="TV", token=OFFICER, role="wall")], "the same name"),
        ([Entry(name="TV", token=WALL, role="wall"), Entry(name="PC", token=WALL, role="wall")], "the same token"),
    ],
)
def test_an_entry_that_cannot_be_used_says_why_and_never_shows_its_token(entries, message):
    with pytest.raises(AccessError, match=message) as refused:
        Access(entries)
    assert WALL not in str(refused.value) + repr(entries)


def test_no_role_sees_a_topic_that_is_not_declared():
    assert all(role.topics <= TOPICS.keys() for role in ROLES.values())


def test_pace_forgets_what_is_older_than_its_window():
    pace = Pace(2, 10.0)
    for now in (0.0, 4.0):
        assert not pace.full(now)
        pace.count(now)
    assert pace.full(9.9)
    assert pace.wait(9.0) == 1.0
    assert not pace.full(10.0)
    pace.count(10.0)
    assert pace.full(13.9)
    assert pace.wait(14.0) == 0.0
