"""A write whose answer got lost is asked for again, and happens once."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tests.deployments import CREATE_ACCOUNT, Firm, Voice
from tests.processes import Server
from tests.reliability.conftest import contact, look

COUNT = "{ accounts { totalCount } contacts { totalCount } }"


def keyed(key: str, name: str = "keyed") -> dict[str, Any]:
    """The input of an account with an invitation and a key."""
    return {
        "type": "INDIVIDUAL",
        "contacts": [contact(name, invited=True)],
        "idempotencyKey": key,
    }


async def hang_up(server: Server, owner: Voice, input: dict[str, Any]) -> None:
    """Sends a request and closes the connection without waiting for the answer."""
    body = json.dumps({"query": CREATE_ACCOUNT, "variables": {"input": input}}).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        f"Authorization: Bearer {owner.token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(head.encode() + body)
    await writer.drain()
    writer.close()


async def test_a_lost_answer_asked_for_again_has_one_effect(server: Server) -> None:
    owner = await server.firm("lost")
    for number in range(10):
        input = keyed(f"lost {number}", f"lost{number}")
        await hang_up(server, owner, input)
        answers = [await owner.ask(CREATE_ACCOUNT, input=input) for _ in range(2)]
        first, second = (answer.payload()["account"] for answer in answers)
        assert first == second
    counted = (await owner.ask(COUNT)).data
    assert counted == {"accounts": {"totalCount": 10}, "contacts": {"totalCount": 10}}
    assert await look(server.url, "SELECT count(*) FROM mails") == [(10,)]


async def test_ten_requests_at_once_with_one_key_make_one_account(firm: Firm) -> None:
    input = keyed("ten at once")
    answers = await asyncio.gather(
        *(firm.owner.ask(CREATE_ACCOUNT, input=input) for _ in range(10))
    )
    accounts = [answer.payload()["account"] for answer in answers]
    assert accounts == [accounts[0]] * 10
    counted = (await firm.owner.ask(COUNT)).data
    assert counted == {"accounts": {"totalCount": 1}, "contacts": {"totalCount": 1}}
    # The tries that lost took no number with them.
    assert (await firm.account())["number"] == "M-1002"


async def test_a_key_is_its_firms_own(firm: Firm) -> None:
    other = await firm.deployed.firm()
    made = [
        (await owner.ask(CREATE_ACCOUNT, input=keyed("the same"))).payload()["account"]["id"]
        for owner in (firm.owner, other.owner)
    ]
    assert made[0] != made[1]


async def test_a_refused_write_leaves_its_key_free(firm: Firm) -> None:
    refused = await firm.owner.ask(CREATE_ACCOUNT, input=keyed("free") | {"contacts": []})
    assert refused.refusals() == [("contacts", "REQUIRED")]
    (await firm.owner.ask(CREATE_ACCOUNT, input=keyed("free"))).payload()
