"""A visitor's network address is the connection's, unless a known proxy says another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deployments import PASSWORD
from tests.processes import serving

SIGN_IN = """
mutation ($input: SignInInput!) { signIn(input: $input) { session { ipAddress } } }
"""


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("proxies", "address"),
    [
        ({}, "127.0.0.1"),
        ({"MANDANT_TRUSTED_PROXIES": "192.0.2.1"}, "127.0.0.1"),
        ({"MANDANT_TRUSTED_PROXIES": "127.0.0.0/8"}, "198.51.100.9"),
    ],
)
async def test_only_a_known_proxy_is_believed(
    migrated_url: str, tmp_path: Path, proxies: dict[str, str], address: str
) -> None:
    async with serving(migrated_url, tmp_path / "server", **proxies) as server:
        await server.firm("office")
        given = {"firm": "office", "email": "owner@office.test", "password": PASSWORD}
        answer = await server.http.post(
            "/graphql",
            json={"query": SIGN_IN, "variables": {"input": given}},
            headers={"X-Forwarded-For": "198.51.100.9"},
        )
    assert answer.json()["data"]["signIn"]["session"] == {"ipAddress": address}
