"""The rig of the kind `dvcqg`: an adapter of the national portal, whose records do not say when they changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from collectors.departments.portal import Portal
from collectors.source import Source
from tests.contract.rigs.base import MAPPINGS, PASSWORD, Clock, WiredRig


class DvcqgRig(WiredRig):
    """A portal; pages small so that a few records make several."""

    kind = "dvcqg"
    reopens = False
    many = 23
    required = MappingProxyType({"adapter": "http://127.0.0.1:1", "madonvi": "H99", "username": "ioc", "password_env": "SUT_NONE"})

    async def source(self, records: Iterable[Any], **options: Any) -> Source:
        records = list(records)
        self.clock = Clock()
        made: dict[str, Any] = {
            name: options.pop(name) for name in ("password", "drip", "calls", "lifetime", "apart", "stamped") if name in options
        }
        made.setdefault("stamped", False)
        self.portal = self.department = Portal(records, clock=self.clock, dstcode="DVC", **made)
        url = await self.stack.enter_async_context(self.department.serving())
        password = self.folder / "password"
        password.write_text(made.get("password") or "any", encoding="utf-8")
        secret = {} if "password_env" in options else {"password_file": "password"}
        size = 5 if len(records) < 100 else 1000
        return self.entry(
            adapter=url.removesuffix("/mapi/g"),
            madonvi="H99",
            username="ioc",
            mapping=str(MAPPINGS / "dvcqg.toml"),
            **{"dstcode": "DVC", "size": size, **secret, **options},
        )

    async def secured(self, records: Iterable[Any]) -> Source:
        return await self.source(records, password=PASSWORD, password_env="SUT_SECRET")

    async def change(self, record: dict[str, Any]) -> None:
        self.clock.now += timedelta(seconds=60)
        self.portal.put(record)
