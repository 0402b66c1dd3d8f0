"""`mandant demo`, made once and started for each test that wants it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.processes import DemoServer, mandant


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the demo's data was made."""
    folder = tmp_path_factory.mktemp("demo")
    made = mandant("demo", "--no-serve", folder=folder)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture
async def demo(demo_folder: Path, tmp_path: Path) -> AsyncGenerator[DemoServer]:
    """The demo, running on data of the test's own."""
    folder = tmp_path / "demo"
    shutil.copytree(demo_folder, folder)
    server = DemoServer("", folder, command=("demo",))
    try:
        async with server.http:
            await server.start()
            yield server
    finally:
        server.kill()
