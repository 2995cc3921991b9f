"""What several contract tests ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.contract.rigs.figures import FiguresRig


@pytest.fixture
async def statistics(tmp_path: Path) -> AsyncIterator[FiguresRig]:
    """A statistics server, read by the kind `figures`."""
    async with AsyncExitStack() as stack:
        yield FiguresRig(tmp_path, stack)


@pytest.fixture(params=["figures", "rest"])
async def either(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[FiguresRig]:
    """The same under each kind that reads figures over HTTP; `rest` reads the whole list each time."""
    async with AsyncExitStack() as stack:
        yield FiguresRig(tmp_path, stack, kind=request.param)
