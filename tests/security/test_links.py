"""Links in mails (invitations, new passwords, sign-ups): one use, one person, one time."""

from __future__ import annotations

import asyncio
import base64
import io
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from models import Invitation, Member, MemberInvitation, PasswordReset, SignUp
from models.enums import MemberStatus
from tests.deployments import BASE_URL, PASSWORD, Answer, Deployed, Firm, running
from tests.isolation.twins import EVERYTHING, rows_of
from tests.security.conftest import (
    ASK_FOR_LINK,
    behind_its_back,
    firm_id_of,
    long_ago,
    post,
    sign_in,
)

NEW = "another garden of lanterns"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
OPEN = "mutation { updateFirm(input: { signUpEnabled: true }) { errors { code } } }"
SIGN_UP = "mutation ($i: SignUpInput!) { signUp(input: $i) { errors { path code } } }"
INVITE_MEMBER = "mutation ($i: InviteMemberInput!) { inviteMember(input: $i) { member { id } errors { code } } }"
USE = {
    "activate": "mutation ($i: ActivateInput!) { activate(input: $i) { token errors { path code } } }",
    "resetPassword": (
        "mutation ($i: ResetPasswordInput!) { resetPassword(input: $i) { token errors { path code } } }"
    ),
    "finishSignUp": (
        "mutation ($i: FinishSignUpInput!) { finishSignUp(input: $i) { token errors { path code } } }"
    ),
}


@dataclass
class Sent:
    """A link that was sent, and what is done with such a link."""

    firm: Firm
    address: str
    page: str
    field: str
    row: Any
    token: str
    again: Callable[[], Awaitable[Any]]
    kill: dict[str, Callable[[], Awaitable[Any]]]

    @property
    def deployed(self) -> Deployed:
        return self.firm.deployed

    @property
    def path(self) -> str:
        return f"/p/{self.firm.slug}/{self.page}"

    async def use(self, token: str, password: str = NEW, **headers: str) -> Any:
        return await post(
            self.deployed, USE[self.field], {"i": {"token": token, "password": password}}, **headers
        )

    async def codes(self, token: str, password: str = NEW) -> list[tuple[str, str]]:
        answer = await self.use(token, password)
        return Answer(answer.status_code, answer.headers, answer.json()).refusals()

    async def newest(self) -> str:
        letters = await self.deployed.mails_to(self.address)
        return [each for each in letters if f"{self.path}?token=" in each.text][-1].token


async def an_invitation(firm: Firm) -> Sent:
    account = await firm.account(invited=True)
    (entry,) = account["contacts"]["nodes"]
    address = entry["contact"]["email"]

    async def again() -> Any:
        document = "mutation ($ids: [ID!]) { sendInvitations(input: { accountContactIds: $ids }) { errors { code } } }"
        (await firm.owner.ask(document, ids=[entry["id"]])).payload()

    def owner_does(document: str, **variables: Any) -> Callable[[], Awaitable[Any]]:
        async def do() -> Any:
            (await firm.owner.ask(document, **variables)).payload()

        return do

    kill = {
        "revoked": owner_does(
            "mutation ($ids: [ID!]!) { revokeInvitations(ids: $ids) { errors { code } } }",
            ids=[entry["invitation"]["id"]],
        ),
        "another address": owner_does(
            'mutation ($id: ID!) { updateContact(input: { id: $id, email: "new@c.test" }) { errors { code } } }',
            id=entry["contact"]["id"],
        ),
        "LOGIN off": owner_does(
            "mutation ($id: ID!) { updateAccountContact(input: { id: $id, login: false }) { errors { code } } }",
            id=entry["id"],
        ),
        "archived": owner_does(
            "mutation ($ids: [ID!]!) { archiveAccounts(ids: $ids) { errors { code } } }",
            ids=[account["id"]],
        ),
    }
    sent = Sent(firm, address, "activate", "activate", Invitation, "", again, kill)
    sent.token = await sent.newest()
    return sent


