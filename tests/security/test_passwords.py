"""Passwords: how they are kept, and what a change of one ends."""

from __future__ import annotations

import unicodedata

import pytest
from sqlalchemy import select, update

from auth.passwords import Passwords
from models import Member, PortalUser
from tests.deployments import ACTIVATE, PASSWORD, Deployed, Firm
from tests.security.conftest import (
    ASK_FOR_LINK,
    RESET,
    behind_its_back,
    firm_id_of,
    post,
    sign_in,
)

NEW = "another garden of lanterns"
CHANGE = """
mutation ($input: ChangePasswordInput!) {
  changePassword(input: $input) { errors { path code message } }
}
"""


async def can_sign_in(firm: Firm, address: str, password: str) -> bool:
    answer = await sign_in(firm.deployed, firm.slug, address, password)
    return answer.json()["data"]["signIn"]["errors"] == []


async def test_a_change_needs_the_present_password_and_ends_the_other_sessions(
    firm: Firm,
) -> None:
    other = await firm.sign_in(firm.owner_email)
    wrong = await firm.owner.ask(CHANGE, input={"currentPassword": NEW, "newPassword": NEW})
    assert wrong.refusals() == [("currentPassword", "INVALID_CREDENTIALS")]
    weak = await firm.owner.ask(CHANGE, input={"currentPassword": PASSWORD, "newPassword": "short"})
    assert weak.refusals() == [("newPassword", "WEAK_PASSWORD")]
    assert (await other.ask("{ firm { id } }")).codes == []
    assert await firm.deployed.mails_to(firm.owner_email) == []
    changed = await firm.owner.ask(CHANGE, input={"currentPassword": PASSWORD, "newPassword": NEW})
    assert changed.refusals() == []
    assert (await other.ask("{ firm { id } }")).codes == ["UNAUTHENTICATED"]
    assert (await firm.owner.ask("{ firm { id } }")).codes == []
    (notice,) = await firm.deployed.mails_to(firm.owner_email)
    assert "token=" not in notice.text and NEW not in notice.text + notice.html
    assert await can_sign_in(firm, firm.owner_email, NEW)
    assert not await can_sign_in(firm, firm.owner_email, PASSWORD)


async def test_a_reset_ends_every_session_and_says_so_by_mail(firm: Firm) -> None:
    other = await firm.sign_in(firm.owner_email)
    given = {"firm": firm.slug, "email": firm.owner_email}
    await post(firm.deployed, ASK_FOR_LINK, {"input": given})
    token = (await firm.deployed.mails_to(firm.owner_email))[-1].token
    answer = await post(firm.deployed, RESET, {"input": {"token": token, "password": NEW}})
    fresh = answer.json()["data"]["resetPassword"]["token"]
    for voice in (other, firm.owner):
        assert (await voice.ask("{ firm { id } }")).codes == ["UNAUTHENTICATED"]
    firm.owner.token = fresh
    assert (await firm.owner.ask("{ firm { id } }")).codes == []
    letters = await firm.deployed.mails_to(firm.owner_email)
    assert len(letters) == 2 and sum("token=" in letter.text for letter in letters) == 1


@pytest.mark.full_strength
async def test_passwords_are_kept_as_argon2id_with_enough_work(firm: Firm) -> None:
    await firm.client(await firm.account(invited=True))
    firm_id = await firm_id_of(firm)
    for table in (Member, PortalUser):
        (stored,) = await behind_its_back(firm.deployed, firm_id, select(table.password_hash))
        assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$") and PASSWORD not in stored


@pytest.mark.full_strength
async def test_a_hash_of_less_work_is_made_anew_at_the_next_sign_in(firm: Firm) -> None:
    firm_id = await firm_id_of(firm)
    weaker = Passwords(memory_kib=64, time_cost=1)
    old = await weaker.hash(PASSWORD)
    weaker.close()
    await behind_its_back(firm.deployed, firm_id, update(Member).values(password_hash=old))
    assert await can_sign_in(firm, firm.owner_email, PASSWORD)
    (stored,) = await behind_its_back(firm.deployed, firm_id, select(Member.password_hash))
    assert "m=19456" in stored
    assert await can_sign_in(firm, firm.owner_email, PASSWORD)


@pytest.mark.parametrize(
    ("password", "accepted"),
    [
        ("fourteen letrs", False),
        ("fifteen letters", True),
        ("🦊 and 🐝 and 🌲!!!", True),
        ("   lanterns   garden   ", True),
        ("qvkzjwmxpythdgbn" * 8, True),
        ("qvkzjwmxpythdgbn" * 8 + "x", False),
        ("passwordpassword", False),
        ("line\nbreaks in the garden", False),
        ("nul\x00in the garden of lanterns", False),
    ],
)
async def test_length_is_what_counts(firm: Firm, password: str, accepted: bool) -> None:
    account = await firm.account(invited=True)
    address = account["contacts"]["nodes"][0]["contact"]["email"]
    token = (await firm.deployed.mails_to(address))[-1].token
    answer = await firm.deployed.nobody.ask(ACTIVATE, input={"token": token, "password": password})
    assert answer.refusals() == ([] if accepted else [("password", "WEAK_PASSWORD")])
    if accepted:
        assert await can_sign_in(firm, address, password)
        assert not await can_sign_in(firm, address, password + " ")
        assert not await can_sign_in(firm, address, password[:-1])


async def test_one_password_on_two_keyboards_is_one(firm: Firm) -> None:
    change = {"currentPassword": PASSWORD, "newPassword": "drei Bäume über dem Fluß"}
    (await firm.owner.ask(CHANGE, input=change)).payload()
    for form in ("NFC", "NFD"):
        spelled = unicodedata.normalize(form, change["newPassword"])  # type: ignore[arg-type]
        assert await can_sign_in(firm, firm.owner_email, spelled)


@pytest.mark.parametrize("where", ["activate", "change"])
async def test_a_password_made_of_ones_own_words_is_refused_with_the_reason(
    firm: Firm, where: str
) -> None:
    if where == "change":
        given = {"currentPassword": PASSWORD, "newPassword": f"{firm.owner_email}1"}
        answer = await firm.owner.ask(CHANGE, input=given)
        (error,) = answer.data["changePassword"]["errors"]
    else:
        account = await firm.account(invited=True)
        address = account["contacts"]["nodes"][0]["contact"]["email"]
        token = (await firm.deployed.mails_to(address))[-1].token
        answer = await firm.deployed.nobody.ask(
            ACTIVATE, input={"token": token, "password": f"{address}2026!"}
        )
        (error,) = answer.data["activate"]["errors"]
    assert error["code"] == "WEAK_PASSWORD" and "your own name or address" in error["message"]


async def test_a_fresh_deployment_has_nobody_who_could_sign_in(deployed: Deployed) -> None:
    for firm in ("demo", "mandant", "admin", "firm", "default", ""):
        for name in ("admin", "root", "demo", "owner"):
            for password in ("admin", "password", "mandant", ""):
                answer = await sign_in(deployed, firm, f"{name}@{firm}.test", password)
                body = answer.json()
                codes = [e["extensions"]["code"] for e in body.get("errors", ())]
                assert codes == ["RATE_LIMITED"] or body["data"]["signIn"]["token"] is None
    for firm in ("demo", "admin"):
        found = await deployed.nobody.ask(
            "query ($f: String!) { portal(firm: $f) { name } }", f=firm
        )
        assert found.data == {"portal": None}
    for table in (Member, PortalUser):
        if deployed.deployment.database.kind == "sqlite":
            assert await behind_its_back(deployed, None, select(table.id)) == []
