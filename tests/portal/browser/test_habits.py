"""What people do without thinking: keys, clicks that come twice, "back", and a second tab."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import BrowserContext, Page, Request, expect

from resolvers import firms
from tests.portal.browser.served import DESKTOP, PHONE
from tests.portal.browser.tour import picture
from tests.portal.offices import PASSWORD, Office

pytestmark = pytest.mark.anyio
EMAIL = "ada@example.org"


@pytest.fixture
async def visit(
    office: Office, open_visit: Callable[..., Awaitable[BrowserContext]]
) -> BrowserContext:
    """A visitor in whose browser Ada is signed in, with access to two accounts."""
    await office.add_account(EMAIL, name="Weber, Ada")
    await office.add_account(EMAIL, name="Weber, Kinder", invite=False)
    context = await open_visit(language="de", width=DESKTOP)
    page = await context.new_page()
    await page.goto(await office.link("activate"))
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Weber, Ada")
    return context


async def test_the_keyboard_alone_does(visit: BrowserContext) -> None:
    page = visit.pages[0]
    keys = page.keyboard
    await page.goto("/p/huber")
    await keys.press("Tab")
    await expect(page.get_by_role("link", name="Zum Inhalt springen")).to_be_focused()
    await expect(page.get_by_role("link", name="Zum Inhalt springen")).to_be_in_viewport()
    await keys.press("Tab")
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(page.get_by_role("button", name="Weber, Kinder")).to_be_visible()
    await keys.press("Escape")
    await expect(page.get_by_role("button", name="Weber, Kinder")).to_be_hidden()
    await keys.press("Enter")
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Weber, Kinder")
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(page.locator("main")).to_be_focused()


async def test_a_password_can_be_looked_at_and_says_how_long_it_is(
    office: Office, open_window: Callable[..., Awaitable[Page]]
) -> None:
    await office.add_account(EMAIL, name="Weber, Ada")
    page = await open_window(language="de", width=PHONE)
    await page.goto(await office.link("activate"))
    field, hint = page.locator("#password"), page.locator(".length")
    await field.press_sequentially("vier Wörter")
    await expect(hint).to_have_text("Noch 4 Zeichen")
    await field.press_sequentially(" am")
    await expect(hint).to_have_text("Noch 1 Zeichen")
    await field.press_sequentially(" Meer")
    await expect(hint).to_have_text("Lang genug")
    await page.get_by_role("button", name="Anzeigen: Passwort wählen").click()
    await expect(field).to_have_attribute("type", "text")
    await expect(field).to_be_focused()
    await page.get_by_role("button", name="Verbergen: Passwort wählen").click()
    await expect(field).to_have_attribute("type", "password")
    await expect(field).to_have_attribute("autocomplete", "new-password")
    await expect(page.locator("#email")).to_have_attribute("autocomplete", "username")


async def test_a_second_click_sends_nothing_again(
    office: Office, open_window: Callable[..., Awaitable[Page]]
) -> None:
    await office.do(firms.update_firm, sign_up_enabled=True)
    page = await open_window(language="de", width=PHONE)
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    await page.goto("/p/huber/sign-up")
    for name, text in {"first_name": "Ada", "last_name": "Weber", "email": EMAIL}.items():
        await page.fill(f"#{name}", text)
    await page.get_by_role("button", name="Registrieren").dblclick()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sehen Sie in Ihre E-Mails")
    assert len(sent) == 1
    await page.go_back()
    await page.fill("#email", "other@example.org")
    await page.get_by_role("button", name="Registrieren").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sehen Sie in Ihre E-Mails")


async def test_after_signing_out_back_shows_nothing(visit: BrowserContext) -> None:
    page = visit.pages[0]
    await page.locator("summary").click()
    await page.get_by_role("button", name="Abmelden").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Anmelden")
    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Anmelden")
    await expect(page.locator("body")).not_to_contain_text("Weber")


async def test_two_tabs_on_two_accounts_stay_apart(visit: BrowserContext) -> None:
    one = visit.pages[0]
    other = await visit.new_page()
    await other.goto("/p/huber/accounts")
    await other.get_by_role("button", name="Weber, Kinder").click()
    await expect(other.get_by_role("heading", level=1)).to_have_text("Weber, Kinder")
    for page, name in ((one, "Weber, Ada"), (other, "Weber, Kinder")) * 2:
        await page.reload()
        await expect(page.get_by_role("heading", level=1)).to_have_text(name)
        await expect(page.locator("summary")).to_have_text(name)
        assert (await page.title()).startswith(name)


async def test_a_session_elsewhere_can_be_ended(
    visit: BrowserContext, open_window: Callable[..., Awaitable[Page]]
) -> None:
    elsewhere = await open_window(language="de", width=PHONE)
    await elsewhere.goto("/p/huber/sessions")
    await elsewhere.fill("#email", EMAIL)
    await elsewhere.fill("#password", PASSWORD)
    await elsewhere.keyboard.press("Enter")
    await expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Angemeldete Geräte")
    page = visit.pages[0]
    await page.goto("/p/huber/sessions")
    await expect(page.locator(".sessions > li")).to_have_count(2)
    await page.get_by_role("button", name="Abmelden Chrome auf Linux").click()
    await expect(page.get_by_role("status")).to_have_text("Das Gerät ist abgemeldet.")
    await expect(page.locator(".sessions > li")).to_have_count(1)
    await elsewhere.reload()
    await expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Anmelden")


async def test_a_client_changes_password_and_language(visit: BrowserContext) -> None:
    page = visit.pages[0]
    await page.goto("/p/huber/password")
    await page.fill("#current_password", PASSWORD)
    await page.fill("#new_password", "seven lanterns in the garden")
    await page.keyboard.press("Enter")
    await expect(page.locator(".note")).to_contain_text("Ihr Passwort ist geändert")
    await page.goto("/p/huber/language")
    await page.get_by_label("English").check()
    await page.get_by_role("button", name="Speichern").click()
    await expect(page.locator(".note")).to_have_text("From now on we speak English with you.")
    await page.goto("/p/huber/accounts")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your accounts")


async def test_a_visitor_chooses_a_language_and_keeps_it(
    office: Office, open_window: Callable[..., Awaitable[Page]]
) -> None:
    await office.add_account(EMAIL, name="Weber, Ada")
    page = await open_window(language="de", width=PHONE)
    await page.goto(await office.link("activate"))
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Activate your access")
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Folders")).to_be_visible()
    await page.locator("summary").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


async def test_the_firms_colour_and_logo_are_seen(
    office: Office, open_window: Callable[..., Awaitable[Page]]
) -> None:
    await office.do(firms.update_firm, accent_color="#ffd500")
    await office.as_operator(firms.change_firm, slug="huber", logo=picture())
    page = await open_window(language="de", width=PHONE)
    await page.goto("/p/huber")
    button = page.get_by_role("button", name="Anmelden")
    await expect(button).to_have_css("background-color", "rgb(255, 213, 0)")
    await expect(button).to_have_css("color", "rgb(0, 0, 0)")
    logo = page.get_by_role("img", name="Huber & Partner")
    assert await logo.evaluate("image => image.naturalWidth") == 64
