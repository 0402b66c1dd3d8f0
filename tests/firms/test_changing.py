"""A firm is changed by who manages it, and by the operator."""

from __future__ import annotations

import pytest

from models.enums import Permission, Role
from resolvers import firms
from resolvers.refusal import Refused
from tests.deployments import Deployed, Firm

UPDATE = """
mutation ($input: UpdateFirmInput!) {
  updateFirm(input: $input) {
    firm { name locale timeZone signUpEnabled signUpUrl accentColor logoPath }
    errors { path code }
  }
}
"""
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 50


async def test_a_firm_is_changed_field_by_field(firm: Firm) -> None:
    changed = (
        await firm.owner.ask(
            UPDATE,
            input={
                "name": "  Weber & Partner ",
                "timeZone": "Europe/Vienna",
                "accentColor": "#AB12ef",
                "signUpEnabled": True,
            },
        )
    ).payload()["firm"]
    assert changed == {
        "name": "Weber & Partner",
        "locale": "EN",
        "timeZone": "Europe/Vienna",
        "signUpEnabled": True,
        "signUpUrl": f"{firm.deployed.settings.base_url}/p/{firm.slug}/sign-up",
        "accentColor": "#ab12ef",
        "logoPath": None,
    }
    again = (await firm.owner.ask(UPDATE, input={"accentColor": None})).payload()["firm"]
    assert again == {**changed, "accentColor": None}
    portal = await firm.deployed.nobody.ask(
        "query ($firm: String!) { portal(firm: $firm) { name signUpEnabled accentColor } }",
        firm=firm.slug,
    )
    assert portal.data["portal"] == {
        "name": "Weber & Partner",
        "signUpEnabled": True,
        "accentColor": None,
    }


async def test_what_there_is_to_mend_comes_at_once_and_nothing_is_written(firm: Firm) -> None:
    answer = await firm.owner.ask(
        UPDATE,
        input={
            "name": " ",
            "timeZone": "Mars/Base",
            "accentColor": "red",
            "locale": None,
            "signUpEnabled": None,
        },
    )
    assert sorted(answer.refusals()) == [
        ("accentColor", "INVALID"),
        ("locale", "REQUIRED"),
        ("name", "REQUIRED"),
        ("signUpEnabled", "REQUIRED"),
        ("timeZone", "INVALID"),
    ]
    after = await firm.owner.ask("{ firm { name timeZone accentColor } }")
    assert after.data["firm"] == {
        "name": f"Firm {firm.slug}",
        "timeZone": "Europe/Berlin",
        "accentColor": None,
    }


async def test_it_takes_the_permission(firm: Firm) -> None:
    employee = await firm.member(Permission.MANAGE_ACCOUNTS)
    assert (await employee.ask(UPDATE, input={"name": "Mine"})).codes == ["FORBIDDEN"]
    manager = await firm.member(Permission.MANAGE_FIRM)
    admin = await firm.member(role=Role.ADMIN)
    for voice in (manager, admin):
        (await voice.ask(UPDATE, input={"name": "Ours"})).payload()


@pytest.mark.parametrize(
    "logo",
    [PNG, b"\xff\xd8\xff\xe0rest", b"RIFF\x00\x00\x00\x00WEBPVP8 "],
    ids=["png", "jpeg", "webp"],
)
async def test_a_logo_is_a_small_picture(deployed: Deployed, firm: Firm, logo: bytes) -> None:
    await deployed.as_operator(firms.change_firm, slug=firm.slug, logo=logo)
    path = (await firm.owner.ask("{ firm { logoPath } }")).data["firm"]["logoPath"]
    portal = await deployed.nobody.ask(
        "query ($firm: String!) { portal(firm: $firm) { logoPath } }", firm=firm.slug
    )
    assert portal.data["portal"] == {"logoPath": path}
    shown = await deployed.http.get(path)
    assert shown.content == logo
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-type"].startswith("image/")
    assert "immutable" in shown.headers["cache-control"]
    assert shown.headers["content-security-policy"].startswith("default-src 'none'")
    other = await deployed.firm()
    assert (await deployed.http.get(path.replace(firm.slug, other.slug))).status_code == 404
    await deployed.as_operator(firms.change_firm, slug=firm.slug, logo=None)
    assert (await deployed.http.get(path)).status_code == 404


@pytest.mark.parametrize(
    "logo",
    [b"<svg onload='alert(1)'/>", b"GIF89a", b"", PNG + b"x" * 65_536],
    ids=["svg", "gif", "empty", "too large"],
)
async def test_anything_else_is_no_logo(deployed: Deployed, firm: Firm, logo: bytes) -> None:
    with pytest.raises(Refused):
        await deployed.as_operator(firms.change_firm, slug=firm.slug, logo=logo)
    assert (await firm.owner.ask("{ firm { logoPath } }")).data["firm"]["logoPath"] is None
