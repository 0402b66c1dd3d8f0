"""The playground in a real browser, as a person uses it."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from playwright.async_api import expect

from tests.browsers import chromium
from tests.processes import DemoServer

LINKED = "query Linked { firm { slug } }"


async def test_a_person_signs_in_runs_an_example_and_follows_a_link(demo: DemoServer) -> None:
    firm = demo.firms["harbour-tax"]
    async with chromium() as browser:
        page = browser.page
        result = page.locator(".graphiql-response")
        run = page.get_by_role("button", name="Execute query")
        await page.goto(f"{demo.address}/graphql")
        await expect(page.get_by_text("Nobody is signed in.")).to_be_visible()

        # Signed out, the API says so.
        await run.click()
        await expect(result).to_contain_text("UNAUTHENTICATED")

        sign_in = page.get_by_role("button", name="Sign in")
        await page.get_by_label("Firm", exact=True).fill(firm["slug"])
        await page.get_by_label("E-mail").fill(firm["owner"])
        await page.get_by_label("Password").fill("not this one, certainly")
        await sign_in.click()
        await expect(page.locator("#who.wrong")).not_to_be_empty()
        await page.get_by_label("Password").fill(firm["owner_password"])
        await sign_in.click()
        who = page.get_by_role("status")
        await expect(who).to_contain_text(f"({firm['owner']}), OWNER of {firm['name']}")
        await expect(sign_in).to_be_hidden()

        await run.click()
        await expect(result).to_contain_text('"totalCount": 100')

        # The schema with its descriptions, and a dialog and a menu, which style themselves.
        await page.get_by_label("Show Documentation Explorer").click()
        await page.get_by_role("link", name="Query", exact=True).click()
        await expect(page.get_by_text("Members: the firm's accounts")).to_be_visible()
        await page.get_by_label("Open settings dialog").click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await page.keyboard.press("Escape")

        # A link shows its operation and runs nothing of it.
        before = len(browser.requested)
        await page.goto(f"{demo.address}/graphql?query={quote(LINKED)}")
        await expect(page.get_by_text("This operation came with the link.")).to_be_visible()
        await expect(page.locator(".graphiql-query-editor")).to_contain_text("Linked")
        await expect(who).to_contain_text(firm["owner"])
        assert firm["slug"] not in await result.inner_text()
        await run.click()
        await expect(result).to_contain_text(firm["slug"])
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_text("Nobody is signed in.")).to_be_visible()
        assert len(browser.requested) > before

        # Nothing was blocked, nothing failed, and nobody else was asked for anything.
        assert browser.complaints == []
        assert {urlsplit(url).netloc for url in browser.requested} == {f"127.0.0.1:{demo.port}"}
        # No password stays behind.
        kept = await page.evaluate("JSON.stringify([sessionStorage, localStorage])")
        assert firm["owner_password"] not in kept
