"""The mails of the demo in a real browser."""

from __future__ import annotations

import socket

from playwright.async_api import expect

from tests.browsers import chromium
from tests.mails_page.conftest import EVIL_ID, write_evil
from tests.playground.conftest import demo, demo_folder
from tests.processes import DemoServer

__all__ = ["demo", "demo_folder"]


async def test_a_person_clicks_from_the_mail_to_the_portal(demo: DemoServer) -> None:
    firm = demo.firms["harbour-tax"]
    async with chromium() as browser:
        await browser.page.goto(f"{demo.address}/mails")
        invited = browser.page.get_by_role("link", name=f"{firm['name']} invites you")
        await invited.first.click()
        button = browser.page.frame_locator("iframe").get_by_role(
            "link", name="Activate the portal"
        )
        async with browser.context.expect_page() as opened:
            await button.click()
        portal = await opened.value
        await expect(portal.get_by_label("Choose a password", exact=True)).to_be_visible()
        assert portal.url.startswith(f"{firm['portal']}/activate?token=")
        assert browser.complaints == []


async def test_a_mail_runs_nothing_and_loads_nothing(demo: DemoServer) -> None:
    folder = demo.folder / "var/mail"
    folder.mkdir(exist_ok=True)
    # Somebody listens where the mail would load from, so that only the browser keeps it from that.
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        write_evil(folder, f"http://127.0.0.1:{elsewhere.getsockname()[1]}")
        async with chromium() as browser:
            page = browser.page
            for place in (f"/mails/{EVIL_ID}", f"/mails/{EVIL_ID}/html", "/mails"):
                await page.goto(f"{demo.address}{place}")
                # Whatever it does of itself, it has done by now.
                await page.wait_for_timeout(700)
                assert page.url == f"{demo.address}{place}"
                assert await page.title() != "taken over"
            await page.goto(f"{demo.address}/mails/{EVIL_ID}")
            for id in ("go", "top"):
                await page.frame_locator("iframe").locator(f"#{id}").click()
                await page.wait_for_timeout(300)
            assert page.url == f"{demo.address}/mails/{EVIL_ID}"
            assert await page.title() != "taken over"
            assert any("Content Security Policy" in told for told in browser.complaints)
        assert heard(elsewhere) == b""


def heard(elsewhere: socket.socket) -> bytes:
    """What was asked for there. (Chromium may connect in advance, and then asks for nothing.)"""
    elsewhere.setblocking(False)
    asked = b""
    while True:
        try:
            connection, _ = elsewhere.accept()
        except BlockingIOError:
            return asked
        with connection:
            connection.settimeout(5)
            asked += connection.recv(1000)
