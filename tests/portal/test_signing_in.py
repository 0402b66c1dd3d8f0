from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import httpx2
import pytest

from resolvers import archiving
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


async def test_a_client_with_several_accounts_chooses_one_and_lands_there_from_now_on(
    client: Browser,
) -> None:
    chooser = await client.sign_in("huber", EMAIL)
    assert chooser.url.path == "/p/huber/accounts"
    assert "aria-current" not in chooser.text
    answer = await client.send("/switch", account_id=_account(chooser.text, "Weber, Kinder"))
    assert answer.status_code == 303
    there = await client.open(answer.headers["location"])
    assert "<h1>Weber, Kinder</h1>" in there.text
    assert (await client.open("/p/huber")).url == there.url
    chooser = await client.open("/p/huber/accounts")
    assert chooser.text.count('aria-current="true"') == 1
    assert re.search(r'aria-current="true">\s*<span class="name">Weber, Kinder', chooser.text)


async def test_a_client_with_one_account_is_there_at_once(
    office: Office, open_browser: Callable[[], Awaitable[Browser]]
) -> None:
    account = await office.add_account("one@example.org", name="Weber, Eins")
    browser = await open_browser()
    await browser.open(await office.link("activate"))
    await browser.send("/activate", password=PASSWORD)
    await browser.open("/p/huber")
    await browser.send("/sign-out")
    page = await browser.sign_in("huber", "one@example.org")
    assert page.url.path == f"/p/huber/accounts/{account.id}"


async def test_whoever_has_to_sign_in_first_is_led_back(client: Browser) -> None:
    id = _account((await client.sign_in("huber", EMAIL)).text, "Weber, Kinder")
    await client.send("/sign-out")
    for path in (f"/accounts/{id}", "/sessions", "/password", "/language", "/accounts"):
        page = await client.open(f"/p/huber{path}")
        assert 'autocomplete="current-password"' in page.text
        wrong = await client.send("/sign-in", email=EMAIL, password="these words are all wrong")
        assert wrong.status_code == 422
        answer = await client.send("/sign-in", email=EMAIL, password=PASSWORD)
        assert answer.headers["location"] == f"/p/huber{path}"
        await client.open(answer.headers["location"])
        await client.send("/sign-out")


@pytest.mark.parametrize(
    "next",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/accounts//evil.example",
        "/accounts/../../evil",
        "/sessions%0d%0aX: y",
        "/sessions?x",
        "javascript:alert(1)",
        "@evil.example",
        ".evil.example",
    ],
)
async def test_nobody_is_led_anywhere_else(client: Browser, next: str) -> None:
    await client.open("/p/huber")
    answer = await client.send("/sign-in", email=EMAIL, password=PASSWORD, next=next)
    assert answer.headers["location"] == "/p/huber"


async def test_another_clients_account_is_as_absent_as_none(
    client: Browser, office: Office
) -> None:
    other = await office.add_account("bert@example.org", name="Kranz, Bert")
    archived = await office.add_account(EMAIL, name="Weber, Alt", invite=False)
    await office.do(archiving.archive_accounts, ids=[archived.id])
    closed = await office.add_account(EMAIL, name="Weber, Zu", invite=False)
    await office.close_account(closed)
    home = await client.sign_in("huber", EMAIL)
    answers: set[tuple[int, str]] = set()
    for id in (other.id, archived.id, closed.id, "acct_" + "0" * 32, "x", "%00", "ä"):
        client.page = home
        switched = await client.send("/switch", account_id=id)
        opened = await client.open(f"/p/huber/accounts/{id}")
        answers |= {(page.status_code, page.text) for page in (switched, opened)}
    ((status, text),) = answers
    assert status == 404
    assert "Hier gibt es nichts" in text or "Kranz" not in text
    assert "Weber" not in text


async def test_an_account_that_is_archived_closes_at_once(client: Browser, office: Office) -> None:
    third = await office.add_account(EMAIL, name="Weber, Haus", invite=False)
    page = await client.sign_in("huber", EMAIL)
    assert "Weber, Haus" in page.text
    await client.send("/switch", account_id=_account(page.text, "Weber, Haus"))
    assert "<h1>Weber, Haus" in (await client.open("/p/huber")).text
    await office.do(archiving.archive_accounts, ids=[third.id])
    assert "Weber, Haus" not in (await client.open("/p/huber")).text
    assert (await client.open(f"/p/huber/accounts/{third.id}")).status_code == 404


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


async def test_two_tabs_on_two_accounts_never_cross(client: Browser) -> None:
    chooser = await client.sign_in("huber", EMAIL)
    ids = {name: _account(chooser.text, name) for name in ("Weber, Ada", "Weber, Kinder")}
    for _ in range(2):
        for name, id in ids.items():
            client.page = chooser
            await client.send("/switch", account_id=id)
            for shown, address in ids.items():
                page = await client.open(f"/p/huber/accounts/{address}")
                assert f"<h1>{shown}</h1>" in page.text, name


def _account(page: str, name: str) -> str:
    """The id of the account with this name, from the form that goes there."""
    forms = re.findall(r"<form.*?</form>", page, re.DOTALL)
    form = next(form for form in forms if name in form and "/switch" in form)
    return re.findall(r'value="(acct_\w+)"', form)[0]
