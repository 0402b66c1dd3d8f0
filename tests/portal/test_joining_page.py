"""The page that a member's link leads to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import update

from models import MemberInvitation
from resolvers import leaving, members
from server.visits import COOKIE
from tests.portal.conftest import PASSWORD, Browser, Office

pytestmark = pytest.mark.anyio
EMAIL = "lina@example.org"


async def invited(office: Office) -> Any:
    return await office.do(members.invite_member, email=EMAIL, first_name="Lina", last_name="Neu")


async def test_a_password_is_chosen_and_signs_in(office: Office, browser: Browser) -> None:
    await invited(office)
    link = await office.link("join")
    for _ in range(3):
        assert (await browser.http.head(link)).status_code == 200
        page = await browser.open(link)
    for words in ('<html lang="de">', "Huber &amp; Partner", "Lina", EMAIL, "new-password"):
        assert words in page.text
    weak = await browser.send("/join", password="short")
    assert weak.status_code == 422
    assert '<a href="#password">Ein Passwort hat mindestens' in weak.text
    answer = await browser.send("/join", password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/p/huber/joined")
    assert COOKIE in browser.http.cookies
    assert "Ihr Passwort ist gesetzt" in (await browser.open("/p/huber/joined")).text


async def test_a_dead_link_says_what_became_of_it(
    office: Office, browser: Browser, long_ago: datetime
) -> None:
    member = await invited(office)
    first = await office.link("join")
    await office.change(update(MemberInvitation).values(expires_at=long_ago))
    assert "Dieser Link ist abgelaufen" in (await browser.open(first)).text
    answer = await browser.send("/join/again")
    assert (answer.status_code, answer.headers["location"]) == (303, "/p/huber/sent")
    assert "Es gibt einen neueren Link" in (await browser.open(first)).text
    await office.do(leaving.deactivate_member, id=member.id)
    page = await browser.open(await office.link("join"))
    assert "funktioniert nicht mehr" in page.text
    assert EMAIL not in page.text
    await invited(office)
    await browser.open(await office.link("join"))
    await browser.send("/join", password=PASSWORD)
    assert "Dieser Link wurde schon verwendet" in (await browser.open(first)).text
    for nonsense in ("", "x", "%00", "x" * 5000):
        page = await browser.open(f"/p/huber/join?token={nonsense}")
        assert "keiner von unseren" in page.text


async def test_a_link_works_at_its_own_page_and_firm_alone(
    office: Office, browser: Browser, open_office: Callable[..., Awaitable[Office]]
) -> None:
    await open_office("meier", name="Meier")
    await invited(office)
    link = await office.link("join")
    for elsewhere in (link.replace("huber", "meier"), link.replace("/join", "/activate")):
        page = await browser.open(elsewhere)
        assert "keiner von unseren" in page.text
        assert EMAIL not in page.text


async def test_whoever_is_signed_in_stays_signed_in(office: Office, browser: Browser) -> None:
    await office.add_account("ada@example.org", name="Weber, Ada")
    await browser.open(await office.link("activate"))
    await browser.send("/activate", password=PASSWORD)
    session = browser.http.cookies[COOKIE]
    await invited(office)
    assert "schon jemand angemeldet" in (await browser.open(await office.link("join"))).text
    answer = await browser.send("/join", password="another few words at random")
    assert answer.status_code == 303 and "set-cookie" not in answer.headers
    page = await browser.open(answer.headers["location"])
    assert browser.http.cookies[COOKIE] == session
    assert "Das Passwort ist gesetzt" in page.text
