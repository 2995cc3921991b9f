"""The rig of the kind `rest`: a one-stop system over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from collectors.departments.onestop import Department
from collectors.source import Source
from tests.contract.rigs.base import PASSWORD, Clock, WiredRig


class RestRig(WiredRig):
    """A department server. `size` small so that a few records make several pages."""

    kind = "rest"
    many = 23
    small = MappingProxyType({"max_size": 5})
    required = MappingProxyType({"url": "http://127.0.0.1:1/"})

    async def source(self, records: Iterable[Any], **options: Any) -> Source:
        self.clock = Clock()
        made = {name: options.pop(name) for name in ("dialect", "token", "password", "page_size", "drip") if name in options}
        self.department = self.onestop = Department(records, clock=self.clock, **made)
        url = await self.stack.enter_async_context(self.department.serving())
        return self.entry(**{"url": url, "updated": self.onestop.dialect.updated, "size": 5, **options})

    async def secured(self, records: Iterable[Any]) -> Source:
        plain = await self.source(records, password=PASSWORD, token="not given yet")
        url = str(plain.settings.url)  # type: ignore[attr-defined]
        login = url.replace("/hoso", "/token")
        return self.entry(url=url, updated="CapNhat", size=5, login=login, username="ioc", password_env="SUT_SECRET")

    async def change(self, record: dict[str, Any]) -> None:
        self.clock.now += timedelta(seconds=60)
        self.onestop.put(record)
