"""The whole way of a client, from the mail to the second account."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from models.enums import AccountType, Locale
from resolvers import firms
from tests.portal.browser.served import DESKTOP, PHONE
from tests.portal.offices import PASSWORD, Office

pytestmark = pytest.mark.anyio
EMAIL = "ada@example.org"
WORDS = {
    "de": {
        "activate": "Aktivieren",
        "again": "Bitte prüfen Sie Ihre Eingaben",
        "choose": "Welches möchten Sie öffnen?",
        "out": "Abmelden",
        "in": "Anmelden",
        "folder": "Vom Kunden hochgeladene Dokumente",
        "people": "Wer Sie betreut",
    },
    "en": {
        "activate": "Activate",
        "again": "Please check what you typed",
        "choose": "Which one would you like to open?",
        "out": "Sign out",
        "in": "Sign in",
        "folder": "Client uploaded documents",
        "people": "Who looks after you",
    },
}


@pytest.mark.parametrize(
    ("language", "width", "scripts", "kind"),
    [
        ("de", PHONE, True, "sqlite"),
        ("de", DESKTOP, False, "sqlite"),
        ("en", PHONE, False, "sqlite"),
        ("en", DESKTOP, True, "postgresql"),
    ],
    indirect=["kind"],
)
async def test_from_the_mail_to_the_second_account(
    language: str,
    width: int,
    scripts: bool,
    open_office: Callable[..., Awaitable[Office]],
    open_window: Callable[..., Awaitable[Page]],
) -> None:
    words = WORDS[language]
    office = await open_office("huber", locale=Locale(language.upper()))
    page = await open_window(language=language, width=width, java_script_enabled=scripts)
    await office.add_account(EMAIL, name="Weber, Ada", assignee_ids=[office.owner.id])
    await office.add_account(
        EMAIL, name="Weber GmbH", type=AccountType.COMPANY, company_name="Weber GmbH", invite=False
    )

    await page.goto(await office.link("activate"))
    for known in ("Huber & Partner", "Weber, Ada", "Ada"):
        await expect(page.locator("body")).to_contain_text(known)
    await expect(page.locator("#email")).to_have_value(EMAIL)
    await page.fill("#password", "too short")
    await page.get_by_role("button", name=words["activate"]).click()
    await expect(page.get_by_role("alert")).to_contain_text(words["again"])
    await expect(page.locator("#password")).to_have_value("")
    await page.fill("#password", PASSWORD)
    await page.get_by_role("button", name=words["activate"]).click()

    await expect(page.get_by_role("heading", level=1)).to_have_text("Weber, Ada")
    for shown in (words["folder"], words["people"], "Olga Brandt"):
        await expect(page.locator("main")).to_contain_text(shown)
    first = page.url
    await page.locator("summary").click()
    await page.get_by_role("button", name="Weber GmbH").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Weber GmbH")
    assert re.fullmatch(r".*/p/huber/accounts/acct_[0-9a-f]{32}", page.url)
    assert page.url != first
    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Weber, Ada")

    await page.locator("summary").click()
    await page.get_by_role("button", name=words["out"]).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(words["in"])
    await page.goto(first)
    await page.fill("#email", EMAIL)
    await page.fill("#password", PASSWORD)
    await page.get_by_role("button", name=words["in"]).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Weber, Ada")
    assert page.url == first
    await page.goto("/p/huber/accounts")
    await expect(page.locator("main")).to_contain_text(words["choose"])


@pytest.mark.parametrize("scripts", [True, False])
async def test_from_signing_up_to_the_account(
    scripts: bool,
    open_office: Callable[..., Awaitable[Office]],
    open_window: Callable[..., Awaitable[Page]],
) -> None:
    office = await open_office("huber")
    page = await open_window(language="de", width=PHONE, java_script_enabled=scripts)
    await page.goto("/p/huber")
    await expect(page.get_by_role("link", name="Registrieren")).to_have_count(0)
    await office.do(firms.update_firm, sign_up_enabled=True)
    await page.reload()
    await page.get_by_role("link", name="Registrieren").click()
    await expect(page.locator("#company_name")).to_be_hidden()
    await page.get_by_label("Für ein Unternehmen").check()
    await page.fill("#company_name", "Weber Boote GmbH")
    await page.fill("#first_name", "Ada")
    await page.fill("#email", "ada@example.org")
    await page.get_by_role("button", name="Registrieren").click()
    alert = page.get_by_role("alert")
    await expect(alert.get_by_role("link")).to_have_count(1)
    await alert.get_by_role("link").click()
    await expect(page.locator("#last_name")).to_be_focused()
    await expect(page.locator("#company_name")).to_have_value("Weber Boote GmbH")
    await page.fill("#last_name", "Weber")
    await page.get_by_role("button", name="Registrieren").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sehen Sie in Ihre E-Mails")
    await page.goto(await office.link("sign-up/finish"))
    await page.fill("#password", PASSWORD)
    await page.get_by_role("button", name="Konto einrichten").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Weber Boote GmbH")
