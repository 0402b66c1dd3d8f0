"""Servers: processes of their own, started, watched and stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from benchmarks.contenders.contender import Contender
from benchmarks.databases import Filled
from benchmarks.places import ROOT, var

_START = 60.0
"""Seconds that a server has until it answers."""
_EVERY = 0.1
"""Seconds between two looks at the memory."""
_QUIET = 0.3
"""Seconds in which a server does nothing, before the next load begins."""
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Server:
    """A contender that runs on a database."""

    contender: Contender
    filled: Filled
    port: int
    process: subprocess.Popen[bytes]
    peak: int = field(default=0)
    """The most bytes that its processes ever held together."""

    @property
    def name(self) -> str:
        return self.contender.name

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def settle(self) -> None:
        """Waits until it is done with what a load has left behind, which nobody waits for."""
        give_up = time.monotonic() + _START
        before = -1
        while (now := _ticks(self.process.pid)) != before and time.monotonic() < give_up:
            before = now
            time.sleep(_QUIET)


@contextmanager
def serving(contender: Contender, filled: Filled, **environment: str) -> Iterator[Server]:
    """Starts *contender* on *filled*, with *environment* beside its own; stops it in the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = contender.program(filled, port)
    log = Path(os.devnull)
    if program.keeps_log:
        log = var("log", f"{contender.name}-{filled.kind}-{filled.dataset}.txt")
    with log.open("wb") as output, ExitStack() as stack:
        process = subprocess.Popen(
            program.command,
            cwd=ROOT,
            env={**os.environ, **program.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        stack.callback(_stop, process)
        server = Server(contender, filled, port, process)
        _wait(server, log)
        stack.enter_context(_watched(server))
        yield server


def _wait(server: Server, log: Path) -> None:
    """Waits until it answers anything at all."""
    give_up = time.monotonic() + _START
    while server.process.poll() is None and time.monotonic() < give_up:
        try:
            httpx2.get(f"{server.address}/")
        except httpx2.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{server.name} did not start: {log.read_text()[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def _watched(server: Server) -> Iterator[None]:
    """Notes the peak of the server's memory all the while."""
    done = threading.Event()

    def watch() -> None:
        while True:
            server.peak = max(server.peak, memory(server.process.pid))
            if done.wait(_EVERY):
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def memory(pid: int) -> int:
    """The resident bytes of a process and of all that descend from it; 0 where it is gone."""
    try:
        resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
        children = [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return resident + sum(memory(child) for child in children)


def _ticks(pid: int) -> int:
    """How much of the processor a process has used, in the kernel's ticks (10 ms mostly)."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(after_name[11]) + int(after_name[12])
