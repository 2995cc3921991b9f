"""What the house promises whoever reads it: what can be set or counted is in the README, rooms stay small, one asks for the time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from alerts import model as alert_model
from collectors import options
from collectors.sources import SOURCES
from ioc import config
from ioc.explain import catalogue
from ioc.figures import FIGURE_RATES, FIGURES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON = [path for package in ("ioc", "collectors", "alerts") for path in (ROOT / package).rglob("*.py")]


def keys(model: type) -> list[str]:
    return list(model.model_fields)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "word",
    [
        *(f"server.{key}" for key in keys(config.ServerConfig)),
        *(f"calendar.{key}" for key in keys(config.CalendarConfig)),
        *keys(config.AccessConfig), *keys(config.SourceEntry), *keys(config.TargetConfig), *alert_model.KEYS, *alert_model.When,
        *keys(config.FeederConfig), *(f"docs/sources/{kind}.md" for kind in SOURCES),
        *(f"feeders.{key}" for key in keys(config.FeedersConfig)), *(f"service_index.{key}" for key in keys(config.ServiceIndexConfig)),
        *(f"retention.{key}" for key in keys(config.RetentionConfig)),
        "IOC_DATABASE_URL", "IOC_REDIS_URL", "IOC_PORT", "IOC_HOME",
    ],
)  # fmt: skip
def test_everything_that_can_be_configured_or_counted_is_in_the_readme(word: str) -> None:
    assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", README), f"{word} is not in the README"


def test_every_kind_of_source_and_every_option_of_it_is_in_the_docs() -> None:
    assert options.SETTINGS.keys() == SOURCES.keys()
    page = (ROOT / "docs" / "sources" / "options.md").read_text(encoding="utf-8")
    assert page == options.page(), "python -m collectors.options > docs/sources/options.md"
    for kind in SOURCES:
        assert (ROOT / "docs" / "sources" / f"{kind}.md").read_text(encoding="utf-8").strip()


def test_the_catalogue_of_numbers_is_what_is_declared() -> None:
    written = (ROOT / "docs" / "indicators.md").read_text(encoding="utf-8")
    assert written == catalogue.page(), "python -m ioc.explain.catalogue > docs/indicators.md"


@pytest.mark.parametrize("word", [*(f.name for f in FIGURES), *(r.name for r in FIGURE_RATES)])
def test_every_figure_is_in_the_docs(word: str) -> None:
    assert re.search(rf"(?<![\w-]){word}(?![\w-])", (ROOT / "docs" / "sources" / "figures.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_is_small_and_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300, "two rooms?"
    assert text.startswith('"""') or not text.strip(), "a module opens with what it is"


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_jobs_ask_for_the_time(path: Path) -> None:
    if path.name != "jobs.py":
        assert not re.search(r"datetime\.(now|utcnow|today)\(|date\.today\(", path.read_text(encoding="utf-8"))


def test_no_file_names_a_registry_or_a_machine() -> None:
    hosts = re.compile("|".join(("registry" + r"\.npmjs", "pypi" + r"\.org", "python" + "hosted", "deb" + r"\.debian\.org")))
    for path in ROOT.rglob("*"):
        inside = path.relative_to(ROOT).parts
        if inside[0] in (".git", ".venv", ".ioc") or {"node_modules", "dist", "__pycache__"} & set(inside) or not path.is_file():
            continue
        if path.suffix in (".py", ".md", ".toml", ".json", ".txt", ".yaml", ".ts", ".tsx", ".sh", "") or inside[0] == "scripts":
            assert not hosts.search(path.read_text(encoding="utf-8", errors="ignore")), path
