"""Who came in, who tried to, and who went."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from auth import throttle
from tests.audit.conftest import Told, events
from tests.deployments import SIGN_IN, Answer, Deployed, Firm

REFUSED = {"filter": {"actions": ["session.refused"]}}
SIGN_OUT = "mutation { signOut { errors { code } } }"
CHANGE = """
mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { errors { code } } }
"""


async def try_in(firm: Firm, email: str, *, at: str | None = None) -> Answer:
    given = {"firm": at or firm.slug, "email": email, "password": "not a password of theirs"}
    return await firm.deployed.nobody.ask(SIGN_IN, input=given)


async def test_signing_in_and_out_is_told_of_the_person(firm: Firm, told: Told) -> None:
    voice = await firm.sign_in(firm.owner_email)
    await voice.ask(SIGN_OUT)
    started, ended = await told(sign_ins=True)
    assert (started["action"], ended["action"]) == ("session.started", "session.ended")
    for event in (started, ended):
        assert event["actor"] == event["subject"] | {"email": firm.owner_email}
    assert started["changes"]["id"] == ended["changes"]["id"][::-1]


async def test_a_failed_sign_in_tells_whom_it_was_tried_as(firm: Firm) -> None:
    assert (await try_in(firm, firm.owner_email.upper())).refusals()
    (event,) = await events(firm.owner, **REFUSED)
    assert event["actor"] is None
    assert event["subject"]["__typename"] == "Member"
    assert event["ipAddress"] == "203.0.113.7"
    assert event["changes"] == {"email": [None, firm.owner_email]}


@pytest.mark.parametrize(
    ("typed", "told_as"),
    [
        ("Nobody@Here.test", "nobody@here.test"),
        ("no address at all", "no address at all"),
        ("A" * 5000, "a" * 254),
        ("a\x00b", "a\ufffdb"),
        ("", ""),
    ],
)
async def test_an_address_that_nobody_has_is_told_as_it_was_typed(
    firm: Firm, typed: str, told_as: str
) -> None:
    assert (await try_in(firm, typed)).refusals()
    (event,) = await events(firm.owner, **REFUSED)
    assert (event["actor"], event["subject"], event["subjectId"]) == (None, None, None)
    assert event["changes"] == {"email": [None, told_as]}


async def test_a_firm_that_there_is_not_tells_nobody(deployed: Deployed, firm: Firm) -> None:
    assert (await try_in(firm, firm.owner_email, at="nowhere")).refusals()
    assert await events(firm.owner, **REFUSED) == []


async def test_a_flood_does_not_fill_the_table_and_hides_nobody_who_is_known(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = throttle.Limit("few", 3, timedelta(minutes=1), timedelta(minutes=1), timedelta(hours=1))
    monkeypatch.setattr(throttle, "REFUSED_SIGN_INS", few)
    for number in range(8):
        assert (await try_in(firm, f"nobody{number}@here.test")).refusals()
    assert len(await events(firm.owner, **REFUSED)) == 3
    assert (await try_in(firm, firm.owner_email)).refusals()
    assert (await events(firm.owner, **REFUSED))[0]["subject"] is not None


async def test_tries_that_are_not_let_through_are_not_told(firm: Firm) -> None:
    free = throttle.SIGN_IN_ADDRESS.free
    answers = [await try_in(firm, firm.owner_email) for _ in range(free + 3)]
    assert answers[-1].codes == ["RATE_LIMITED"]
    let_through = [answer for answer in answers if "errors" not in answer.body]
    assert len(await events(firm.owner, **REFUSED)) == len(let_through)


async def test_many_failures_at_once_are_all_told(firm: Firm) -> None:
    await asyncio.gather(*(try_in(firm, f"nobody{number}@here.test") for number in range(6)))
    assert len(await events(firm.owner, **REFUSED)) == 6


async def test_a_new_password_is_told_and_the_sessions_that_it_ends(firm: Firm, told: Told) -> None:
    await firm.sign_in(firm.owner_email)
    await told(sign_ins=True)
    given = {
        "currentPassword": "a garden full of lanterns",
        "newPassword": "another garden of lanterns",
    }
    (await firm.owner.ask(CHANGE, input=given)).payload()
    got = {event["action"]: event for event in await told(sign_ins=True)}
    assert set(got) == {"member.passwordChanged", "session.ended"}
    assert got["member.passwordChanged"]["changes"] is None
