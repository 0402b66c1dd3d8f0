"""Members are invited by mail, and choose a password by its link."""

from __future__ import annotations

import asyncio

import pytest

from models.enums import Locale, Permission, Role
from tests.deployments import ACTIVATE, PASSWORD, SIGN_IN, Deployed, Firm, Voice
from tests.members.conftest import (
    DEACTIVATE,
    INBOX,
    ME,
    MEMBERS,
    id_of,
    invite,
    joined,
    newest_link,
)

ACTIVATION = """
query ($token: String!) {
  activation(token: $token) { status email firstName accountName firm { slug } expiresAt }
}
"""
REQUEST = """
mutation ($input: RequestNewInvitationInput!) {
  requestNewInvitation(input: $input) { errors { path code } }
}
"""


async def test_an_invited_member_chooses_a_password_and_is_in(firm: Firm) -> None:
    member = (await invite(firm.owner)).payload()["member"]
    assert {key: member[key] for key in ("email", "role", "permissions", "status", "locale")} == {
        "email": "Nele@work.test",
        "role": "EMPLOYEE",
        "permissions": ["VIEW_ALL_ACCOUNTS"],
        "status": "INVITED",
        "locale": "EN",
    }
    (letter,) = await firm.deployed.mails_to("Nele@work.test")
    assert letter.subject == f"Olivia Boss invites you to Firm {firm.slug}"
    assert "Hello Nele," in letter.text and f"/p/{firm.slug}/join?token=" in letter.text
    ask = firm.deployed.nobody.ask
    for _ in range(3):
        looked = (await ask(ACTIVATION, token=letter.token)).data["activation"]
        assert looked.pop("expiresAt")
        assert looked == {
            "status": "VALID",
            "email": "Nele@work.test",
            "firstName": "Nele",
            "accountName": None,
            "firm": {"slug": firm.slug},
        }
    answer = await ask(ACTIVATE, input={"token": letter.token, "password": PASSWORD})
    assert answer.payload()["viewer"] == {"__typename": "Member"}
    nele = Voice(firm.deployed, answer.payload()["token"])
    assert (await nele.ask(ME)).data["viewer"]["status"] == "ACTIVE"
    assert await firm.sign_in("nele@work.test")
    used = (await ask(ACTIVATION, token=letter.token)).data["activation"]
    assert (used["status"], used["email"]) == ("USED", None)
    again = await ask(ACTIVATE, input={"token": letter.token, "password": "another garden of x"})
    assert again.refusals() == [("token", "TOKEN_USED")]


async def test_the_owners_and_whoever_invited_are_told(firm: Firm) -> None:
    admin = await firm.member(role=Role.ADMIN)
    bystander = await firm.member(Permission.MANAGE_MEMBERS)
    (await invite(admin)).payload()
    token = await newest_link(firm)
    given = {"token": token, "password": PASSWORD}
    (await firm.deployed.nobody.ask(ACTIVATE, input=given)).payload()
    for voice in (firm.owner, admin):
        (told,) = (await voice.ask(INBOX)).data["notifications"]["nodes"]
        assert (told["kind"], told["title"]) == ("MEMBER_JOINED", "Nele Neu has joined")
        assert "Nele@work.test" in told["body"]
        assert (told["account"], told["url"]) == (None, None)
    assert (await bystander.ask(INBOX)).data["notifications"]["nodes"] == []


async def test_the_letter_is_in_the_members_language(firm: Firm) -> None:
    (await invite(firm.owner, locale="DE")).payload()
    (letter,) = await firm.deployed.mails_to("Nele@work.test")
    assert letter.subject == f"Olivia Boss lädt Sie zu Firm {firm.slug} ein"
    german = await firm.deployed.firm(Locale.DE)
    member = (await invite(german.owner)).payload()["member"]
    assert member["locale"] == "DE"


async def test_inviting_again_sends_another_link_and_kills_the_older_one(firm: Firm) -> None:
    first = (await invite(firm.owner)).payload()["member"]
    old = await newest_link(firm)
    again = await invite(
        firm.owner, email="nele@work.TEST", lastName="Neumann", role="ADMIN", locale="DE"
    )
    second = again.payload()["member"]
    assert first["id"] == second["id"]
    assert (second["lastName"], second["role"], second["status"]) == ("Neumann", "ADMIN", "INVITED")
    assert set(second["permissions"]) == {each.value for each in Permission}
    ask = firm.deployed.nobody.ask
    assert (await ask(ACTIVATION, token=old)).data["activation"]["status"] == "REVOKED"
    refused = await ask(ACTIVATE, input={"token": old, "password": PASSWORD})
    assert refused.refusals() == [("token", "TOKEN_INVALID")]
    # Whoever holds the old one has another one sent.
    assert (await ask(REQUEST, input={"token": old})).payload()
    token = await newest_link(firm)
    assert (await ask(ACTIVATE, input={"token": token, "password": PASSWORD})).payload()
    assert (await ask(REQUEST, input={"token": old})).refusals() == [("token", "TOKEN_USED")]


