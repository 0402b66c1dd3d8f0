"""Load: `wrk` with one thread, sending the same mixture of requests to everybody."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.places import FOLDER, needed, var

_SCRIPT = FOLDER / "load.lua"
_FIGURES = re.compile(
    r"^figures requests=(\d+) duration=(\d+) p50=(\d+) p99=(\d+) most=(\d+) bytes=(\d+)"
    r" refused=(\d+) broken=(\d+)$",
    re.MULTILINE,
)
_TIMEOUT = "20s"
ANOTHER = "0" * 16
"""What becomes another word of the same length each time that a request is sent."""


class BadLoad(RuntimeError):
    """A measurement that says nothing: answers were missing, or were refusals."""


@dataclass(frozen=True)
class Measured:
    """What one run of wrk saw; times in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    most: float
    bytes: int

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def parse(output: str) -> Measured:
    """The figures in wrk's output. Raises BadLoad where there are none, or any request failed."""
    found = _FIGURES.search(output)
    if found is None:
        raise BadLoad(f"wrk gave no figures: {output.strip()[-500:]}")
    requests, duration, p50, p99, most, size, refused, broken = map(int, found.groups())
    if refused or broken:
        raise BadLoad(f"of {requests} requests {refused} were refused and {broken} broken off")
    if not requests:
        raise BadLoad("nothing was answered in so short a time: give more --seconds")
    return Measured(requests, duration / 1e6, p50 / 1e3, p99 / 1e3, most / 1e3, size)


class Line(Protocol):
    """What can be sent: a request in the form that `load.lua` reads."""

    @property
    def line(self) -> bytes: ...


def write_requests(name: str, requests: Sequence[Line]) -> Path:
    """Keeps *requests* in the form that the script reads."""
    path = var("requests", f"{name}.txt")
    path.write_bytes(b"".join(each.line for each in requests))
    return path


def start(
    address: str, requests: Path, *, connections: int, seconds: int, offset: int = 0
) -> subprocess.Popen[str]:
    """wrk, on its way; `parse` reads what it writes to its standard output in the end."""
    return subprocess.Popen(
        [
            needed("wrk"),
            *("--threads", "1", "--connections", str(connections), "--latency"),
            *("--duration", f"{seconds}s", "--timeout", _TIMEOUT),
            *("--script", str(_SCRIPT), address, "--", str(requests), str(offset), ANOTHER),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def measure(
    address: str, requests: Path, *, connections: int, seconds: int, offset: int = 0
) -> Measured:
    """Sends *requests*, beginning at *offset*, over so many connections for so many seconds."""
    process = start(address, requests, connections=connections, seconds=seconds, offset=offset)
    return parse(process.communicate()[0])


def warm_up(address: str, requests: Path, *, connections: int) -> None:
    """A second of the same, from another place in the file, however little is answered."""
    start(address, requests, connections=connections, seconds=1, offset=97).communicate()
