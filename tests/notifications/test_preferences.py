"""What a member is told of is the member's own choice: by kind, in the inbox and by mail."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from models.enums import NotificationKind, Role
from tests.deployments import Deployed, Firm, Voice
from tests.members.conftest import DEACTIVATE, id_of, joined
from tests.notifications.conftest import mails

INBOX = "{ notifications { totalCount nodes { kind } } }"
PREFERENCES = "{ notificationPreferences { kind inbox email } }"
UPDATE = """
mutation ($input: UpdateNotificationPreferencesInput!) {
  updateNotificationPreferences(input: $input) {
    preferences { kind inbox email } errors { path code message }
  }
}
"""
ME = "{ viewer { ... on Member { id email } } }"
MAILED = {"CLIENT_ACTIVATED", "CLIENT_SIGNED_UP"}
USUAL = [(kind, True, kind in MAILED) for kind in NotificationKind]


def shown(preferences: list[dict[str, Any]]) -> list[tuple[str, bool, bool]]:
    return [(each["kind"], each["inbox"], each["email"]) for each in preferences]


async def read(voice: Voice) -> list[tuple[str, bool, bool]]:
    return shown((await voice.ask(PREFERENCES)).data["notificationPreferences"])


async def change(voice: Voice, **kinds: dict[str, bool | None]) -> list[tuple[str, bool, bool]]:
    given = [{"kind": kind, **wish} for kind, wish in kinds.items()]
    answer = await voice.ask(UPDATE, input={"preferences": given})
    return shown(answer.payload()["preferences"])


async def told(firm: Firm, voice: Voice, address: str) -> tuple[int, int]:
    """How many notifications the member has in the inbox, and how many mails."""
    inbox = (await voice.ask(INBOX)).data["notifications"]["totalCount"]
    return inbox, len(await firm.deployed.mails_to(address))


async def test_who_says_nothing_is_told_as_ever(firm: Firm) -> None:
    assert await read(firm.owner) == await read(await firm.member()) == USUAL
    assert await change(firm.owner) == USUAL


async def test_what_is_said_stays_and_null_makes_it_usual_again(firm: Firm) -> None:
    member = await firm.member()
    changed = await change(
        firm.owner,
        CLIENT_ACTIVATED={"inbox": False},
        INVITATION_BOUNCED={"email": True, "inbox": True},
    )
    wanted = {kind: (inbox, email) for kind, inbox, email in USUAL}
    wanted["CLIENT_ACTIVATED"], wanted["INVITATION_BOUNCED"] = (False, True), (True, True)
    assert changed == [(kind, *wish) for kind, wish in wanted.items()] == await read(firm.owner)
    await change(firm.owner, CLIENT_ACTIVATED={"email": False})
    assert (await read(firm.owner))[0] == ("CLIENT_ACTIVATED", False, False)
    assert await read(member) == USUAL
    every = {kind: {"inbox": None, "email": None} for kind in NotificationKind}
    assert await change(firm.owner, **every) == USUAL == await read(firm.owner)


async def test_a_kind_is_given_once(firm: Firm) -> None:
    wish = {"kind": "CLIENT_ACTIVATED", "inbox": False}
    answer = await firm.owner.ask(UPDATE, input={"preferences": [wish, wish]})
    assert answer.refusals() == [("preferences.1.kind", "CONFLICT")]
    assert await read(firm.owner) == USUAL


async def test_preferences_are_for_members(firm: Firm) -> None:
    client = await firm.client(await firm.account(invited=True))
    for voice, code in ((client, "FORBIDDEN"), (firm.deployed.nobody, "UNAUTHENTICATED")):
        assert (await voice.ask(PREFERENCES)).codes == [code]
        assert (await voice.ask(UPDATE, input={"preferences": []})).codes == [code]


async def test_those_who_change_at_once_lose_nothing(firm: Firm) -> None:
    wishes = [{"inbox": False}, {"email": False}, {"inbox": False, "email": False}]
    await asyncio.gather(*(change(firm.owner, CLIENT_ACTIVATED=wish) for wish in wishes * 2))
    assert (await read(firm.owner))[0] == ("CLIENT_ACTIVATED", False, False)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({}, (1, 1)),
        ({"inbox": False}, (0, 1)),
        ({"email": False}, (1, 0)),
        ({"inbox": False, "email": False}, (0, 0)),
    ],
)
async def test_each_way_is_switched_by_itself(
    firm: Firm, wish: dict[str, bool | None], expected: tuple[int, int]
) -> None:
    await change(firm.owner, CLIENT_ACTIVATED=wish, CLIENT_SIGNED_UP={"inbox": False})
    other = await firm.member(role=Role.OWNER)
    address = (await other.ask(ME)).data["viewer"]["email"]
    await firm.client(await firm.account(invited=True))
    assert await told(firm, firm.owner, firm.owner_email) == expected
    assert await told(firm, other, address) == (1, 1)


async def test_an_assignee_who_wants_no_mails_makes_no_work_for_the_owners(firm: Firm) -> None:
    assignee = await firm.member()
    me = (await assignee.ask(ME)).data["viewer"]
    await change(assignee, CLIENT_ACTIVATED={"email": False})
    await firm.client(await firm.account(invited=True, assigneeIds=[me["id"]]))
    assert await told(firm, assignee, me["email"]) == (1, 0)
    assert await told(firm, firm.owner, firm.owner_email) == (1, 0)


async def test_a_mail_that_came_back_is_mailed_to_who_asks_for_it(refused: Deployed) -> None:
    firm = await refused.firm()
    quiet = await firm.member(role=Role.OWNER)
    await change(firm.owner, INVITATION_BOUNCED={"email": True})
    await change(quiet, INVITATION_BOUNCED={"inbox": False})
    await firm.account(invited=True)
    await refused.deliver()
    assert (await quiet.ask(INBOX)).data["notifications"]["totalCount"] == 0
    inbox = (await firm.owner.ask(INBOX)).data["notifications"]
    # The mail to the owner comes back as well, and nobody is told of that.
    assert [told["kind"] for told in inbox["nodes"]] == ["INVITATION_BOUNCED"]
    assert await mails(firm) == [(firm.owner_email, "NOTIFICATION")]


async def test_who_comes_and_goes_is_mailed_to_who_asks_for_it(firm: Firm) -> None:
    wish = {"inbox": False, "email": True}
    assert await told(firm, firm.owner, firm.owner_email) == (0, 0)
    await change(firm.owner, MEMBER_JOINED=wish, MEMBER_DEACTIVATED={"email": True})
    nele = await joined(firm, Role.EMPLOYEE, address="nele@work.test")
    assert await told(firm, firm.owner, firm.owner_email) == (0, 1)
    (await firm.owner.ask(DEACTIVATE, id=await id_of(nele))).payload()
    assert await told(firm, firm.owner, firm.owner_email) == (1, 2)
    came, left = await firm.deployed.mails_to(firm.owner_email)
    assert (came.subject, left.subject) == ("Nele Neu has joined", "Nele Neu was deactivated")
    for letter in (came, left):
        # It happened in no account.
        assert "/accounts/" not in letter.text


async def test_a_client_of_many_accounts_is_told_of_in_as_many_statements_as_of_one(
    firm: Firm,
) -> None:
    numbers: list[int] = []
    for count in (1, 5):
        email = f"many{count}@c.test"
        new = {"contact": {"new": {"lastName": "Many", "email": email}}, "login": True}
        made = [await firm.account(contacts=[{**new, "invite": {}}]) for _ in range(count)]
        await firm.deployed.deliver()
        with firm.deployed.statements() as statements:
            client = {"contacts": {"nodes": [{"contact": {"email": email}}]}}
            await firm.client(client)
        numbers.append(len(statements))
        assert len(await firm.deployed.mails_to(firm.owner_email)) >= len(made)
    assert numbers[1] <= numbers[0] + 1, numbers
