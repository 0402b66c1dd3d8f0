"""Whoever asks cannot tell which addresses are known, and which of them could sign in."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from auth.passwords import Passwords
from models import Member
from models.enums import MemberStatus
from tests.deployments import Firm
from tests.security.conftest import (
    ASK_FOR_LINK,
    behind_its_back,
    firm_id_of,
    post,
    sign_in,
)


@pytest.fixture
async def addresses(firm: Firm) -> dict[str, tuple[str, str, str]]:
    """Firm, address and password of every kind of attempt that must fail."""
    pending = await firm.account(invited=True)
    closed = await firm.account(invited=True)
    await firm.client(closed)
    await firm.owner.ask(
        "mutation ($ids: [ID!]!) { archiveAccounts(ids: $ids) { errors { code } } }",
        ids=[closed["id"]],
    )
    member = await firm.member()
    me = (await member.ask("{ viewer { ... on Member { id email } } }")).data["viewer"]
    await behind_its_back(
        firm.deployed,
        await firm_id_of(firm),
        update(Member).where(Member.id == me["id"]).values(status=MemberStatus.DEACTIVATED),
    )
    good = "a garden full of lanterns"

    def address_of(account: dict[str, Any]) -> str:
        return account["contacts"]["nodes"][0]["contact"]["email"]

    return {
        "an unknown address": (firm.slug, "nobody@nowhere.test", good),
        "a wrong password": (firm.slug, firm.owner_email, "a garden full of lantern"),
        "a deactivated member": (firm.slug, me["email"], good),
        "a client who has not activated": (firm.slug, address_of(pending), good),
        "a client whose account is closed": (firm.slug, address_of(closed), good),
        "an unknown firm": ("no-such-firm", firm.owner_email, good),
        "no address at all": (firm.slug, "no address", good),
        "a password beyond all measure": (firm.slug, firm.owner_email, "x" * 5000),
        "an empty password": (firm.slug, firm.owner_email, ""),
    }


async def test_every_failed_sign_in_is_answered_alike(
    firm: Firm, addresses: dict[str, tuple[str, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    verify = Passwords.verify

    async def counted(self: Passwords, password: str, stored: str | None) -> bool:
        checked.append(password)
        return await verify(self, password, stored)

    monkeypatch.setattr(Passwords, "verify", counted)
    answers: dict[str, Any] = {}
    for name, (slug, address, password) in addresses.items():
        answer = await sign_in(firm.deployed, slug, address, password)
        answers[name] = (answer.status_code, answer.content, answer.headers.multi_items())
    expected = answers["a wrong password"]
    assert b"INVALID_CREDENTIALS" in expected[1] and b"lantern" not in expected[1]
    assert {name for name, answer in answers.items() if answer != expected} == set()
    # The slow part is done once, whoever it is.
    assert len(checked) == len(addresses)


async def test_every_request_for_a_link_is_answered_alike(
    firm: Firm, addresses: dict[str, tuple[str, str, str]]
) -> None:
    answers: list[Any] = []
    for slug, address, _ in (*addresses.values(), (firm.slug, firm.owner_email, "")):
        answer = await post(
            firm.deployed, ASK_FOR_LINK, {"input": {"firm": slug, "email": address}}
        )
        answers.append((answer.status_code, answer.content, answer.headers.multi_items()))
    assert answers == [answers[0]] * len(answers)
    resets = [letter.to for letter in await firm.deployed.mails() if "reset?" in letter.text]
    assert set(resets) == {firm.owner_email}


async def test_a_mail_is_sent_after_the_answer(firm: Firm) -> None:
    """So that its sending cannot be timed."""
    await post(
        firm.deployed, ASK_FOR_LINK, {"input": {"firm": firm.slug, "email": firm.owner_email}}
    )
    assert list(firm.deployed.mail_folder.glob("*.eml")) == []
    assert len(await firm.deployed.mails_to(firm.owner_email)) == 1


async def test_a_link_that_is_none_says_nothing_of_anybody(firm: Firm) -> None:
    letters = "A" * 48 + "." + "B" * 43
    for token in ("", "x", letters, "\x00", letters * 100):
        for document in (
            'mutation ($t: String!) { activate(input: { token: $t, password: "a garden full of lanterns" }) { errors { path code } } }',
            'mutation ($t: String!) { resetPassword(input: { token: $t, password: "a garden full of lanterns" }) { errors { path code } } }',
            "mutation ($t: String!) { requestNewInvitation(input: { token: $t }) { errors { path code } } }",
        ):
            answer = await firm.deployed.nobody.ask(document, t=token)
            assert answer.refusals() == [("token", "TOKEN_INVALID")]
        looked = await firm.deployed.nobody.ask(
            "query ($t: String!) { activation(token: $t) { status email firstName accountName"
            " firm { name } expiresAt } }",
            t=token,
        )
        assert set(looked.data["activation"].values()) == {"INVALID", None}
