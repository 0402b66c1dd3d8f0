"""A request is for a host of ours, and for one: everything else is refused before it is looked at."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx2
import pytest

from server.settings import BadSetting, read_settings
from tests.deployments import Deployed, running
from tests.processes import Server, serving


async def raw(server: Server, head: str, path: str = "/graphql", version: str = "1.1") -> int:
    """The status of a GET with exactly these header lines."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    lines = f"GET {path}?query=%7B__typename%7D HTTP/{version}\r\n{head}Connection: close\r\n\r\n"
    writer.write(lines.encode("latin-1"))
    answer = await reader.read()
    writer.close()
    status, _, rest = answer.partition(b"\r\n")
    if b" 400 " in status and path == "/graphql":
        [error] = json.loads(rest.partition(b"\r\n\r\n")[2])["errors"]
        assert error["extensions"] == {"code": "BAD_REQUEST"}
    return int(status.split()[1])


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_server_answers_for_its_own_hosts_alone(migrated_url: str, tmp_path: Path) -> None:
    own = {
        "MANDANT_BASE_URL": "https://Portal.example.com/here",
        "MANDANT_ALLOWED_HOSTS": "old.example.com, *.firms.example",
    }
    async with serving(migrated_url, tmp_path / "server", **own) as server:
        for host in (
            "portal.example.com",
            "PORTAL.example.com:8443",
            "portal.example.com.",
            "old.example.com",
            "a.firms.example",
            "localhost",
            f"127.0.0.1:{server.port}",
            "[::1]:8000",
        ):
            assert await raw(server, f"Host: {host}\r\n") == 200, host
        for host in (
            "evil.example",
            "portal.example.com.evil.example",
            "evilportal.example.com",
            "portal.example.com@evil.example",
            "portal.example.com:80@evil.example",
            "portal.example.com, evil.example",
            "portal.example.com evil.example",
            "firms.example",
            "evilfirms.example",
            "203.0.113.9",
            "[2001:db8::1]",
            "[::1",
            ":8000",
            "\xe9",
        ):
            assert await raw(server, f"Host: {host}\r\n") == 400, host
        for lines in ("", "Host:\r\n", "Host: localhost\r\nHost: localhost\r\n"):
            assert await raw(server, lines) == 400, lines
            assert await raw(server, lines, "/sign-in") == 400, lines
        assert await raw(server, "", version="1.0") == 400
        forwarded = "Host: evil.example\r\nX-Forwarded-Host: portal.example.com\r\n"
        assert await raw(server, forwarded) == 400
        # Health checks go by address, and those by HTTP/1.0 name nothing.
        assert await raw(server, "Host: 10.1.2.3:8000\r\n", "/healthz") == 200
        assert await raw(server, "", "/healthz", version="1.0") == 200
        assert await raw(server, "", "/healthz") == 400
        assert await raw(server, "Host: a\r\nHost: a\r\n", "/healthz") == 400


@pytest.fixture
async def anywhere(migrated_url: str, tmp_path: Path) -> AsyncGenerator[Deployed]:
    async with running(migrated_url, tmp_path, allowed_hosts=("*",)) as found:
        yield found


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_every_host_can_be_allowed(anywhere: Deployed) -> None:
    answer = await anywhere.http.get("/sign-in", headers={"Host": "whatever.example"})
    assert answer.status_code != 400


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_the_address_that_was_connected_to_is_our_own(deployed: Deployed) -> None:
    transport = httpx2.ASGITransport(deployed.app)
    url = "http://192.0.2.5:8000"
    async with httpx2.AsyncClient(transport=transport, base_url=url) as nearby:
        assert (await nearby.get("/graphql?query={__typename}")).status_code == 200
        refused = await nearby.get("/graphql", headers={"Host": "192.0.2.6:8000"})
    assert refused.status_code == 400
    # Whoever tries it under another name is told what to set.
    assert "MANDANT_ALLOWED_HOSTS" in refused.text


@pytest.mark.parametrize(
    "hosts", ["https://portal.example.com", "portal.example.com:8000", "a/b", "*.", "*a", "a..b"]
)
def test_a_host_that_could_never_match_is_refused_at_the_start(hosts: str) -> None:
    keys = {"MANDANT_SECRET_KEYS": "k" * 32}
    with pytest.raises(BadSetting, match="MANDANT_ALLOWED_HOSTS"):
        read_settings({**keys, "MANDANT_ALLOWED_HOSTS": hosts})
