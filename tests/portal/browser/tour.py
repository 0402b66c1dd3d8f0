"""A walk through every page of the portal, for whoever looks at each: tests, and the pictures."""

from __future__ import annotations

import zlib
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from struct import pack

from playwright.async_api import Page
from sqlalchemy import update

from models import Invitation
from models.enums import AccountType, Locale
from resolvers import archiving, firms, members
from tests.portal.offices import PASSWORD, Office

EMAIL = "ada.weber@example.org"
SEND = "main form button:not([type=button])"
NEW = "seven lanterns in the garden"


def picture() -> bytes:
    """A logo: a PNG of four squares on nothing."""
    edge = 64

    def pixel(x: int, y: int) -> bytes:
        inside = all(4 < place % 32 < 28 for place in (x, y))
        return bytes((30, 79, 146, 255 if inside else 0))

    rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(edge)) for y in range(edge))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    head = pack(">IIBBBBB", edge, edge, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


async def furnish(office: Office) -> None:
    """Gives the firm a colour, and lets clients sign up."""
    await office.do(firms.update_firm, accent_color="#1e4f92", sign_up_enabled=True)


async def follow(page: Page, selector: str) -> None:
    """Clicks what leads to another page, and waits until that one stands there whole.

    A click alone returns while the next page is still on its way: what runs in the page then runs
    in the old one, or in neither.
    """
    async with page.expect_navigation():
        await page.click(selector)


async def walk(page: Page, office: Office, language: str) -> AsyncGenerator[str]:
    """Goes from page to page; gives each one's name while it stands there.

    The firm is one that nobody walked through before.
    """
    locale = Locale(language.upper())
    home = f"/p/{office.slug}"

    async def go(path: str) -> None:
        await page.goto(f"{home}{path}")

    async def send(**typed: str) -> None:
        for name, text in typed.items():
            await page.fill(f"#{name}", text)
        await follow(page, SEND)

    await office.add_account(EMAIL, name="Ada Weber", assignee_ids=[office.owner.id], locale=locale)
    invitation = await office.link("activate")
    await page.goto(invitation)
    yield "activate"
    await send(password="ada weber")
    yield "activate-error"
    await send(password=PASSWORD)
    yield "account"
    await page.click(".menu summary")
    yield "menu-one-account"
    await office.add_account(
        EMAIL,
        name="Weber Boote GmbH",
        type=AccountType.COMPANY,
        company_name="Weber Boote GmbH",
        invite=False,
        locale=locale,
    )
    await go("/accounts")
    yield "accounts"
    await follow(page, "main li:last-child .account")
    yield "account-company"
    await page.click(".menu summary")
    yield "menu"
    await go("/sessions")
    yield "sessions"
    await go("/password")
    yield "password"
    await send(current_password="not this one", new_password=NEW)
    yield "password-error"
    await go("/language")
    yield "language"
    await go("/accounts/acct_" + "0" * 32)
    yield "nothing-here"
    await go("/accounts")
    await page.click(".menu summary")
    await follow(page, "form[action$='/sign-out'] button")
    yield "sign-in"
    await send(email=EMAIL, password="these words are all wrong")
    yield "sign-in-error"
    await go("/forgotten")
    yield "forgotten"
    await send(email=EMAIL)
    yield "sent"
    await page.goto(await office.link("reset"))
    yield "reset"
    await send(password=NEW)
    await page.click(".menu summary")
    await follow(page, "form[action$='/sign-out'] button")
    await page.goto(invitation)
    yield "link-used"
    await go("/activate?token=nonsense")
    yield "link-unknown"
    other = await office.add_account("jo@example.org", name="Jo Kranz", locale=locale)
    old = await office.link("activate")
    await office.change(update(Invitation).values(expires_at=datetime.now(UTC) - timedelta(days=1)))
    await page.goto(old)
    yield "link-expired"
    await send()
    await page.goto(old)
    yield "link-replaced"
    await office.do(archiving.archive_accounts, ids=[other.id])
    await page.goto(old)
    yield "link-revoked"
    await office.do(
        members.invite_member,
        email="lina@example.org",
        first_name="Lina",
        last_name="Neu",
        locale=locale,
    )
    await page.goto(await office.link("join"))
    yield "join"
    await send(password=PASSWORD)
    yield "joined"
    # Whoever signs up is a stranger, and not this member.
    await page.context.clear_cookies()
    await go("/sign-up")
    yield "sign-up"
    await page.check("#company")
    await send(company_name="Kranz/Söhne", first_name="Mia", email="mia@")
    yield "sign-up-error"
    await send(company_name="Kranz & Söhne", last_name="Kranz", email="mia@example.org")
    yield "sign-up-sent"
    await page.goto(await office.link("sign-up/finish"))
    yield "sign-up-finish"
    await send(password=PASSWORD)
    yield "signed-up"
    await office.do(firms.update_firm, sign_up_enabled=False)
    await go("/sign-up")
    yield "sign-up-closed"
