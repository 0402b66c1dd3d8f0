"""Every page, in every state of it, as people meet it who see, hear and type in their own ways."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page

from models.enums import Locale
from tests.portal.browser.served import DESKTOP, PHONE
from tests.portal.browser.tour import SEND, follow, furnish, walk
from tests.portal.offices import Office

pytestmark = pytest.mark.anyio

RUN = """
async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await axe.run(document, {runOnly: {type: "tag", values: tags}});
  return found.violations.map(each => [each.id, each.nodes.map(node => node.html)]);
}
"""
SHIFTED = """
() => new Promise(resolve => {
  let sum = 0;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({type: "layout-shift", buffered: true});
  setTimeout(() => resolve(sum), 60);
})
"""


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("de", PHONE, "light"), ("en", DESKTOP, "dark")]
)
async def test_no_page_shuts_anybody_out(
    language: str,
    width: int,
    scheme: str,
    axe: str,
    open_office: Callable[..., Awaitable[Office]],
    open_window: Callable[..., Awaitable[Page]],
) -> None:
    office = await open_office("huber", locale=Locale(language.upper()))
    await furnish(office)
    page = await open_window(
        language=language, width=width, color_scheme=scheme, reduced_motion="reduce"
    )
    seen: list[str] = []
    async for name in walk(page, office, language):
        seen.append(name)
        # Evaluated from outside, past the page's own policy, which lets no such script in.
        await page.evaluate(axe)
        assert await page.evaluate(RUN) == [], name
        too_wide = await page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert too_wide <= 0, name
        assert await page.evaluate(SHIFTED) < 0.01, name
        assert await page.evaluate("document.documentElement.lang") == language
        if name.endswith("-error"):
            assert await page.evaluate("document.activeElement.getAttribute('role')") == "alert"
            assert (await page.title()).startswith(("Bitte prüfen: ", "Please check: "))
    assert len(seen) == len(set(seen)) > 25


async def test_nothing_is_cut_off_where_a_window_is_very_narrow_or_words_are_very_large(
    open_office: Callable[..., Awaitable[Office]], open_window: Callable[..., Awaitable[Page]]
) -> None:
    office = await open_office("huber", name="Steuerberatungsgesellschaft Müller-Lüdenscheidt mbB")
    await furnish(office)
    page = await open_window(language="de", width=PHONE)
    await page.set_viewport_size({"width": 320, "height": 256})
    await office.add_account("ada@example.org", name="Donaudampfschifffahrtsgesellschaft " * 3)
    await page.goto(await office.link("activate"))
    await page.fill("#password", "four quiet words by the sea")
    await follow(page, SEND)
    for path in (None, "/accounts", "/sessions", "/password", "/sign-up"):
        if path:
            await page.goto(f"/p/huber{path}")
        await page.evaluate("document.documentElement.style.fontSize = '150%'")
        too_wide = await page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert too_wide <= 0, path
