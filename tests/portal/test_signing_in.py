from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import httpx2
import pytest

from resolvers import accounts
from server.visits import COOKIE
from tests.portal.conftest import PASSWORD, Browser, Office

pytestmark = pytest.mark.anyio
EMAIL = "ada@example.org"


@pytest.fixture
async def client(office: Office, browser: Browser) -> Browser:
    """A browser in which Ada has activated her access to two accounts, signed out again."""
    await office.add_account(EMAIL, name="Weber, Ada")
    await office.add_account(EMAIL, name="Weber, Kinder", invite=False)
    await browser.open(await office.link("activate"))
    await browser.send("/activate", password=PASSWORD)
    await browser.open("/p/huber")
    await browser.send("/sign-out")
    return browser


async def test_signed_out_the_page_asks_to_sign_in(office: Office, browser: Browser) -> None:
    page = await browser.open(f"/p/{office.slug}")
    assert page.status_code == 200
    for words in (
        'autocomplete="current-password"',
        'autocomplete="username"',
        "/p/huber/forgotten",
    ):
        assert words in page.text


async def test_the_accounts_of_a_client_are_listed_and_no_other(
    client: Browser, office: Office
) -> None:
    await office.add_account("bert@example.org", name="Kranz, Bert")
    page = await client.sign_in("huber", EMAIL.upper())
    assert "Weber, Ada" in page.text
    assert "Weber, Kinder" in page.text
    assert "Kranz" not in page.text


async def test_a_wrong_password_and_an_unknown_address_are_answered_alike(client: Browser) -> None:
    pages: list[str] = []
    for email in (EMAIL, "nobody@example.org", "no address"):
        await client.open("/p/huber")
        page = await client.send("/sign-in", email=email, password="these words are all wrong")
        assert page.status_code == 422
        assert "gehören hier nicht zusammen" in page.text
        pages.append(page.text.replace(email, "…"))
    assert len(set(pages)) == 1
    assert COOKIE not in client.http.cookies


async def test_a_client_switches_between_accounts(client: Browser) -> None:
    before = await client.sign_in("huber", EMAIL)
    assert before.text.count('aria-current="true"') == 1
    answer = await client.send("/switch")
    assert (answer.status_code, answer.headers["location"]) == (303, "/p/huber")
    after = await client.open("/p/huber")
    assert _current(before.text) == "Weber, Ada"
    assert _current(after.text) == "Weber, Kinder"


async def test_another_clients_account_is_as_absent_as_none(
    client: Browser, office: Office
) -> None:
    other = await office.add_account("bert@example.org", name="Kranz, Bert")
    answers: list[str] = []
    home = await client.sign_in("huber", EMAIL)
    for id in (other.id, "acct_" + "0" * 32):
        client.page = home
        answer = await client.send("/switch", account_id=id)
        assert answer.status_code == 404
        answers.append(answer.text)
    assert answers[0] == answers[1]


async def test_an_account_that_is_archived_closes_at_once(client: Browser, office: Office) -> None:
    third = await office.add_account(EMAIL, name="Weber, Haus", invite=False)
    assert "Weber, Haus" in (await client.sign_in("huber", EMAIL)).text
    await office.do(accounts.archive_accounts, ids=[third.id])
    assert "Weber, Haus" not in (await client.open("/p/huber")).text


async def test_signing_out_ends_the_session_itself(client: Browser) -> None:
    await client.sign_in("huber", EMAIL)
    session = client.http.cookies[COOKIE]
    answer = await client.send("/sign-out")
    assert answer.status_code == 303
    assert COOKIE not in client.http.cookies
    client.http.cookies.set(COOKIE, session, domain="portal.example")
    assert 'autocomplete="current-password"' in (await client.open("/p/huber")).text


async def test_signing_in_again_ends_the_session_that_the_browser_had(client: Browser) -> None:
    sign_in_page = await client.open("/p/huber")
    await client.sign_in("huber", EMAIL)
    first = client.http.cookies[COOKIE]
    client.page = sign_in_page
    await client.send("/sign-in", email=EMAIL, password=PASSWORD)
    assert client.http.cookies[COOKIE] != first
    client.http.cookies.set(COOKIE, first, domain="portal.example")
    assert 'autocomplete="current-password"' in (await client.open("/p/huber")).text


async def test_a_session_of_another_firm_or_of_a_member_shows_nothing_here(
    client: Browser,
    open_browser: Callable[[], Awaitable[Browser]],
    open_office: Callable[..., Awaitable[Office]],
) -> None:
    await open_office("meier", name="Meier")
    await client.sign_in("huber", EMAIL)
    there = await client.open("/p/meier")
    assert "anderen Zugang" in there.text
    assert "Weber" not in there.text
    member = await (await open_browser()).sign_in("huber", "owner@huber.example")
    assert "anderen Zugang" in member.text
    assert 'autocomplete="current-password"' in member.text


async def test_too_many_tries_are_told_to_wait(client: Browser) -> None:
    pages: list[httpx2.Response] = []
    for _ in range(8):
        await client.open("/p/huber")
        pages.append(await client.send("/sign-in", email=EMAIL, password="these are all wrong"))
    page = pages[-1]
    assert page.status_code == 429
    assert int(page.headers["retry-after"]) >= 1
    assert "Bitte warten Sie" in page.text


async def test_a_firm_that_does_not_exist_is_not_found(browser: Browser) -> None:
    for path in ("/p/nobody", "/p/nobody/activate?token=x", "/p/%00", "/p/UPPER"):
        page = await browser.open(path)
        assert page.status_code == 404
        assert "There is nothing here" in page.text


def _current(page: str) -> str:
    found = re.search(r'aria-current="true">\s*<h2[^>]*>(.*?)</h2>', page)
    return found[1] if found else ""
