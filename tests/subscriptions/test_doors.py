"""Who may open a WebSocket, from where, and by what they are known there."""

from __future__ import annotations

import pytest
import websockets

from tests.deployments import BASE_URL, Deployed
from tests.subscriptions.conftest import RECEIVED, Endpoint

INIT = {"type": "connection_init"}
VIEWER = "{ viewer { __typename } }"
FOREIGN = [
    "null",
    "",
    "https://evil.example",
    "https://portal.example.test",
    f"{BASE_URL}.evil.example",
    f"{BASE_URL}:8443",
    f"{BASE_URL}/",
    "http://evilportal.example.test",
    "http://PORTAL.example.test.",
    f"{BASE_URL} https://evil.example",
]


async def refusal(door: Endpoint, headers: object) -> int:
    """The status with which the handshake is refused."""
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with door.connect(headers):  # type: ignore[arg-type]
            raise AssertionError("it was accepted")
    return refused.value.response.status_code


async def test_a_page_of_another_site_is_refused_before_anything_else(
    plain: Deployed, door: Endpoint
) -> None:
    firm = await plain.firm()
    cookie = {"Cookie": f"__Host-mandant={firm.owner.token}"}
    for origin in FOREIGN:
        for headers in ({"Origin": origin}, {"Origin": origin, **cookie}):
            assert await refusal(door, headers) == 403
    twice = [("Origin", BASE_URL), ("Origin", "https://evil.example")]
    assert await refusal(door, twice) in (400, 403)


async def test_the_browser_s_cookie_counts_on_our_own_pages_alone(
    plain: Deployed, door: Endpoint
) -> None:
    firm = await plain.firm()
    cookie = {"Cookie": f"__Host-mandant={firm.owner.token}"}
    async with door.connect({"Origin": BASE_URL, **cookie}) as frames:
        await frames.send(INIT)
        assert await frames.receive() == {"type": "connection_ack"}
        assert (await frames.ask(VIEWER))["data"]["viewer"] == {"__typename": "Member"}
    # No page was named: it is no browser, and whoever it is has to say so.
    async with door.connect(cookie) as frames:
        await frames.send(INIT)
        assert await frames.receive() == {"type": "connection_ack"}
        assert (await frames.ask(VIEWER))["data"]["viewer"] is None
        [error] = await frames.ask(RECEIVED)
        assert error["extensions"]["code"] == "UNAUTHENTICATED"
    gone = {"Cookie": f"__Host-mandant={firm.owner.token}x", "Origin": BASE_URL}
    async with door.connect(gone) as frames:
        await frames.send(INIT)
        assert (await frames.closed())[0] == 4403


async def test_a_token_comes_in_the_introduction_or_with_the_handshake(
    plain: Deployed, door: Endpoint
) -> None:
    firm = await plain.firm()
    client = await firm.client(await firm.account(invited=True))
    bearer = f"Bearer {firm.owner.token}"
    ways = [
        (None, {"Authorization": bearer}),
        (None, {"authorization": bearer.replace("Bearer", "bearer")}),
        (None, {"token": firm.owner.token}),
        ({"Authorization": bearer}, None),
        ({"Authorization": bearer}, {}),
        # What is said in the introduction holds.
        ({"Authorization": f"Bearer {client.token}"}, {"token": firm.owner.token}),
        (
            {"Origin": BASE_URL, "Cookie": f"__Host-mandant={client.token}"},
            {"token": firm.owner.token},
        ),
    ]
    for headers, payload in ways:
        async with door.connect(headers) as frames:
            await frames.send({**INIT, "payload": payload})
            assert await frames.receive() == {"type": "connection_ack"}, (headers, payload)
            assert (await frames.ask(VIEWER))["data"]["viewer"] == {"__typename": "Member"}


async def test_other_subprotocols_are_refused(plain: Deployed, door: Endpoint) -> None:
    for offered in (["graphql-ws"], ["graphql-ws", "soap"], None):
        async with door.connect(subprotocols=offered) as frames:
            assert frames.raw.subprotocol is None
            assert await frames.closed() == (4406, "The subprotocol is graphql-transport-ws")
    async with door.connect(subprotocols=["graphql-ws", "graphql-transport-ws"]) as frames:
        assert frames.raw.subprotocol == "graphql-transport-ws"
        await frames.send({"type": "start", "id": "1", "payload": {"query": VIEWER}})
        assert (await frames.closed())[0] == 4400


async def test_nothing_is_compressed_and_nothing_is_served_elsewhere(
    plain: Deployed, door: Endpoint
) -> None:
    async with door.connect(compression="deflate") as frames:
        assert frames.raw.protocol.extensions == []
    for path in ("/", "/healthz", "/graphql/"):
        with pytest.raises(websockets.InvalidStatus) as refusal:
            async with websockets.connect(f"ws://127.0.0.1:{door.port}{path}"):
                raise AssertionError("it was accepted")
        assert refusal.value.response.status_code in (403, 404)