async def a_reset(firm: Firm) -> Sent:
    firm_id = await firm_id_of(firm)

    async def again() -> Any:
        given = {"firm": firm.slug, "email": firm.owner_email}
        await post(firm.deployed, ASK_FOR_LINK, {"input": given})

    async def change() -> Any:
        document = (
            "mutation ($i: ChangePasswordInput!) { changePassword(input: $i) { errors { code } } }"
        )
        given = {"currentPassword": PASSWORD, "newPassword": "a third garden of lanterns"}
        (await firm.owner.ask(document, i=given)).payload()

    async def deactivate() -> Any:
        await firm.member(role="OWNER")  # type: ignore[arg-type]
        statement = update(Member).where(Member.email == firm.owner_email)
        await behind_its_back(
            firm.deployed, firm_id, statement.values(status=MemberStatus.DEACTIVATED)
        )

    await again()
    sent = Sent(
        firm, firm.owner_email, "reset", "resetPassword", PasswordReset, "", again,
        {"password changed": change, "deactivated": deactivate},
    )  # fmt: skip
    sent.token = await sent.newest()
    return sent


async def a_sign_up(firm: Firm) -> Sent:
    address = "stranger@c.test"
    (await firm.owner.ask(OPEN)).payload()

    async def again() -> Any:
        given = {"firm": firm.slug, "firstName": "Ada", "lastName": "Weber", "email": address}
        (await firm.deployed.nobody.ask(SIGN_UP, i=given)).payload()

    async def become_known() -> Any:
        contact = {"firstName": "Ada", "email": address}
        await firm.account(contacts=[{"contact": {"new": contact}}])

    await again()
    sent = Sent(
        firm, address, "sign-up/finish", "finishSignUp", SignUp, "", again,
        {"the firm knows the address": become_known},
    )  # fmt: skip
    sent.token = await sent.newest()
    return sent


async def a_members_invitation(firm: Firm) -> Sent:
    address = "new@work.test"
    given = {"email": address, "firstName": "Nele", "lastName": "Neu"}
    member = (await firm.owner.ask(INVITE_MEMBER, i=given)).payload()["member"]

    async def again() -> Any:
        (await firm.owner.ask(INVITE_MEMBER, i=given)).payload()

    async def deactivate() -> Any:
        document = "mutation ($id: ID!) { deactivateMember(id: $id) { errors { code } } }"
        (await firm.owner.ask(document, id=member["id"])).payload()

    sent = Sent(
        firm, address, "join", "activate", MemberInvitation, "", again,
        {"deactivated": deactivate},
    )  # fmt: skip
    sent.token = await sent.newest()
    return sent


MAKERS = {
    "invitation": an_invitation,
    "reset": a_reset,
    "sign_up": a_sign_up,
    "member": a_members_invitation,
}


@pytest.fixture(params=MAKERS)
async def sent(firm: Firm, request: pytest.FixtureRequest) -> Sent:
    """A client's and a member's invitation, a link to a new password, and one to sign up."""
    return await MAKERS[request.param](firm)


async def test_looking_at_a_link_changes_nothing(sent: Sent) -> None:
    firm_id = await firm_id_of(sent.firm)
    before = await rows_of(sent.deployed, firm_id)
    for method in ("GET", "HEAD", "OPTIONS", "GET", "PUT", "DELETE"):
        for _ in range(20):
            await sent.deployed.http.request(
                method,
                f"{sent.path}?token={sent.token}",
                headers={"Purpose": "prefetch", "User-Agent": "a scanner of mails"},
            )
    for _ in range(20):
        await sent.deployed.nobody.ask(
            "query ($t: String!) { activation(token: $t) { status } }", t=sent.token
        )
    assert await rows_of(sent.deployed, firm_id) == before
    assert await sent.codes(sent.token) == []


async def test_a_password_that_will_not_do_uses_nothing_up(sent: Sent) -> None:
    for password in ("", "short", "x" * 5000, "passwordpassword", "aaaaaaaaaaaaaaaa"):
        assert await sent.codes(sent.token, password) == [("password", "WEAK_PASSWORD")]
    assert await sent.codes(sent.token) == []


async def test_a_link_works_once(sent: Sent) -> None:
    answers = await asyncio.gather(*(sent.use(sent.token) for _ in range(50)))
    payloads = [answer.json()["data"][sent.field] for answer in answers]
    worked = [payload for payload in payloads if payload["errors"] == []]
    assert len(worked) == 1
    assert {e["code"] for p in payloads if p not in worked for e in p["errors"]} == {"TOKEN_USED"}
    assert await sent.codes(sent.token, "a third garden of lanterns") == [("token", "TOKEN_USED")]
    assert (await sign_in(sent.deployed, sent.firm.slug, sent.address, NEW)).json()["data"][
        "signIn"
    ]["errors"] == []


