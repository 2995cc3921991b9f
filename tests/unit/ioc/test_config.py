"""One strict TOML: whatever is wrong is said with key, value and remedy, all of it at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ioc.config import ConfigError, UrlConfig, load, parse, secret, service_url

SOURCE = {"name": "onestop", "type": "rest", "url": "http://127.0.0.1:1/x"}


def problems(raw: dict[str, Any]) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(raw)
    return "\n".join(caught.value.problems)


def test_an_empty_configuration_is_the_defaults_on_loopback() -> None:
    config = parse({})
    assert (config.server.host, config.server.port, config.calendar.compare) == ("127.0.0.1", 8080, "date")


def test_what_belongs_to_a_source_kind_is_kept_for_it() -> None:
    (entry,) = parse({"source": [SOURCE | {"updated": "CapNhat"}]}).source
    assert entry.options == {"url": "http://127.0.0.1:1/x", "updated": "CapNhat"}


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"sever": {}}, ["sever: unknown key", "did you mean 'server'"]),
        ({"server": {"prot": 1}}, ["server.prot: unknown key", "did you mean 'port'"]),
        ({"server": {"port": 70000}}, ["server.port = 70000", "65535"]),
        ({"server": {"host": "0.0.0.0"}}, ["server.host = '0.0.0.0'", "[[access]]"]),
        ({"calendar": {"zone": "Asia/Hanoi"}}, ["calendar.zone", "Asia/Hanoi", "Asia/Ho_Chi_Minh"]),
        ({"calendar": {"morning": ["11:30", "07:30"]}}, ["calendar", "must rise"]),
        ({"source": [SOURCE, SOURCE]}, ["source.onestop.name: used twice"]),
        ({"source": [{"type": "rest"}]}, ["source.0.name: missing"]),
        ({"source": [SOURCE | {"every": 0}]}, ["source.0.every = 0"]),
        ({"source": [SOURCE | {"name": "Một cửa"}]}, ["source.0.name"]),
        ({"access": [{"name": "tv"}]}, ["access.tv", "token_env and token_file"]),
        ({"access": [{"name": "tv", "token": "x"}]}, ["access.0.token: unknown key"]),
        ({"target": [{"kpi": "x", "min": 1, "max": 2}]}, ["target.x", "exactly one"]),
    ],
)
def test_what_is_wrong_is_named_with_its_remedy(raw: dict[str, Any], words: list[str]) -> None:
    said = problems(raw)
    for word in words:
        assert word in said


def test_every_problem_is_said_not_only_the_first() -> None:
    assert len(problems({"server": {"port": -1, "hots": 1}, "calendar": {"zone": "x"}}).splitlines()) == 3


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"\xff\xfe", "UTF-8"), (b"[server", "not TOML"), (b'folder = "x"', "folder: unknown key"), (None, "cannot be read")],
)
def test_a_file_that_is_none_says_so(tmp_path: Path, content: bytes | None, word: str) -> None:
    path = tmp_path / "ioc.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=word.replace("[", r"\[")):
        load(path)


def test_secrets_come_from_the_environment_or_a_file_and_are_never_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("s3cret\n", encoding="utf-8")
    (tmp_path / "empty").write_text(" ", encoding="utf-8")
    monkeypatch.setenv("IOC_TEST_TOKEN", "from-env")
    assert secret("x", env="IOC_TEST_TOKEN") == "from-env"
    assert secret("x", file="token", folder=tmp_path) == "s3cret"
    for wrong, word in (({"env": "IOC_NOT_SET"}, "IOC_NOT_SET"), ({"file": "empty"}, "is empty"), ({"file": "none"}, "cannot be read")):
        with pytest.raises(ConfigError, match=word):
            secret("x", folder=tmp_path, **wrong)


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("IOC_DATABASE_URL", raising=False)
    given = UrlConfig(url="postgresql://a/b")
    assert service_url(given, "IOC_DATABASE_URL", tmp_path) == "postgresql://a/b"
    monkeypatch.setenv("IOC_DATABASE_URL", "postgresql://env/x")
    assert service_url(given, "IOC_DATABASE_URL", tmp_path) == "postgresql://env/x"
