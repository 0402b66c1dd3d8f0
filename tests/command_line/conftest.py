"""Commands in a folder of the test's own."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.processes import mandant
from tests.reliability.conftest import look

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command in the test's folder: `run("doctor", MANDANT_…="…")`."""
    return lambda *arguments, **given: mandant(*arguments, folder=tmp_path, **given)


def rows(url: str, sql: str) -> list[tuple[object, ...]]:
    """What stands in a database."""
    return asyncio.run(look(url, sql))
