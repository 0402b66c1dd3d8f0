"""`/mails` shows what the demo sent, to people and to nobody's scripts; `serve` has no such page."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from tests.deployments import PASSWORD, SIGN_IN, Deployed, running
from tests.mails_page.conftest import EVIL_ID, EVIL_SCRIPT, write_evil
from tests.processes import serving

PAGE = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'none'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
MAIL = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'; "
    "base-uri 'none'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


async def test_the_mails_are_listed_the_newest_first(shown: Deployed) -> None:
    assert "There is none yet." in (await shown.http.get("/mails")).text
    firm = await shown.firm()
    accounts = [await firm.account(invited=True) for _ in range(3)]
    addresses = [each["contacts"]["nodes"][0]["contact"]["email"] for each in accounts]
    await shown.deliver()
    page = await shown.http.get("/mails")
    assert re.findall(r"to (kim\d+@c\.test)", page.text) == addresses[::-1]
    assert page.text.count(f"Firm {firm.slug} invites you to its client portal") == 3


async def test_a_person_goes_from_a_mail_to_the_portal(shown: Deployed) -> None:
    firm = await shown.firm()
    account = await firm.account(invited=True)
    address = account["contacts"]["nodes"][0]["contact"]["email"]
    [letter] = await shown.mails_to(address)
    listed = await shown.http.get("/mails")
    [place] = re.findall(r'href="(/mails/mail_[0-9a-f]{32})"', listed.text)
    page = await shown.http.get(place)
    assert address in page.text and letter.subject in page.text
    assert letter.token in page.text
    [frame] = re.findall(r"<iframe[^>]*>", page.text)
    assert f'src="{place}/html"' in frame
    document = await shown.http.get(f"{place}/html")
    assert document.text.replace('<base target="_blank">', "") == letter.html
    [link] = re.findall(r'href="([^"]*)"', document.text)
    opened = await shown.http.get(unescape(link))
    assert opened.status_code == 200 and address in opened.text
    # Looking at it used nothing up.
    [token] = re.findall(r"token=([\w.-]+)", link)
    await firm.client(account)
    given = {"firm": firm.slug, "email": address, "password": PASSWORD}
    assert token == letter.token
    (await shown.nobody.ask(SIGN_IN, input=given)).payload()


async def test_what_stands_in_a_mail_is_text_or_is_locked_away(shown: Deployed) -> None:
    shown.mail_folder.mkdir()
    write_evil(shown.mail_folder, "https://evil.example")
    for place in ("/mails", f"/mails/{EVIL_ID}"):
        page = await shown.http.get(place)
        assert page.status_code == 200
        assert "<script" not in page.text and "<meta http-equiv" not in page.text
        assert "&lt;script&gt;" in page.text
        assert page.headers["content-security-policy"] == PAGE
    frames = re.findall(r"<iframe[^>]*>", page.text)
    assert len(frames) == 1
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in frames[0]
    document = await shown.http.get(f"/mails/{EVIL_ID}/html")
    assert EVIL_SCRIPT in document.text
    assert document.headers["content-security-policy"] == MAIL
    for answer in (page, document):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_it_shows_mails_and_no_other_file(shown: Deployed) -> None:
    shown.mail_folder.mkdir()
    (shown.mail_folder / "notes.eml").write_text("Subject: private\n\nnotes")
    (shown.mail_folder.parent / f"{EVIL_ID}.eml").write_text("Subject: private\n\nnotes")
    assert "private" not in (await shown.http.get("/mails")).text
    for id in ("notes", EVIL_ID, f"..%2f{EVIL_ID}", f"../{EVIL_ID}", "mail_", f"{EVIL_ID}.eml"):
        for place in (f"/mails/{id}", f"/mails/{id}/html"):
            assert (await shown.http.get(place)).status_code == 404, place


async def test_a_name_that_was_made_to_lead_here_reads_nothing(shown: Deployed) -> None:
    shown.mail_folder.mkdir()
    write_evil(shown.mail_folder, "https://evil.example")
    for place in ("/mails", f"/mails/{EVIL_ID}", f"/mails/{EVIL_ID}/html"):
        answer = await shown.http.get(place, headers={"Host": "rebound.example"})
        assert answer.status_code == 400
        assert "evil" not in answer.text


async def test_where_mails_go_to_a_server_there_is_no_page(
    migrated_url: str, tmp_path: Path
) -> None:
    async with running(
        migrated_url, tmp_path, demo=True, mail_url="smtp://127.0.0.1:2525"
    ) as deployed:
        assert (await deployed.http.get("/mails")).status_code == 404


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_serve_has_no_such_page(migrated_url: str, tmp_path: Path) -> None:
    async with serving(migrated_url, tmp_path / "server") as server:
        server.mail_folder.mkdir(exist_ok=True)
        write_evil(server.mail_folder, "https://evil.example")
        for place in (
            "/mails",
            f"/mails/{EVIL_ID}",
            f"/mails/{EVIL_ID}/html",
            "/mails/static/mails.css",
        ):
            assert (await server.http.get(place)).status_code == 404
