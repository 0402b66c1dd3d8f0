"""Writing to the contacts of an account: who is reached, in which words, and who is not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from auth.throttle import NOTICE_ACCOUNT
from models.enums import Locale, Permission
from tests.deployments import Answer, Deployed, Firm, Voice
from tests.documents import ARCHIVE_ACCOUNTS, UPDATE_CONTACT

NOTIFY = """
mutation ($input: NotifyAccountInput!) {
  notifyAccount(input: $input) { count errors { path code message } }
}
"""
LANGUAGE = "mutation ($locale: Locale!) { changeLanguage(locale: $locale) { errors { code } } }"


def person(name: str | None, email: str | None, **entry: Any) -> dict[str, Any]:
    """A contact on its way into an account."""
    locale = entry.pop("locale", None)
    new = {"firstName": name, "lastName": "Weber", "email": email, "locale": locale}
    return {"contact": {"new": new}, **entry}


async def account_of(firm: Firm, *contacts: dict[str, Any]) -> dict[str, Any]:
    return await firm.account(name="Weber & Söhne", contacts=list(contacts))


async def notify(voice: Voice, account: dict[str, Any], **given: Any) -> Answer:
    typed = {"accountId": account["id"], "subject": "Bescheid", "body": "Er ist da.", **given}
    return await voice.ask(NOTIFY, input=typed)


async def test_it_reaches_those_with_notify_and_an_address_each_in_their_language(
    deployed: Deployed,
) -> None:
    firm = await deployed.firm(Locale.DE)
    account = await account_of(
        firm,
        person("Eva", "eva@c.test", login=True),
        person("Jan", "jan@c.test", locale="EN"),
        person("Off", "off@c.test", notify=False, login=True),
        person("Paper", None),
    )
    elsewhere = await account_of(firm, person("Else", "else@c.test"))
    assert (await notify(firm.owner, account, body="Eins\r\n\nZwei")).payload()["count"] == 2
    letters = {letter.to: letter for letter in await deployed.mails()}
    assert set(letters) == {"eva@c.test", "jan@c.test"}
    eva, jan = letters["eva@c.test"], letters["jan@c.test"]
    assert eva.subject == jan.subject == "Bescheid"
    assert eva.text.startswith("Guten Tag Eva,\r\n") and jan.text.startswith("Hello Jan,\r\n")
    for letter in (eva, jan):
        assert "> Eins\r\n> \r\n> Zwei\r\n" in letter.text
        assert f"Firm {firm.slug}" in letter.text and "Weber & Söhne" in letter.text
    # The way to the portal is for whom it opens the account.
    page = f"{deployed.settings.base_url}/p/{firm.slug}/accounts/{account['id']}"
    assert page in eva.text and f'href="{page}"' in eva.html
    assert "http" not in jan.text and "token" not in eva.text + jan.text
    assert elsewhere["id"] not in eva.text


async def test_a_couple_that_shares_an_address_gets_one_mail_that_greets_both(firm: Firm) -> None:
    account = await account_of(
        firm,
        person("Eva", "Weber@C.test"),
        person("Jan", "weber@c.test", login=True),
        person(None, "WEBER@c.test", locale="DE"),
        person("Alone", "alone@c.test"),
        person("Mute", "weber@c.test", notify=False, locale="EN"),
    )
    assert (await notify(firm.owner, account)).payload()["count"] == 4
    letters = await firm.deployed.mails()
    shared, alone = sorted(letters, key=lambda letter: letter.to == "alone@c.test")
    assert len(letters) == 2
    # One of them has said a language, and one of them has LOGIN.
    assert shared.to == "Weber@c.test"
    assert shared.text.startswith("Guten Tag Eva, Jan und Weber,\r\n")
    assert f"/accounts/{account['id']}" in shared.text
    assert alone.text.startswith("Hello Alone,\r\n")


async def test_the_language_that_a_client_chose_in_the_portal_is_the_one(firm: Firm) -> None:
    account = await firm.account(invited=True)
    contact = account["contacts"]["nodes"][0]["contact"]
    (await firm.owner.ask(UPDATE_CONTACT, input={"id": contact["id"], "locale": "EN"})).payload()
    client = await firm.client(account)
    (await client.ask(LANGUAGE, locale="DE")).payload()
    await notify(firm.owner, account)
    assert (await firm.deployed.mails_to(contact["email"]))[-1].text.startswith("Guten Tag Kim,")
    # It is the same client who is led to the account.
    seen = await client.ask("query ($id: ID!) { portalAccount(id: $id) { id } }", id=account["id"])
    assert seen.data["portalAccount"] == {"id": account["id"]}


async def test_what_cannot_be_sent_is_refused_all_at_once(deployed: Deployed) -> None:
    firm, other = await deployed.firm(), await deployed.firm()
    account, theirs = await firm.account(), await other.account()
    for given, refusals in (
        ({"subject": " ", "body": "\n\t"}, [("subject", "REQUIRED"), ("body", "REQUIRED")]),
        (
            {"subject": "x" * 151, "body": "x" * 10_001},
            [("subject", "TOO_LONG"), ("body", "TOO_LONG")],
        ),
        ({"subject": "a\r\nBcc: b@c.test"}, [("subject", "FORBIDDEN_CHARACTERS")]),
        (
            {"subject": "a\u202eb", "body": "a\x00b"},
            [("subject", "FORBIDDEN_CHARACTERS"), ("body", "FORBIDDEN_CHARACTERS")],
        ),
        (
            {"accountId": "acct_never", "subject": ""},
            [("subject", "REQUIRED"), ("accountId", "NOT_FOUND")],
        ),
        ({"accountId": theirs["id"]}, [("accountId", "NOT_FOUND")]),
        ({"idempotencyKey": ""}, [("idempotencyKey", "INVALID")]),
    ):
        assert (await notify(firm.owner, account, **given)).refusals() == refusals, given
    await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[account["id"]])
    assert (await notify(firm.owner, account)).refusals() == [("accountId", "CONFLICT")]
    assert await deployed.mails() == []


async def test_where_there_is_nobody_to_tell_it_says_so(deployed: Deployed) -> None:
    firm = await deployed.firm(Locale.DE)
    account = await account_of(
        firm, person("Off", "off@c.test", notify=False), person("Paper", None)
    )
    answer = await notify(firm.owner, account)
    assert answer.refusals() == [("accountId", "EMAIL_MISSING")]
    [error] = answer.data["notifyAccount"]["errors"]
    assert error["message"].startswith("Niemand in diesem Konto hat NOTIFY eingeschaltet")
    assert answer.data["notifyAccount"]["count"] == 0


async def test_asked_twice_with_one_key_it_is_sent_once(firm: Firm) -> None:
    account = await account_of(firm, person("Eva", "eva@c.test"), person("Jan", "jan@c.test"))
    answers = await asyncio.gather(
        *(notify(firm.owner, account, idempotencyKey="k") for _ in range(4))
    )
    assert [answer.payload()["count"] for answer in answers] == [2] * 4
    assert len(await firm.deployed.mails()) == 2
    other = await notify(firm.owner, account, idempotencyKey="k", body="Anders")
    assert other.refusals() == [("idempotencyKey", "IDEMPOTENCY_KEY_REUSED")]
    assert (await notify(firm.owner, account)).payload()["count"] == 2
    assert len(await firm.deployed.mails()) == 4


async def test_an_account_is_not_flooded(firm: Firm) -> None:
    account, spare = await firm.account(), await firm.account()
    for _ in range(NOTICE_ACCOUNT.free):
        (await notify(firm.owner, account)).payload()
    answer = await notify(firm.owner, account)
    assert answer.codes == ["RATE_LIMITED"]
    assert answer.body["errors"][0]["extensions"]["retryAfter"] > 0
    assert len(await firm.deployed.mails()) == NOTICE_ACCOUNT.free
    (await notify(firm.owner, spare)).payload()


async def test_it_needs_manage_accounts(firm: Firm) -> None:
    account = await firm.account(invited=True)
    client = await firm.client(account)
    allowed = await firm.member(Permission.MANAGE_ACCOUNTS)
    assert (await notify(allowed, account)).payload()["count"] == 1
    others = set(Permission) - {Permission.MANAGE_ACCOUNTS}
    assert (await notify(await firm.member(*others), account)).codes == ["FORBIDDEN"]
    assert (await notify(client, account)).codes == ["FORBIDDEN"]


@pytest.mark.parametrize("count", [2, 60])
async def test_many_contacts_take_as_many_statements_as_two(firm: Firm, count: int) -> None:
    account = await account_of(firm, *(person("Eva", f"eva{n}@c.test") for n in range(count)))
    with firm.deployed.statements() as statements:
        assert (await notify(firm.owner, account)).payload()["count"] == count
    assert len(statements) <= 8, statements