def variants(token: str) -> set[str]:
    payload, _, signature = token.partition(".")
    return {
        *(token[:-1] + last for last in ALPHABET),
        *(first + token[1:] for first in ALPHABET[::8]),
        *(token + end for end in ("=", "==", " ", "\n", "\x00", "A", ".", "&x=1")),
        *(" " + token, "\n" + token, token[:-1], token[1:], token.lower(), token.upper()),
        *(signature + "." + payload, payload, payload + ".", payload + "." + "A" * 43),
        token.replace(".", "%2E"),
        token + token,
    } - {token}


async def test_no_other_spelling_of_a_token_works(sent: Sent) -> None:
    for when in ("before", "after"):
        for token in variants(sent.token):
            assert await sent.codes(token) == [("token", "TOKEN_INVALID")], (when, token)
        if when == "before":
            assert await sent.codes(sent.token) == []


async def test_a_token_is_good_for_its_own_purpose_and_firm(deployed: Deployed, firm: Firm) -> None:
    links = [await make(firm) for make in MAKERS.values()]
    for one in links:
        for another in links:
            if one is another:
                continue
            page = await deployed.http.get(f"{one.path}?token={another.token}")
            assert another.address not in page.text and 'name="password"' not in page.text
            # Clients and members activate by the same mutation.
            if one.field != another.field:
                assert await one.codes(another.token) == [("token", "TOKEN_INVALID")]
    other = await deployed.firm()
    for sent in links:
        page = await deployed.http.get(f"/p/{other.slug}/{sent.page}?token={sent.token}")
        assert sent.address not in page.text and 'name="password"' not in page.text
        assert await sent.codes(sent.token) == []


async def test_a_key_that_was_put_behind_still_reads_and_one_that_is_gone_does_not(
    sent: Sent, tmp_path: Path
) -> None:
    url = sent.deployed.settings.database_url
    old, new = sent.deployed.settings.secret_keys[0], "a newer key that is long enough too"
    for keys, expected in (((new,), "TOKEN_INVALID"), ((new, old), None)):
        async with running(url, tmp_path, secret_keys=keys) as restarted:
            answer = await post(
                restarted, USE[sent.field], {"i": {"token": sent.token, "password": NEW}}
            )
            errors = answer.json()["data"][sent.field]["errors"]
            assert [error["code"] for error in errors] == ([expected] if expected else [])


async def test_a_link_ends_with_its_time(sent: Sent) -> None:
    firm_id = await firm_id_of(sent.firm)
    past = update(sent.row).values(expires_at=long_ago(seconds=1))
    await behind_its_back(sent.deployed, firm_id, past)
    assert await sent.codes(sent.token) == [("token", "TOKEN_EXPIRED")]
    await behind_its_back(
        sent.deployed, firm_id, update(sent.row).values(expires_at=long_ago(seconds=-20))
    )
    assert await sent.codes(sent.token) == []


async def test_a_newer_link_ends_the_older_ones(sent: Sent) -> None:
    await sent.again()
    newest = await sent.newest()
    assert newest != sent.token
    assert await sent.codes(sent.token) == [("token", "TOKEN_INVALID")]
    assert await sent.codes(newest) == []


@pytest.mark.parametrize(
    ("maker", "way"),
    [
        *(("invitation", way) for way in ("revoked", "another address", "LOGIN off", "archived")),
        *(("reset", way) for way in ("password changed", "deactivated")),
        ("sign_up", "the firm knows the address"),
        ("member", "deactivated"),
    ],
)
async def test_what_happens_around_a_link_ends_it(firm: Firm, maker: str, way: str) -> None:
    sent = await MAKERS[maker](firm)
    await sent.kill[way]()
    ((place, code),) = await sent.codes(sent.token)
    assert place == "token" and code in ("TOKEN_INVALID", "TOKEN_USED")


