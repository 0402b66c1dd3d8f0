from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from models.enums import Locale
from portal.forms import COOKIE as FORM_COOKIE
from resolvers import firms
from server.visits import COOKIE
from tests.portal.conftest import ADDRESS, PASSWORD, Browser, Office

pytestmark = pytest.mark.anyio
EMAIL = "ada@example.org"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
async def activation(office: Office, browser: Browser) -> Browser:
    """A browser that shows Ada's activation page."""
    await office.add_account(EMAIL, name="Weber, Ada")
    await browser.open(await office.link("activate"))
    return browser


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": ADDRESS},
        {"Origin": "https://evil.example"},
        {"Origin": f"{ADDRESS}.evil.example"},
    ],
)
async def test_a_form_from_another_site_is_refused(
    activation: Browser, headers: dict[str, str]
) -> None:
    shown = activation.page
    refused = await activation.send("/activate", password=PASSWORD, headers=headers)
    assert refused.status_code == 403
    assert "Bitte versuchen Sie es noch einmal" in refused.text
    assert COOKIE not in activation.http.cookies
    activation.page = shown
    ours = {"Sec-Fetch-Site": "same-origin", "Origin": ADDRESS}
    assert (await activation.send("/activate", password=PASSWORD, headers=ours)).status_code == 303


async def test_a_form_without_its_cookie_or_token_is_refused(
    activation: Browser, open_browser: Callable[[], Awaitable[Browser]]
) -> None:
    shown = activation.page
    assert (await activation.send("/activate", password=PASSWORD, form_token="")).status_code == 403
    other = await open_browser()
    other.page = shown
    assert (await other.send("/activate", password=PASSWORD)).status_code == 403
    await other.open("/p/huber")
    other.page = shown
    assert (await other.send("/activate", password=PASSWORD)).status_code == 403
    other.http.cookies.clear()
    nonce = activation.http.cookies[FORM_COOKIE]
    other.page = shown
    answer = await other.send(
        "/activate", password=PASSWORD, headers={"Cookie": f"{FORM_COOKIE}={nonce}"}
    )
    assert answer.status_code == 303


async def test_the_form_cookie_is_kept_from_everybody_else(
    office: Office, browser: Browser
) -> None:
    page = await browser.open(f"/p/{office.slug}")
    assert re.fullmatch(
        rf"{FORM_COOKIE}=[\w-]{{43}}; Path=/; Secure; HttpOnly; SameSite=Lax",
        page.headers["set-cookie"],
    )
    assert "set-cookie" not in (await browser.open(f"/p/{office.slug}/forgotten")).headers


@pytest.mark.parametrize(
    ("content", "type", "status"),
    [
        (b"{}", "application/json", 415),
        (b"a=b", "text/plain", 415),
        (b"", "multipart/form-data; boundary=x", 415),
        (b"password=" + b"x" * 20_000, FORM, 413),
        (b"&".join(b"a=b" for _ in range(50)), FORM, 400),
        (b"\xff\xfe%ff%00=%", FORM, 403),
        (b"email=%00", FORM, 400),
    ],
)
async def test_what_is_no_form_is_refused(
    office: Office, browser: Browser, content: bytes, type: str, status: int
) -> None:
    answer = await browser.http.post(
        f"/p/{office.slug}/sign-in", content=content, headers={"Content-Type": type}
    )
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


