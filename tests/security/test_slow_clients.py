"""What a client may send before it is answered is bounded in bytes and in time."""

from __future__ import annotations

import asyncio
import itertools
import resource
import time
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.processes import Server, serving

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

HEADERS = b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CHUNKED = HEADERS + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
SLOW = 900
SECONDS = 1


@pytest.fixture
async def server(migrated_url: str, tmp_path: Path) -> AsyncGenerator[Server]:
    """A server that waits a second for a request, instead of fifteen."""
    given = {"MANDANT_RECEIVE_SECONDS": str(SECONDS)}
    async with serving(migrated_url, tmp_path / "server", **given) as found:
        yield found


def memory(server: Server) -> int:
    """The most memory that the server has used so far, in bytes."""
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


async def sent(
    server: Server, parts: Iterable[bytes], *, pause: float = 0
) -> tuple[bytes, int, float]:
    """What is answered to *parts*, how many were taken, and after how many seconds it was closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    begun, taken, answer = time.monotonic(), 0, b""
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            taken += 1
            await asyncio.sleep(pause)
        answer = await asyncio.wait_for(reader.read(), 20)
    except ConnectionError:
        pass  # Closed while it was still sending: the answer may be lost.
    finally:
        writer.close()
    return answer, taken, time.monotonic() - begun


async def test_what_is_endless_is_refused_without_being_kept(server: Server) -> None:
    await server.nobody.ask("{ __typename }")
    before = memory(server)
    head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
    line = b"x" * 60_000
    hundred_megabytes = 1_700
    for parts, status, bound in (
        # One endless header, many of them, an endless address.
        ([head, b"A: ", *[line] * hundred_megabytes], b"431", hundred_megabytes),
        ([head, *[b"A: " + line + b"\r\n"] * hundred_megabytes], b"431", hundred_megabytes),
        ([b"GET /", *[line] * hundred_megabytes], b"431", hundred_megabytes),
        # A body of a gigabyte, and endless things beside the body.
        (itertools.chain([CHUNKED], itertools.repeat(CHUNK, 16_000)), b"413", 16_000),
        ([CHUNKED, b"1;", *[line] * hundred_megabytes], b"431", hundred_megabytes),
        ([CHUNKED, b"0\r\nA: ", *[line] * hundred_megabytes], b"431", hundred_megabytes),
    ):
        answer, taken, seconds = await sent(server, parts)
        assert not answer or answer.split()[1] == status
        # What lies in the system's buffers counts as taken.
        assert taken < bound / 2
        assert seconds < 5
    assert memory(server) - before < 10_000_000
    # Just beyond the bound, where the answer comes through.
    answer, _, _ = await sent(server, [head + b"A: " + b"x" * 66_000 + b"\r\n\r\n"])
    assert answer.startswith(b"HTTP/1.1 431 ")
    answer, _, _ = await sent(server, [head + b"A: " + b"x" * 60_000 + b"\r\n\r\n"])
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert (await server.http.get("/healthz")).status_code == 200


async def test_a_request_that_does_not_arrive_is_given_up(server: Server) -> None:
    slow_header = [HEADERS[place : place + 1] for place in range(40)]
    slow_body = [HEADERS + b"Content-Length: 1000\r\n\r\n", *[b"x"] * 40]
    attempts = {
        "nothing": [],
        "line ends": [b"\r\n\r\n"],
        "half a header": [HEADERS[:30]],
        "half a body": [HEADERS + b"Content-Length: 100\r\n\r\n{"],
        "half a chunk": [CHUNKED + b"10\r\n{"],
        "a second request": [b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /"],
        "a header by drops": slow_header,
        "a body by drops": slow_body,
    }
    found = await asyncio.gather(*(sent(server, parts, pause=0.1) for parts in attempts.values()))
    for name, (answer, _, seconds) in zip(attempts, found, strict=True):
        assert SECONDS / 2 < seconds < SECONDS * 5, name
        if name in ("half a header", "half a body", "half a chunk"):
            assert answer.startswith(b"HTTP/1.1 408 "), name
    # The same time is enough for a body that comes steadily, however long it takes.
    body = b'{"query": "{ __typename }"}'.ljust(6_000)
    steady = [body[place : place + 200] for place in range(0, 6_000, 200)]
    head = HEADERS + b"Content-Length: 6000\r\nConnection: close\r\n\r\n"
    answer, taken, seconds = await sent(server, [head, *steady], pause=0.08)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert taken == 31 and seconds > 2 * SECONDS


@pytest.fixture
def many_files() -> Iterator[None]:
    """Leave to have open what this test needs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2_048), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_connections_that_say_nothing_keep_nobody_out(
    migrated_url: str, tmp_path: Path, many_files: None
) -> None:
    """More of them than a process takes: whoever was waited for longest makes room."""
    async with serving(migrated_url, tmp_path / "server") as server:
        slow = []
        for number in range(SLOW):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write([b"", HEADERS[:20], HEADERS + b"Content-Length: 9\r\n\r\n{"][number % 3])
            slow.append((reader, writer))
        begun = time.monotonic()
        for _ in range(20):
            assert (await server.http.get("/healthz")).status_code == 200
        assert time.monotonic() - begun < 5
        with suppress(ConnectionError):
            assert await asyncio.wait_for(slow[0][0].read(), 5) == b""
        assert not slow[-1][0].at_eof()
        for _, writer in slow:
            writer.close()