async def test_a_token_tells_nothing_about_anybody(sent: Sent) -> None:
    payload = sent.token.partition(".")[0]
    plain = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    assert len(plain) == 36
    for word in (sent.address, sent.address.partition("@")[0], sent.firm.slug):
        assert word.encode() not in plain


async def test_a_link_leads_where_the_settings_say_whatever_the_request_says(
    sent: Sent,
) -> None:
    evil = {"Host": "localhost", "X_Forwarded_Host": "evil.example", "Forwarded": "host=evil"}
    given = {"firm": sent.firm.slug, "email": sent.firm.owner_email}
    await post(sent.deployed, ASK_FOR_LINK, {"input": given}, **evil)
    await sent.deployed.http.post(
        "/graphql",
        json={
            "query": "mutation ($t: String!) { requestNewInvitation(input: { token: $t }) { errors { code } } }",
            "variables": {"t": sent.token},
        },
        headers={"Host": "localhost", "X-Forwarded-Host": "evil.example"},
    )
    letters = await sent.deployed.mails()
    found = [
        link
        for each in letters
        for link in re.findall(r"https?://[^\s\"<>]+", each.text + each.html)
    ]
    assert len(found) >= 2
    assert all(link.startswith(f"{BASE_URL}/") for link in found), found


async def test_a_browser_that_is_signed_in_stays_who_it_is(sent: Sent) -> None:
    somebody = await sent.firm.member()
    answer = await sent.use(sent.token, Cookie=f"__Host-mandant={somebody.token}")
    assert answer.json()["data"][sent.field]["errors"] == []
    assert "set-cookie" not in answer.headers
    assert (await somebody.ask("{ firm { id } }")).codes == []


async def test_somebody_who_has_a_password_is_sent_no_link_and_keeps_it(firm: Firm) -> None:
    account = await firm.account(invited=True)
    await firm.client(account)
    contact = account["contacts"]["nodes"][0]["contact"]
    before = len(await firm.deployed.mails_to(contact["email"]))
    entry = {"contact": {"id": contact["id"]}, "login": True, "invite": {}}
    await firm.account(name="Another one", contacts=[entry])
    letter = (await firm.deployed.mails_to(contact["email"]))[before]
    assert "token=" not in letter.text + letter.html
    answer = await sign_in(firm.deployed, firm.slug, contact["email"])
    assert answer.json()["data"]["signIn"]["errors"] == []


async def test_a_token_stands_in_its_mail_and_nowhere_else(sent: Sent, logs: io.StringIO) -> None:
    told: list[str] = []

    async def keep(response: Any) -> None:
        await response.aread()
        told.append(f"{response.headers} {response.text}")

    sent.deployed.http.event_hooks = {"response": [keep]}
    await sent.deployed.http.get(f"{sent.path}?token={sent.token}")
    told.clear()  # The page itself hands the token on, in its form.
    await sent.codes(sent.token, "short")
    await sent.codes(sent.token + "=")
    used = (await sent.use(sent.token)).json()["data"][sent.field]["token"]
    sent.deployed.http.event_hooks = {}
    assert used in told[-1]
    sent.deployed.http.event_hooks = {"response": [keep]}
    await sent.codes(sent.token)
    owner = await sent.firm.member(role="OWNER")  # type: ignore[arg-type]
    await owner.ask(EVERYTHING)
    letters = await sent.deployed.mails()
    logged = logs.getvalue()
    assert '"/graphql"' in logged and f'"{sent.path}"' in logged
    for secret in (sent.token, used, NEW, PASSWORD):
        assert secret not in logged, secret
    assert [text for text in told if sent.token in text] == []
    assert {each.to for each in letters if sent.token in each.text + each.html} == {sent.address}


async def test_the_page_of_a_link_lets_nobody_else_see_its_address(sent: Sent) -> None:
    page = await sent.deployed.http.get(f"{sent.path}?token={sent.token}")
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page.text)


async def test_a_fresh_invitation_can_be_asked_for_a_few_times_only(firm: Firm) -> None:
    sent = await an_invitation(firm)
    for _ in range(40):
        await post(
            firm.deployed,
            "mutation ($t: String!) { requestNewInvitation(input: { token: $t }) { errors { code } } }",
            {"t": sent.token},
        )
    assert len(await firm.deployed.mails_to(sent.address)) <= 8
