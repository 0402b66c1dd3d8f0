"""A flood of sign-ins: everybody is answered, nothing stalls, and others get in meanwhile."""

from __future__ import annotations

import asyncio

import httpx2
import pytest

from tests.deployments import BASE_URL, PASSWORD, SIGN_IN, Firm

FLOOD = 200


@pytest.mark.full_strength
async def test_a_flood_of_wrong_sign_ins_stalls_nobody(firm: Firm) -> None:
    http = firm.deployed.http

    async def guess(number: int) -> httpx2.Response:
        given = {"firm": firm.slug, "email": f"guess{number}@c.test", "password": "x" * 20}
        return await http.post("/graphql", json={"query": SIGN_IN, "variables": {"input": given}})

    flood = [asyncio.create_task(guess(number)) for number in range(FLOOD)]
    answered_meanwhile = 0
    while not all(task.done() for task in flood):
        assert (await http.get("/healthz")).status_code == 200
        answered_meanwhile += 1
        # In process nothing waits for a socket: the others have to be let in.
        await asyncio.sleep(0)
    assert answered_meanwhile > 10

    for answer in await asyncio.gather(*flood):
        if answer.status_code == 429:
            assert int(answer.headers["retry-after"]) >= 1
            assert answer.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
        else:
            assert answer.status_code == 200
            assert answer.json()["data"]["signIn"]["errors"][0]["code"] == "INVALID_CREDENTIALS"
    assert sum(answer.result().status_code == 429 for answer in flood) >= FLOOD - 101

    transport = httpx2.ASGITransport(firm.deployed.app, client=("198.51.100.1", 4711))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE_URL) as elsewhere:
        given = {"firm": firm.slug, "email": firm.owner_email, "password": PASSWORD}
        answer = await elsewhere.post(
            "/graphql", json={"query": SIGN_IN, "variables": {"input": given}}
        )
    assert answer.json()["data"]["signIn"]["token"]
