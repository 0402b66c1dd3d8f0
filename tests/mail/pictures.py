"""`python -m tests.mail.pictures`: makes the pictures of docs/mails.md anew, in a real browser.

Each shows a letter in English as a mail program on a desk would, and in German as one on a phone
would; one of them in the dark, and one as text.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from mail.outbox import Template
from mail.render import Message, Renderer
from models import Firm, Mail
from models.enums import Locale
from tests.browsers import Watched, chromium

FOLDER = Path(__file__).parents[2] / "docs/mails"
DESK, PHONE, GAP = 680, 375, 24
RENDER = Renderer(
    sender="portal@example.com",
    link_url=lambda firm, slug, purpose, subject, counter: (
        f"https://portal.example.com/p/{slug}/{purpose}"
        "?token=AaIMWjychmnNbqd6qWtwGiDFvmY3Cpnq9QgOLfxwAAAAB.QvsYKWZZBBVvY9H4uTWgzoI3LisMDc2xut"
    ),
    portal_url=lambda slug: f"https://portal.example.com/p/{slug}",
)
FIRMS = {
    Locale.EN: Firm(
        id="firm_1", slug="harbour-tax", name="Harbour Tax Advisers", time_zone="Europe/London"
    ),
    Locale.DE: Firm(
        id="firm_2", slug="kanzlei-nord", name="Steuerkanzlei Nord", time_zone="Europe/Berlin"
    ),
}
SUBJECT = "Your tax assessment"
MESSAGES = {
    Locale.EN: "Dear Eva,\n\nyour tax return for 2025 can be signed in the portal.\nKarin",
    Locale.DE: "Liebe Eva,\n\ndie Steuererklärung 2025 können Sie im Portal unterschreiben.\nKarin",
}
INVITED = {
    "account_name": "Brandt & Müller GbR",
    "valid_until": "2026-12-06T23:30:00+00:00",
    "link": {"purpose": "activate", "subject_id": "inv_1", "counter": 1},
}
NEW_ACCOUNT = {
    "client_name": "Eva Brandt",
    "account_name": "Brandt & Müller GbR",
    "account_number": "M-1042",
    "account_url": "https://portal.example.com/accounts/acct_0198c0de5be5b7759086936e8c29",
}
LETTERS: dict[str, tuple[Template, dict[str, Any]]] = {
    "invitation": (Template.INVITATION, INVITED),
    "again": (Template.INVITATION, INVITED | {"again": True}),
    "account_access": (Template.ACCOUNT_ACCESS, {"account_name": "Brandt Boats Ltd"}),
    "reset": (Template.RESET, {"link": INVITED["link"] | {"purpose": "reset"}}),
    "password_changed": (Template.PASSWORD_CHANGED, {}),
    "client_activated": (Template.CLIENT_ACTIVATED, NEW_ACCOUNT),
    "sign_up": (Template.SIGN_UP, {"link": INVITED["link"] | {"purpose": "sign-up/finish"}}),
    "sign_up_known": (Template.SIGN_UP_KNOWN, {}),
    "client_signed_up": (Template.CLIENT_SIGNED_UP, NEW_ACCOUNT),
    "member_invitation": (
        Template.MEMBER_INVITATION,
        {
            "inviter": "Karin Brandt",
            "valid_until": INVITED["valid_until"],
            "link": INVITED["link"] | {"purpose": "join"},
        },
    ),
    "notice": (
        Template.NOTICE,
        {"account_name": "Brandt & Müller GbR", "subject": SUBJECT, "account_id": "acct_0198c0de"},
    ),
    "notification": (
        Template.NOTIFICATION,
        NEW_ACCOUNT
        | {
            "title": "The invitation to Eva Brandt could not be delivered",
            "body": "eva@example.com did not take the mail for the account Brandt & Müller GbR "
            "(M-1042). Correct the address and invite again.",
        },
    ),
}


def letter(name: str, locale: Locale) -> Message:
    """The letter of that name, as it is sent."""
    template, content = LETTERS[name]
    told = (Template.CLIENT_ACTIVATED, Template.CLIENT_SIGNED_UP, Template.NOTIFICATION)
    greeted = "Karin" if template in told else "Eva"
    message = MESSAGES[locale] if name in ("invitation", "notice") else None
    mail = Mail(
        id="mail_1",
        template=template,
        recipient="eva@example.com",
        locale=locale,
        content={"first_name": greeted, "message": message, **content},
    )
    return RENDER(mail, FIRMS[locale], now=datetime(2026, 11, 23, 12, tzinfo=UTC))


def side_by_side(*letters: tuple[Message, int]) -> str:
    """A page with letters on screens of so many pixels' width."""
    frames = "".join(
        f'<iframe srcdoc="{escape(message.html)}" style="border:0;width:{width}px"></iframe>'
        for message, width in letters
    )
    return (
        f'<!DOCTYPE html><body style="margin:0;padding:{GAP}px;display:flex;gap:{GAP}px;'
        f'align-items:flex-start;background:#8a949d">{frames}</body>'
    )


def both(name: str) -> str:
    """The letter in English on a desk, and in German on a phone."""
    return side_by_side((letter(name, Locale.EN), DESK), (letter(name, Locale.DE), PHONE))


def as_text(message: Message) -> str:
    """A page with the letter's text."""
    return (
        f'<!DOCTYPE html><body style="margin:0;padding:{GAP}px;background:#fff;color:#1c2126">'
        f'<pre style="margin:0;font:13px/1.45 monospace">{escape(message.text)}</pre></body>'
    )


async def take(browser: Watched, page: str, path: Path, *, scheme: str = "light") -> None:
    """Writes a picture of *page*, as large as what is on it."""
    await browser.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    await browser.page.set_content(page)
    await browser.page.evaluate(
        "document.querySelectorAll('iframe').forEach((frame) => {"
        " frame.style.height = `${frame.contentDocument.documentElement.scrollHeight}px` })"
    )
    await browser.page.screenshot(path=path, full_page=True)


async def main() -> None:
    """Writes every picture."""
    FOLDER.mkdir(exist_ok=True)
    async with chromium(viewport={"width": DESK + PHONE + 3 * GAP, "height": 200}) as browser:
        for name in LETTERS:
            await take(browser, both(name), FOLDER / f"{name}.png")
        await take(browser, both("invitation"), FOLDER / "in_the_dark.png", scheme="dark")
        await take(browser, as_text(letter("invitation", Locale.EN)), FOLDER / "as_text.png")
        assert browser.requested == [], "A mail loads nothing."


if __name__ == "__main__":
    asyncio.run(main())
