"""What the settings of sources over HTTP have in common: limits and pace; addresses and paths checked."""

from __future__ import annotations

from dataclasses import dataclass

from collectors import paths
from collectors.http import Limits
from collectors.pace import Pace
from collectors.source import SettingsError, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class WireSettings:
    """Times in seconds. `rate`: requests a second, 0 for as many as wanted; `burst`: how many may come at once after a rest."""

    connect_timeout: float = 5.0
    read_timeout: float = 60.0
    timeout: float = 120.0
    max_megabytes: float = 32.0
    rate: float = 0.0
    burst: int = 1

    @property
    def limits(self) -> Limits:
        return Limits(connect=self.connect_timeout, read=self.read_timeout, total=self.timeout, size=round(self.max_megabytes * 1_000_000))

    @property
    def pace(self) -> Pace:
        """A new pace, to be kept from poll to poll."""
        return Pace(rate=self.rate, burst=self.burst)

    def check_wire(self, source: str) -> None:
        """Raises SettingsError for what types alone cannot say."""
        if min(self.connect_timeout, self.read_timeout, self.timeout, self.max_megabytes) <= 0:
            raise SettingsError(f"source.{source}: timeouts and max_megabytes must be above 0; correct them")
        if self.rate < 0 or self.burst < 1:
            raise SettingsError(f"source.{source}: rate must be at least 0 and burst at least 1; correct them")


def check_address(source: str, key: str, url: str) -> None:
    """An address must be whole and hold no credentials. Raises SettingsError."""
    if "://" not in url or "@" in url.split("://", 1)[1].split("/", 1)[0]:
        raise SettingsError(f"source.{source}.{key}: {shown(url)}; write http(s)://host/path, and credentials by *_env or *_file")


def check_path(key: str, name: str) -> None:
    """A path into an answer, or an expression (paths.py). Raises SettingsError."""
    try:
        paths.reads(name)
    except paths.PathError as error:
        raise SettingsError(f"{key}: {shown(name)}: {error}; see jmespath.org, or write a plain path along dots") from None
