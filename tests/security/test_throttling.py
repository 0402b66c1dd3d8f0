"""Trying passwords and asking for mails: growing pauses, and nobody is locked out."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update

from auth.throttle import LETTER_ADDRESS, SIGN_IN_ADDRESS, SIGN_IN_NETWORK
from models import Throttle
from tests.deployments import BASE_URL, PASSWORD, Deployed, Firm, running
from tests.security.conftest import (
    ASK_FOR_LINK,
    behind_its_back,
    long_ago,
    post,
    sign_in,
)

WRONG = "not the lanterns of the garden"


def code_of(answer: Any) -> str:
    body = answer.json()
    if "errors" in body:
        return body["errors"][0]["extensions"]["code"]
    (payload,) = body["data"].values()
    return payload["errors"][0]["code"] if payload["errors"] else "OK"


def from_network(deployed: Deployed, host: str) -> httpx2.AsyncClient:
    """A client at another network address."""
    transport = httpx2.ASGITransport(deployed.app, client=(host, 1))
    return httpx2.AsyncClient(transport=transport, base_url=BASE_URL)


async def end_pauses(deployed: Deployed) -> None:
    """As if every pause that lasts now were over."""
    await behind_its_back(
        deployed, None, update(Throttle).values(blocked_until=long_ago(seconds=1))
    )


async def test_after_some_failures_every_further_one_costs_a_longer_pause(firm: Firm) -> None:
    deployed, waited = firm.deployed, []
    for _ in range(SIGN_IN_ADDRESS.free):
        answer = await sign_in(deployed, firm.slug, firm.owner_email, WRONG)
        assert code_of(answer) == "INVALID_CREDENTIALS"
    for _ in range(8):
        answer = await sign_in(deployed, firm.slug, firm.owner_email, WRONG)
        assert code_of(answer) == "RATE_LIMITED"
        waited.append(answer.json()["errors"][0]["extensions"]["retryAfter"])
        assert answer.headers["retry-after"] == str(waited[-1])
        await end_pauses(deployed)
        answer = await sign_in(deployed, firm.slug, firm.owner_email, WRONG)
        assert code_of(answer) == "INVALID_CREDENTIALS"
    assert waited == sorted(waited) and waited[-1] >= 32 * waited[0] > 0


async def test_the_right_password_works_after_the_pause_and_ends_the_count(firm: Firm) -> None:
    deployed = firm.deployed
    for _ in range(40):
        await end_pauses(deployed)
        await sign_in(deployed, firm.slug, firm.owner_email, WRONG)
    # While the pause lasts not even the right one is looked at: else guessing would go on.
    assert code_of(await sign_in(deployed, firm.slug, firm.owner_email)) == "RATE_LIMITED"
    await end_pauses(deployed)
    assert code_of(await sign_in(deployed, firm.slug, firm.owner_email)) == "OK"
    for _ in range(SIGN_IN_ADDRESS.free - 1):
        answer = await sign_in(deployed, firm.slug, firm.owner_email, WRONG)
        assert code_of(answer) == "INVALID_CREDENTIALS"


def test_no_pause_is_longer_than_a_quarter_of_an_hour() -> None:
    for limit in (SIGN_IN_ADDRESS, SIGN_IN_NETWORK):
        longest = limit.pause(10**6)
        assert longest is not None and longest.total_seconds() <= 900


async def test_somebody_elses_failures_do_not_slow_another_address_down(firm: Firm) -> None:
    for _ in range(SIGN_IN_ADDRESS.free + 2):
        await sign_in(firm.deployed, firm.slug, "other@client.test", WRONG)
    assert code_of(await sign_in(firm.deployed, firm.slug, firm.owner_email)) == "OK"


async def test_a_network_that_tries_many_addresses_has_to_wait_and_others_do_not(
    firm: Firm,
) -> None:
    deployed = firm.deployed
    first = await deployed.http.get("/healthz")
    assert first.status_code == 200
    codes: list[str] = []
    for number in range(SIGN_IN_NETWORK.free + 2):
        # X-Forwarded-For is anybody's to write.
        answer = await sign_in(
            deployed, "no-firm", f"a{number}@c.test", "x", X_Forwarded_For=f"198.51.100.{number}"
        )
        codes.append(code_of(answer))
    assert codes[-1] == "RATE_LIMITED"
    async with from_network(deployed, "198.51.100.99") as http:
        given = {"firm": firm.slug, "email": firm.owner_email, "password": PASSWORD}
        document = "mutation ($i: SignInInput!) { signIn(input: $i) { errors { code } } }"
        answer = await http.post("/graphql", json={"query": document, "variables": {"i": given}})
        assert code_of(answer) == "OK"


async def test_every_attempt_in_one_document_counts(firm: Firm) -> None:
    one = (
        f'signIn(input: {{ firm: "{firm.slug}", email: "{firm.owner_email}", password: "x" }})'
        " { errors { code } }"
    )
    aliases = " ".join(f"a{number}: {one}" for number in range(9))
    answer = await post(
        firm.deployed, f"mutation {{ {aliases} ...F }} fragment F on Mutation {{ b: {one} }}"
    )
    body = answer.json()
    assert "RATE_LIMITED" in {error["extensions"]["code"] for error in body["errors"]}
    assert code_of(await sign_in(firm.deployed, firm.slug, firm.owner_email)) == "RATE_LIMITED"
    eleven = " ".join(f"a{number}: {one}" for number in range(11))
    refused = await post(firm.deployed, f"mutation {{ {eleven} }}")
    assert refused.json()["errors"][0]["extensions"]["code"] == "TOO_COMPLEX"


async def test_attempts_at_the_same_moment_are_all_counted(firm: Firm) -> None:
    answers = await asyncio.gather(
        *(sign_in(firm.deployed, firm.slug, firm.owner_email, WRONG) for _ in range(24))
    )
    codes = [code_of(answer) for answer in answers]
    assert codes.count("INVALID_CREDENTIALS") <= SIGN_IN_ADDRESS.free
    assert set(codes) == {"INVALID_CREDENTIALS", "RATE_LIMITED"}


@pytest.mark.parametrize(
    "spelling",
    [str.upper, str.title, lambda text: f"  {text} ", lambda text: text.replace("o", "ｏ", 1)],
)
async def test_another_spelling_of_an_address_is_the_same_address(
    firm: Firm, spelling: Any
) -> None:
    for number in range(SIGN_IN_ADDRESS.free):
        address = spelling(firm.owner_email) if number % 2 else firm.owner_email
        slug = firm.slug.upper() if number == 0 else firm.slug
        await sign_in(firm.deployed, slug, address, WRONG)
    assert code_of(await sign_in(firm.deployed, firm.slug, firm.owner_email)) == "RATE_LIMITED"


async def test_a_second_process_and_a_restart_forget_nothing(firm: Firm, tmp_path: Path) -> None:
    # Often enough for a pause that lasts longer than a process takes to start.
    for _ in range(SIGN_IN_ADDRESS.free + 5):
        await end_pauses(firm.deployed)
        await sign_in(firm.deployed, firm.slug, firm.owner_email, WRONG)
    async with running(firm.deployed.settings.database_url, tmp_path) as second:
        assert code_of(await sign_in(second, firm.slug, firm.owner_email)) == "RATE_LIMITED"
        await end_pauses(second)
        assert code_of(await sign_in(second, firm.slug, firm.owner_email)) == "OK"


async def test_nothing_of_whom_it_is_about_stands_in_the_table(firm: Firm) -> None:
    await sign_in(firm.deployed, firm.slug, "somebody@client.test", WRONG)
    keys = await behind_its_back(firm.deployed, None, select(Throttle.key))
    assert keys and all(len(key) == 64 and "@" not in key for key in keys)


async def test_a_thousand_requests_for_a_link_are_a_handful_of_mails(firm: Firm) -> None:
    given = {"firm": firm.slug, "email": firm.owner_email}
    one = "requestPasswordReset(input: $i) { errors { code } }"
    ten = " ".join(f"a{number}: {one}" for number in range(10))
    for _ in range(100):
        await post(
            firm.deployed, f"mutation ($i: RequestPasswordResetInput!) {{ {ten} }}", {"i": given}
        )
    letters = await firm.deployed.mails_to(firm.owner_email)
    assert 1 <= len(letters) <= LETTER_ADDRESS.free
    # From another network the address has its pause all the same, and nobody is told.
    async with from_network(firm.deployed, "198.51.100.4") as http:
        answer = await http.post(
            "/graphql", json={"query": ASK_FOR_LINK, "variables": {"input": given}}
        )
    assert code_of(answer) == "OK"
    assert len(await firm.deployed.mails_to(firm.owner_email)) == len(letters)


async def test_a_current_password_cannot_be_guessed_through_the_change(firm: Firm) -> None:
    change = (
        "mutation ($p: String!) { changePassword(input: { currentPassword: $p,"
        ' newPassword: "another garden of lanterns" }) { errors { code } } }'
    )
    answers = [await firm.owner.ask(change, p=WRONG) for _ in range(SIGN_IN_ADDRESS.free + 1)]
    assert answers[-1].codes == ["RATE_LIMITED"]
