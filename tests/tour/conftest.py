"""A server as the README's readers start it: in an empty folder, with no settings at all."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest


@dataclass(frozen=True)
class Started:
    """A server that runs in *folder*, and the environment that a reader's shell has there."""

    folder: Path
    address: str
    environment: dict[str, str]


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    """`mandant serve` on a free port."""
    # The tour calls `.venv/bin/mandant`, as it is installed in a clone.
    (tmp_path / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MANDANT")}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = tmp_path / "server.log"
    with log.open("w") as stderr:
        server = subprocess.Popen(
            [".venv/bin/mandant", "serve", "--port", str(port)],
            cwd=tmp_path,
            env=plain,
            stderr=stderr,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, server, log)
        yield Started(tmp_path, address, plain | {"MANDANT": address})
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert server.poll() is None, log.read_text()
        try:
            httpx2.get(f"{address}/healthz").raise_for_status()
        except httpx2.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())
