from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest
from sqlalchemy import update

from models import PasswordReset
from server.visits import COOKIE
from tests.portal.conftest import PASSWORD, Browser, Office

pytestmark = pytest.mark.anyio
EMAIL = "ada@example.org"
NEW = "another few words at random"


@pytest.fixture
async def client(office: Office, open_browser: Callable[[], Awaitable[Browser]]) -> Browser:
    """A browser in which Ada is signed in."""
    await office.add_account(EMAIL, name="Weber, Ada")
    browser = await open_browser()
    await browser.open(await office.link("activate"))
    await browser.send("/activate", password=PASSWORD)
    return browser


async def _ask(browser: Browser, email: str = EMAIL) -> str:
    await browser.open("/p/huber/forgotten")
    answer = await browser.send("/forgotten", email=email)
    assert answer.status_code == 303
    return answer.headers["location"]


async def test_a_link_sets_a_new_password_once(
    client: Browser, browser: Browser, office: Office
) -> None:
    assert await _ask(browser) == "/p/huber/sent"
    link = await office.link("reset")
    for _ in range(3):
        assert EMAIL in (await browser.open(link)).text
    answer = await browser.send("/reset", password=NEW)
    assert (answer.status_code, answer.headers["location"]) == (303, "/p/huber")
    assert "Weber, Ada" in (await browser.open("/p/huber")).text
    assert "Weber, Ada" not in (await client.open("/p/huber")).text
    assert "schon verwendet" in (await browser.open(link)).text


async def test_the_same_person_goes_on_in_the_same_browser(client: Browser, office: Office) -> None:
    await _ask(client)
    before = client.http.cookies[COOKIE]
    await client.open(await office.link("reset"))
    await client.send("/reset", password=NEW)
    assert client.http.cookies[COOKIE] != before
    assert "Weber, Ada" in (await client.open("/p/huber")).text


async def test_an_unknown_address_is_answered_alike_and_gets_nothing(
    client: Browser, browser: Browser, office: Office
) -> None:
    before = len(await office.mails())
    assert await _ask(browser, "nobody@example.org") == "/p/huber/sent"
    assert await _ask(browser, "no address") == "/p/huber/sent"
    assert len(await office.mails()) == before


async def test_a_weak_password_leaves_the_link_good(
    client: Browser, browser: Browser, office: Office
) -> None:
    await _ask(browser)
    await browser.open(await office.link("reset"))
    page = await browser.send("/reset", password="short")
    assert page.status_code == 422
    assert 'id="password-error">Ein Passwort' in page.text
    assert (await browser.send("/reset", password=NEW)).status_code == 303


async def test_an_old_link_says_what_it_is(
    client: Browser, browser: Browser, office: Office, long_ago: datetime
) -> None:
    await _ask(browser)
    first = await office.link("reset")
    await _ask(browser)
    page = await browser.open(first)
    assert "Es gibt einen neueren Link" in page.text
    assert 'href="/p/huber/forgotten"' in page.text
    await office.change(update(PasswordReset).values(expires_at=long_ago))
    page = await browser.open(await office.link("reset"))
    assert "abgelaufen" in page.text
    assert "/p/huber/forgotten" in page.text
    assert "keiner von unseren" in (await browser.open("/p/huber/reset?token=x")).text
