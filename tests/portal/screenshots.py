"""`python -m tests.portal.screenshots`: makes the pictures in docs/portal/ anew."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from base64 import b64decode
from pathlib import Path

from playwright.async_api import Browser, Page

from migrations.upgrade import upgrade
from models.enums import Locale
from resolvers import firms
from server.settings import Settings
from tests.browsers import launched
from tests.portal.browser.served import DESKTOP, PHONE, listening, serving, visitor
from tests.portal.browser.tour import furnish, picture, walk
from tests.portal.offices import Office, offices

FOLDER = Path(__file__).parents[2] / "docs" / "portal"
NAMES = {"de": "Steuerkanzlei Nord", "en": "Harbour Tax Advisers"}
DARK = frozenset({"activate", "account", "menu", "sign-in-error"})
"""Of these there is a dark picture as well."""


async def main() -> None:
    """Walks through the portal in both languages, on a phone and on a desktop."""
    before = set(FOLDER.glob("*.webp"))
    taken: set[Path] = set()
    with tempfile.TemporaryDirectory() as folder, listening() as heard:
        settings = Settings(
            database_url=f"sqlite+aiosqlite:///{folder}/mandant.db",
            secret_keys=("pictures show no secrets, and this is none",),
            base_url=f"http://127.0.0.1:{heard.getsockname()[1]}",
            mail_url=f"file://{folder}/mail",
            mail_from="portal@mandant.example",
            read_pool=2,
            write_pool=2,
            mail_worker=False,
        )
        await upgrade(settings.database_url)
        with serving(settings, heard):
            async with offices(settings) as open_office, launched() as browser:
                for language, width in ((la, w) for la in NAMES for w in (PHONE, DESKTOP)):
                    office = await open_office(
                        f"{language}-{width}", name=NAMES[language], locale=Locale(language.upper())
                    )
                    await furnish(office)
                    if language == "en":
                        await office.as_operator(
                            firms.change_firm, slug=office.slug, logo=picture()
                        )
                    taken |= await _take(browser, settings.base_url, office, language, width)
    # Of pages that there are no more. Only now, so that a walk that fails loses none.
    for file in before - taken:
        file.unlink()


async def _take(
    browser: Browser, address: str, office: Office, language: str, width: int
) -> set[Path]:
    """Takes a picture of each page; returns the files."""
    taken: set[Path] = set()
    kind = "phone" if width == PHONE else "desktop"
    options = {"color_scheme": "light", "reduced_motion": "reduce"}
    async with visitor(browser, address, language=language, width=width, **options) as context:
        page = await context.new_page()
        async for name in walk(page, office, language):
            taken.add(await _keep(page, f"{name}.{language}.{kind}"))
            if name in DARK:
                await page.emulate_media(color_scheme="dark")
                taken.add(await _keep(page, f"{name}.{language}.{kind}.dark"))
                await page.emulate_media(color_scheme="light")
    size = sum(file.stat().st_size for file in taken) // 1000
    sys.stdout.write(f"{language}, {kind}: {size} kB\n")
    return taken


async def _keep(page: Page, name: str) -> Path:
    """Keeps a picture of the whole page, as WebP: a quarter of what PNG takes; returns its file."""
    window = page.viewport_size
    assert window is not None
    height = await page.evaluate("document.documentElement.scrollHeight")
    await page.set_viewport_size({**window, "height": height})
    session = await page.context.new_cdp_session(page)
    shot = await session.send("Page.captureScreenshot", {"format": "webp", "quality": 72})
    await session.detach()
    await page.set_viewport_size(window)
    file = FOLDER / f"{name}.webp"
    file.write_bytes(b64decode(shot["data"]))
    return file


if __name__ == "__main__":
    asyncio.run(main())
