from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest
from sqlalchemy import update

from models import Invitation
from resolvers import archiving
from server.visits import COOKIE
from tests.portal.conftest import PASSWORD, Browser, Office

pytestmark = pytest.mark.anyio
EMAIL = "ada@example.org"


async def test_a_link_shows_whose_portal_it_is_for_whom_and_which_account(
    office: Office, browser: Browser
) -> None:
    await office.add_account(EMAIL, name="Weber, Ada")
    page = await browser.open(await office.link("activate"))
    assert page.status_code == 200
    for words in ('<html lang="de">', "Huber &amp; Partner", "Ada", "Weber, Ada", EMAIL, " 20"):
        assert words in page.text


async def test_looking_uses_no_link_up(office: Office, browser: Browser) -> None:
    await office.add_account(EMAIL, name="Weber, Ada")
    link = await office.link("activate")
    for _ in range(5):
        assert (await browser.http.head(link)).status_code == 200
        assert "new-password" in (await browser.open(link)).text
    answer = await browser.send("/activate", password=PASSWORD)
    assert answer.status_code == 303


async def test_a_password_activates_and_signs_in(office: Office, browser: Browser) -> None:
    await office.add_account(EMAIL, name="Weber, Ada")
    await browser.open(await office.link("activate"))
    answer = await browser.send("/activate", password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/p/huber")
    home = await browser.open("/p/huber")
    assert "Ada Weber" in home.text
    assert "Weber, Ada" in home.text
    assert "Vom Kunden hochgeladene Dokumente" in home.text


async def test_a_weak_password_is_told_at_its_field_and_the_link_stays_good(
    office: Office, browser: Browser
) -> None:
    await office.add_account(EMAIL, name="Weber, Ada")
    await browser.open(await office.link("activate"))
    page = await browser.send("/activate", password="short")
    assert page.status_code == 422
    assert 'aria-describedby="password-error password-hint"' in page.text
    assert '<p class="error" id="password-error">Ein Passwort hat mindestens' in page.text
    assert '<a href="#password">Ein Passwort hat mindestens' in page.text
    assert "<title>Bitte prüfen: " in page.text
    assert "short" not in page.text
    assert (await browser.send("/activate", password=PASSWORD)).status_code == 303


async def test_a_used_link_says_so_and_leads_to_signing_in(
    office: Office, browser: Browser, open_browser: Callable[[], Awaitable[Browser]]
) -> None:
    await office.add_account(EMAIL, name="Weber, Ada")
    link = await office.link("activate")
    other = await open_browser()
    await other.open(link)
    await browser.open(link)
    await browser.send("/activate", password=PASSWORD)
    late = await other.send("/activate", password="another few words at random")
    assert late.status_code == 422
    for page in (late, await other.open(link)):
        assert "Dieser Link wurde schon verwendet" in page.text
        assert 'href="/p/huber"' in page.text
    assert COOKIE not in other.http.cookies


async def test_an_expired_link_can_be_exchanged_for_a_fresh_one(
    office: Office, browser: Browser, long_ago: datetime
) -> None:
    await office.add_account(EMAIL, name="Weber, Ada")
    old = await office.link("activate")
    await office.change(update(Invitation).values(expires_at=long_ago))
    page = await browser.open(old)
    assert "Dieser Link ist abgelaufen" in page.text
    answer = await browser.send("/activate/again")
    assert (answer.status_code, answer.headers["location"]) == (303, "/p/huber/sent")
    assert "unterwegs" in (await browser.open("/p/huber/sent")).text
    fresh = await office.link("activate")
    assert fresh != old
    assert "Es gibt einen neueren Link" in (await browser.open(old)).text
    assert (await browser.send("/activate/again")).headers["location"] == "/p/huber/sent"
    assert "Es gibt einen neueren Link" in (await browser.open(fresh)).text
    fresh = await office.link("activate")
    await browser.open(fresh)
    assert (await browser.send("/activate", password=PASSWORD)).status_code == 303


async def test_a_revoked_link_says_so(office: Office, browser: Browser) -> None:
    account = await office.add_account(EMAIL, name="Weber, Ada")
    link = await office.link("activate")
    await office.do(archiving.archive_accounts, ids=[account.id])
    page = await browser.open(link)
    assert "funktioniert nicht mehr" in page.text
    assert EMAIL not in page.text


@pytest.mark.parametrize("token", ["", "nonsense", "ä", "x" * 5000, "%00"])
async def test_a_link_that_is_none_says_so(office: Office, browser: Browser, token: str) -> None:
    page = await browser.open(f"/p/{office.slug}/activate?token={token}")
    assert page.status_code == 200
    assert "keiner von unseren" in page.text


async def test_a_link_works_at_its_own_firm_alone(
    office: Office, browser: Browser, open_office: Callable[..., Awaitable[Office]]
) -> None:
    await open_office("meier", name="Meier")
    await office.add_account(EMAIL, name="Weber, Ada")
    link = await office.link("activate")
    await browser.open(link)
    elsewhere = await browser.open(link.replace("/p/huber/", "/p/meier/"))
    assert "keiner von unseren" in elsewhere.text
    assert EMAIL not in elsewhere.text


async def test_whoever_is_signed_in_stays_signed_in(office: Office, browser: Browser) -> None:
    await office.add_account(EMAIL, name="Weber, Ada")
    await browser.open(await office.link("activate"))
    await browser.send("/activate", password=PASSWORD)
    session = browser.http.cookies[COOKIE]
    await office.add_account("bert@example.org", name="Kranz, Bert")
    page = await browser.open(await office.link("activate"))
    assert "schon jemand angemeldet" in page.text
    answer = await browser.send("/activate", password="another few words at random")
    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers
    home = await browser.open(answer.headers["location"])
    assert browser.http.cookies[COOKIE] == session
    assert "Weber, Ada" in home.text
    assert "Das Passwort ist gesetzt" in home.text
    assert "Kranz" not in home.text