async def test_a_mail_that_waits_with_an_older_link_is_not_sent(firm: Firm) -> None:
    (await invite(firm.owner)).payload()
    old = await newest_link(firm)
    (await invite(firm.owner)).payload()
    (await invite(firm.owner, email="other@work.test")).payload()
    ask = firm.deployed.nobody.ask
    for _ in range(2):
        (await ask(REQUEST, input={"token": old})).payload()
    assert len(await firm.deployed.mails_to("other@work.test")) == 1
    first, newest = await firm.deployed.mails_to("Nele@work.test")
    assert first.token == old
    answer = await ask(ACTIVATE, input={"token": newest.token, "password": PASSWORD})
    assert answer.payload()


async def test_the_mail_of_a_link_that_died_with_the_member_is_not_sent(firm: Firm) -> None:
    member = (await invite(firm.owner)).payload()["member"]
    (await invite(firm.owner, email="other@work.test")).payload()
    (await firm.owner.ask(DEACTIVATE, id=member["id"])).payload()
    assert [letter.to for letter in await firm.deployed.mails()] == ["other@work.test"]


async def test_one_who_works_here_already_is_not_invited(firm: Firm) -> None:
    answer = await invite(firm.owner, email=firm.owner_email.upper())
    assert answer.refusals() == [("email", "ALREADY_ACTIVE")]
    assert await firm.deployed.mails() == []


async def test_one_who_was_deactivated_is_brought_back_with_a_new_password(firm: Firm) -> None:
    nele = await joined(firm, Role.ADMIN, address="Nele@work.test")
    id = await id_of(nele)
    (await firm.owner.ask(DEACTIVATE, id=id)).payload()
    old = await newest_link(firm)
    ask = firm.deployed.nobody.ask
    assert (await ask(ACTIVATION, token=old)).data["activation"]["status"] == "REVOKED"
    assert (await ask(REQUEST, input={"token": old})).refusals() == [("token", "TOKEN_INVALID")]
    member = (await invite(firm.owner, permissions=["MANAGE_TAGS"])).payload()["member"]
    assert (member["id"], member["status"], member["role"]) == (id, "INVITED", "EMPLOYEE")
    assert (await nele.ask(ME)).data["viewer"] is None
    given = {"firm": firm.slug, "email": "nele@work.test", "password": PASSWORD}
    assert (await ask(SIGN_IN, input=given)).refusals() == [("password", "INVALID_CREDENTIALS")]
    fresh = {"token": await newest_link(firm), "password": "a third garden of lanterns"}
    assert (await ask(ACTIVATE, input=fresh)).payload()
    assert (await ask(SIGN_IN, input=given)).refusals() == [("password", "INVALID_CREDENTIALS")]
    assert await firm.sign_in("nele@work.test", "a third garden of lanterns")


async def test_everything_that_is_wrong_is_told_at_once_and_nothing_is_written(firm: Firm) -> None:
    before = (await firm.owner.ask(MEMBERS)).data
    answer = await invite(
        firm.owner,
        email="nele@",
        firstName=" ",
        lastName="x" * 201,
        role="ADMIN",
        permissions=["MANAGE_TAGS"],
    )
    assert sorted(answer.refusals()) == [
        ("email", "INVALID_EMAIL"),
        ("firstName", "REQUIRED"),
        ("lastName", "TOO_LONG"),
        ("permissions", "CONFLICT"),
    ]
    assert (await invite(firm.owner, email="")).refusals() == [("email", "REQUIRED")]
    assert (await firm.owner.ask(MEMBERS)).data == before
    assert await firm.deployed.mails() == []


async def test_of_many_who_invite_one_at_once_there_is_one_member(firm: Firm) -> None:
    answers = await asyncio.gather(*[invite(firm.owner) for _ in range(6)])
    assert len({answer.payload()["member"]["id"] for answer in answers}) == 1
    members = (await firm.owner.ask(MEMBERS)).data["members"]
    assert [each["status"] for each in members].count("INVITED") == 1
    (letter,) = await firm.deployed.mails_to("Nele@work.test")
    looked = await firm.deployed.nobody.ask(ACTIVATION, token=letter.token)
    assert looked.data["activation"]["status"] == "VALID"


async def test_nobody_is_written_to_without_end(firm: Firm) -> None:
    for _ in range(10):
        (await invite(firm.owner)).payload()
        await firm.deployed.deliver()
    assert (await invite(firm.owner)).refusals() == [("email", "LIMIT_REACHED")]
    assert len(await firm.deployed.mails_to("Nele@work.test")) == 10


@pytest.mark.parametrize("role", [Role.ADMIN, Role.EMPLOYEE])
async def test_members_are_invited_by_those_who_manage_them(firm: Firm, role: Role) -> None:
    others = [each for each in Permission if each is not Permission.MANAGE_MEMBERS]
    assert (await invite(await firm.member(*others))).codes == ["FORBIDDEN"]
    voice = await firm.member(Permission.MANAGE_MEMBERS, role=role)
    (await invite(voice, permissions=[])).payload()
    assert (await invite(firm.deployed.nobody)).codes == ["UNAUTHENTICATED"]


async def test_the_same_person_works_at_two_firms_and_is_a_client_of_one(
    deployed: Deployed,
) -> None:
    one, two = await deployed.firm(), await deployed.firm()
    contact = {"firstName": "Nele", "email": "nele@work.test"}
    account = await one.account(
        contacts=[{"contact": {"new": contact}, "login": True, "invite": {}}]
    )
    await one.client(account)
    for firm in (one, two):
        nele = await joined(firm, Role.ADMIN, address="nele@work.test")
        members = (await nele.ask(MEMBERS)).data["members"]
        assert len(members) == 2
