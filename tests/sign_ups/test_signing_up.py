"""A client signs up: the mail proves the address, and only then there is anything of a client."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from models import Account, Contact, PortalUser, SignUp
from models.enums import Locale
from tenancy.recording import BY_HAND
from tenancy.session import firm_session
from tests.deployments import PASSWORD, Answer, Deployed, Firm

EMAIL = "new@client.test"
SIGN_UP = "mutation ($input: SignUpInput!) { signUp(input: $input) { errors { path code } } }"
FINISH = """
mutation ($input: FinishSignUpInput!) {
  finishSignUp(input: $input) {
    token
    viewer {
      ... on PortalUser { email firstName locale currentAccount { id name type folders { path access } } }
    }
    errors { path code }
  }
}
"""
SWITCH = "mutation ($on: Boolean!) { updateFirm(input: {signUpEnabled: $on}) { firm { signUpUrl } errors { code } } }"
ACCOUNTS = """
{
  accounts {
    nodes {
      id number name type companyName createdVia portalStatus
      contacts { nodes { login notify sync contact { name email locale phones { number } } } }
    }
  }
  notifications { nodes { kind title body url account { id } } }
}
"""


@pytest.fixture
async def open_firm(deployed: Deployed) -> Firm:
    """A German firm that lets clients sign up."""
    firm = await deployed.firm(Locale.DE)
    (await firm.owner.ask(SWITCH, on=True)).payload()
    return firm


async def ask(firm: Firm, **given: Any) -> Answer:
    typed = {"firm": firm.slug, "firstName": "Ada", "lastName": "Weber", "email": EMAIL, **given}
    return await firm.deployed.nobody.ask(SIGN_UP, input=typed)


async def finish(firm: Firm, token: str, password: str = PASSWORD) -> Answer:
    return await firm.deployed.nobody.ask(FINISH, input={"token": token, "password": password})


async def count(firm: Firm, *tables: Any) -> list[int]:
    firm_id = (await firm.owner.ask("{ firm { id } }")).data["firm"]["id"]
    async with firm_session(firm.deployed.deployment.database, firm_id) as session:
        return [await session.scalar(select(func.count()).select_from(t)) or 0 for t in tables]


async def change(firm: Firm, statement: Any) -> None:
    firm_id = (await firm.owner.ask("{ firm { id } }")).data["firm"]["id"]
    async with firm_session(firm.deployed.deployment.database, firm_id) as session:
        await session.execute(statement, execution_options=BY_HAND)
        await session.commit()


async def test_from_signing_up_to_the_account(open_firm: Firm) -> None:
    deployed = open_firm.deployed
    (await ask(open_firm, phone="030 123456")).payload()
    assert await count(open_firm, Account, Contact, PortalUser) == [0, 0, 0]
    (letter,) = await deployed.mails_to(EMAIL)
    assert f"/p/{open_firm.slug}/sign-up/finish?token=" in letter.text
    assert "Ada" not in letter.text + letter.html
    viewer = (await finish(open_firm, letter.token)).payload()["viewer"]
    account = viewer.pop("currentAccount")
    assert viewer == {"email": EMAIL, "firstName": "Ada", "locale": "DE"}
    assert account["folders"] == [{"path": "Vom Kunden hochgeladene Dokumente", "access": "UPLOAD"}]
    seen = (await open_firm.owner.ask(ACCOUNTS)).data
    (found,) = seen["accounts"]["nodes"]
    number, id = found.pop("number"), found.pop("id")
    assert found == {
        "name": "Ada Weber",
        "type": "INDIVIDUAL",
        "companyName": None,
        "createdVia": "SIGN_UP",
        "portalStatus": "ACTIVE",
        "contacts": {
            "nodes": [
                {
                    "login": True,
                    "notify": True,
                    "sync": True,
                    "contact": {
                        "name": "Ada Weber",
                        "email": EMAIL,
                        "locale": "DE",
                        "phones": [{"number": "+4930123456"}],
                    },
                }
            ]
        },
    }
    (told,) = seen["notifications"]["nodes"]
    assert told["kind"] == "CLIENT_SIGNED_UP"
    assert told["account"] == {"id": id}
    assert told["url"].endswith(f"/accounts/{id}")
    assert number in told["body"]
    (mail,) = await deployed.mails_to(open_firm.owner_email)
    assert mail.subject == "Ada Weber hat sich registriert"
    assert told["url"] in mail.text
    await open_firm.sign_in(EMAIL)


async def test_a_company_is_named_after_itself(open_firm: Firm) -> None:
    answer = await ask(open_firm, type="COMPANY", companyName="Weber Boote GmbH", locale="EN")
    answer.payload()
    (letter,) = await open_firm.deployed.mails_to(EMAIL)
    assert "Hello," in letter.text
    account = (await finish(open_firm, letter.token)).payload()["viewer"]["currentAccount"]
    assert (account["name"], account["type"]) == ("Weber Boote GmbH", "COMPANY")


async def test_everything_there_is_to_mend_comes_at_once(open_firm: Firm) -> None:
    answer = await ask(
        open_firm,
        type="COMPANY",
        firstName=" ",
        lastName="\u202e",
        email="no address",
        phone="none",
        companyName="a/b",
    )
    assert sorted(answer.refusals()) == [
        ("companyName", "FORBIDDEN_CHARACTERS"),
        ("email", "INVALID_EMAIL"),
        ("firstName", "REQUIRED"),
        ("lastName", "FORBIDDEN_CHARACTERS"),
        ("phone", "INVALID_PHONE"),
    ]
    assert (await ask(open_firm, type="COMPANY")).refusals() == [("companyName", "REQUIRED")]
    assert (await ask(open_firm, type="OTHER")).refusals() == [("type", "INVALID")]
    assert (await ask(open_firm, companyName="Weber")).refusals() == [("companyName", "INVALID")]
    assert await count(open_firm, SignUp) == [0]


async def test_an_address_that_is_known_is_told_so_and_nothing_changes(open_firm: Firm) -> None:
    deployed = open_firm.deployed
    invited = await open_firm.account(invited=True)
    active = await open_firm.account(invited=True)
    await open_firm.client(active)
    addresses = [
        invited["contacts"]["nodes"][0]["contact"]["email"],
        active["contacts"]["nodes"][0]["contact"]["email"].upper(),
        open_firm.owner_email,
    ]
    before = await count(open_firm, Account, Contact, PortalUser, SignUp)
    unknown = await ask(open_firm, email="someone@else.test")
    for address in addresses:
        answer = await ask(open_firm, email=address)
        assert (answer.body, answer.status) == (unknown.body, unknown.status)
        # To the address as the firm has it, however it was typed.
        letter = (await deployed.mails_to(address.lower()))[-1]
        assert "schon bekannt" in letter.text
        assert "token=" not in letter.text
    assert await count(open_firm, Account, Contact, PortalUser, SignUp) == [
        *before[:3],
        before[3] + 1,
    ]


async def test_a_firm_that_lets_nobody_sign_up_is_closed_at_once(open_firm: Firm) -> None:
    deployed = open_firm.deployed
    (await ask(open_firm)).payload()
    (letter,) = await deployed.mails_to(EMAIL)
    firm = (await open_firm.owner.ask(SWITCH, on=False)).payload()["firm"]
    assert firm == {"signUpUrl": None}
    assert (await ask(open_firm)).refusals() == [("firm", "SIGN_UP_CLOSED")]
    assert (await finish(open_firm, letter.token)).refusals() == [("token", "SIGN_UP_CLOSED")]
    assert len(await deployed.mails_to(EMAIL)) == 1
    unknown = await deployed.nobody.ask(
        SIGN_UP,
        input={"firm": "no-such", "firstName": "A", "lastName": "B", "email": EMAIL},
    )
    assert unknown.refusals() == [("firm", "SIGN_UP_CLOSED")]
    (await open_firm.owner.ask(SWITCH, on=True)).payload()
    (await finish(open_firm, letter.token)).payload()


async def test_a_link_is_good_once_and_only_the_newest(open_firm: Firm) -> None:
    deployed = open_firm.deployed
    (await ask(open_firm, firstName="Eve")).payload()
    (old,) = await deployed.mails_to(EMAIL)
    for _ in range(2):
        (await ask(open_firm)).payload()
    # Of two that wait, the link of the older one is dead already.
    _, new = await deployed.mails_to(EMAIL)
    assert (await finish(open_firm, old.token)).refusals() == [("token", "TOKEN_INVALID")]
    assert (await finish(open_firm, new.token, "short")).refusals() == [
        ("password", "WEAK_PASSWORD")
    ]
    assert (await finish(open_firm, new.token, "ada weber ada weber")).refusals() == [
        ("password", "WEAK_PASSWORD")
    ]
    answers = await asyncio.gather(*(finish(open_firm, new.token) for _ in range(4)))
    assert sorted(len(answer.refusals()) for answer in answers) == [0, 1, 1, 1]
    assert await count(open_firm, Account, PortalUser) == [1, 1]
    assert (await finish(open_firm, new.token)).refusals() == [("token", "TOKEN_USED")]


async def test_a_link_ends_in_time_and_with_what_the_firm_learns_meanwhile(
    open_firm: Firm,
) -> None:
    deployed = open_firm.deployed
    (await ask(open_firm)).payload()
    (letter,) = await deployed.mails_to(EMAIL)
    past = datetime.now(UTC) - timedelta(seconds=1)
    await change(open_firm, update(SignUp).values(expires_at=past))
    assert (await finish(open_firm, letter.token)).refusals() == [("token", "TOKEN_EXPIRED")]
    await change(open_firm, update(SignUp).values(expires_at=past + timedelta(hours=1)))
    contact = {"firstName": "Ada", "email": EMAIL}
    await open_firm.account(contacts=[{"contact": {"new": contact}, "login": False}])
    assert (await finish(open_firm, letter.token)).refusals() == [("token", "TOKEN_INVALID")]
    assert await count(open_firm, PortalUser) == [0]


async def test_what_was_typed_is_deleted_when_nobody_needs_it(open_firm: Firm) -> None:
    (await ask(open_firm)).payload()
    long_ago = datetime.now(UTC) - timedelta(days=31)
    await change(open_firm, update(SignUp).values(expires_at=long_ago))
    (await ask(open_firm, email="second@client.test")).payload()
    assert await count(open_firm, SignUp) == [1]
    await change(open_firm, delete(SignUp))


async def test_an_address_is_not_flooded(open_firm: Firm) -> None:
    for _ in range(8):
        (await ask(open_firm)).payload()
        await open_firm.deployed.deliver()
    assert len(await open_firm.deployed.mails_to(EMAIL)) == 5
