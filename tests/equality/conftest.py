"""The world on each database: once for all that read it, and once for all that write."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.deployments import running
from tests.equality.world import PRESENT, World, build


@pytest.fixture(scope="module")
async def world(
    module_url: str, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncGenerator[World]:
    """Two firms with everything, and one with nothing; tests leave them as they are."""
    async with running(module_url, tmp_path_factory.mktemp("world")) as deployed:
        PRESENT[:] = [await build(deployed)]
        yield PRESENT[0]


@pytest.fixture
async def written(migrated_url: str, tmp_path: Path) -> AsyncGenerator[World]:
    """The same, to write into."""
    async with running(migrated_url, tmp_path) as deployed:
        PRESENT[:] = [await build(deployed)]
        yield PRESENT[0]