async def test_a_body_that_does_not_say_its_length_is_limited_as_well(
    office: Office, browser: Browser
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1000

    answer = await browser.http.post(
        f"/p/{office.slug}/sign-in", content=endless(), headers={"Content-Type": FORM}
    )
    assert answer.status_code == 413


async def test_pages_load_nothing_but_our_own_files_and_are_kept_nowhere(
    activation: Browser, office: Office
) -> None:
    await office.do(firms.update_firm, accent_color="#ffcc00")
    for page in (
        await activation.open(await office.link("activate")),
        await activation.open("/p/huber"),
    ):
        assert page.headers["content-security-policy"] == (
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
            "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        )
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["cross-origin-opener-policy"] == "same-origin"
        assert page.headers["strict-transport-security"].startswith("max-age=63072000")
        assert (
            re.findall(r"<script(?![^>]* src=)|<style|\bstyle=|\son\w+=|javascript:", page.text)
            == []
        )
        loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]*)"', page.text)
        assert [address.partition("?")[0] for address in loaded] == [
            "/p/static/portal.css",
            "/p/static/accent-ffcc00.css",
            "/p/static/icon.svg",
            "/p/static/portal.js",
        ]
    for address in loaded:
        asset = await activation.open(address)
        assert asset.status_code == 200
        assert asset.headers["x-content-type-options"] == "nosniff"
        assert "immutable" in asset.headers["cache-control"]
        assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/)", asset.text)


async def test_a_first_visit_is_light(activation: Browser) -> None:
    page = await activation.open("/p/huber")
    loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]*)"', page.text)
    sizes = [len((await activation.open(address)).content) for address in loaded]
    assert len(page.content) + sum(sizes) < 60_000


@pytest.mark.parametrize("name", ["portal.py", "../door.py", "accent-xyz.css", "accent-FFCC00.css"])
async def test_no_other_file_is_served(browser: Browser, name: str) -> None:
    assert (await browser.open(f"/p/static/{name}")).status_code == 404


async def test_every_field_has_a_label_and_every_form_a_token(
    activation: Browser, office: Office
) -> None:
    await office.do(firms.update_firm, sign_up_enabled=True)
    await activation.send("/activate", password=PASSWORD)
    inside = ("", "/accounts", "/password", "/language", "/sessions")
    outside = ("/sign-up", "/forgotten")
    for path in (*inside, *outside):
        page = await activation.open(f"/p/huber{path}")
        for form in re.findall(r"<form.*?</form>", page.text, re.DOTALL):
            assert 'name="form_token"' in form
            for id in re.findall(r'<input id="([^"]*)"', form):
                assert f'<label for="{id}">' in form


@pytest.mark.parametrize(
    ("asked", "shown"),
    [(None, "de"), ("fr", "de"), ("de-AT,en;q=0.5", "de"), ("en-GB,de;q=0.5", "en"), ("*", "de")],
)
async def test_a_visitor_reads_the_firms_language_unless_the_browser_asks_for_the_other(
    office: Office, browser: Browser, asked: str | None, shown: str
) -> None:
    headers = {"Accept-Language": asked} if asked else {}
    page = await browser.open(f"/p/{office.slug}", **headers)
    assert f'<html lang="{shown}">' in page.text
    assert ("Anmelden" in page.text) is (shown == "de")


async def test_a_client_reads_their_own_language(
    activation: Browser, open_office: Callable[..., Awaitable[Office]]
) -> None:
    await activation.send("/activate", password=PASSWORD)
    page = await activation.open("/p/huber", **{"Accept-Language": "en"})
    assert '<html lang="de">' in page.text
    await open_office("smith", name="Smith", locale=Locale.EN)
    assert '<html lang="en">' in (await activation.open("/p/smith")).text


async def test_an_address_that_leads_nowhere_is_a_page_of_the_firms(
    office: Office, browser: Browser
) -> None:
    for path in ("/nonsense", "/accounts/x/y", "/sign-up/", "/static"):
        page = await browser.open(f"/p/{office.slug}{path}")
        assert page.status_code == 404
        assert "Hier gibt es nichts" in page.text
        assert "Huber &amp; Partner" in page.text


async def test_what_people_typed_is_text_and_never_markup(
    open_office: Callable[..., Awaitable[Office]], browser: Browser
) -> None:
    await open_office("evil", name="<script>alert(1)</script>")
    page = await browser.open("/p/evil")
    assert "&lt;script&gt;" in page.text
    assert "<script>alert" not in page.text
    page = await browser.send("/sign-in", email='"><b>x', password="x")
    assert "<b>" not in page.text
