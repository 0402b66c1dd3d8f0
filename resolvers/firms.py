"""Firms: set up by the operator with their first owner, and changed by those who manage them."""

from __future__ import annotations

import re
import zoneinfo
from typing import Any, TypedDict

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from auth.permissions import allow, operator, public
from models import Counter, Firm, Member
from models.enums import Locale, Permission, Role
from models.ids import new_id
from resolvers.logos import check_logo, digest_of
from resolvers.members import draft_member
from resolvers.passwords import check_password
from resolvers.refusal import ErrorCode, Problems, refuse
from resolvers.texts import clean
from resolvers.unit import Unit

_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_FILLED = frozenset({"locale", "time_zone", "sign_up_enabled"})
_COLOR = re.compile(r"#[0-9a-f]{6}")
FIRST_NUMBER = 1001


class FirmDraft(TypedDict, total=False):
    """What is changed of a firm. What is left out stays; None takes colour and logo away."""

    name: str | None
    locale: Locale | None
    time_zone: str | None
    sign_up_enabled: bool | None
    accent_color: str | None
    logo: bytes | None


@public
async def look_at_portal(unit: Unit, *, firm: str) -> Firm | None:
    """The firm with the slug *firm*, for the face of its portal."""
    return await unit.enter_by_slug(firm)


@operator
async def create_firm(
    unit: Unit,
    *,
    slug: str,
    name: str,
    locale: Locale,
    owner_email: str,
    owner_first_name: str,
    owner_last_name: str,
    owner_password: str,
    time_zone: str = "Europe/Berlin",
) -> Member:
    """A new firm and its owner, who signs in with *owner_password*. Returns the owner."""
    problems = Problems()
    if not _SLUG.fullmatch(slug):
        problems.add(
            ("slug",),
            ErrorCode.INVALID,
            "A slug is small letters, digits and hyphens, 63 at most: it stands in addresses.",
        )
    _check_time_zone(problems, time_zone)
    called = _name(problems, name)
    problems.settle()
    check_password(
        owner_password,
        place=("owner_password",),
        personal=[owner_first_name, owner_last_name, owner_email, name, slug],
    )
    firm_id = new_id(Firm.id_prefix)
    await unit.enter(firm_id)
    hashed = await unit.deployment.passwords.hash(owner_password)
    firm = Firm(
        id=firm_id,
        slug=slug,
        name=called,
        locale=locale,
        time_zone=time_zone,
        created_at=unit.now,
    )
    unit.session.add(firm)
    try:
        await unit.session.flush()
    except IntegrityError:
        raise refuse(("slug",), ErrorCode.TAKEN, "Another firm has this slug already.") from None
    unit.session.add(Counter(firm_id=firm_id, id="accounts", value=FIRST_NUMBER - 1))
    return draft_member(
        unit,
        email=owner_email,
        first_name=owner_first_name,
        last_name=owner_last_name,
        role=Role.OWNER,
        locale=locale,
        password_hash=hashed,
        place="owner_",
    )


@allow(Permission.MANAGE_FIRM)
async def update_firm(unit: Unit, **draft: Any) -> Firm:
    """Changes the caller's firm. Without sign-up, links to sign up that are under way die too."""
    return await _change(unit, FirmDraft(**draft))


@operator
async def change_firm(unit: Unit, *, slug: str, **draft: Any) -> Firm:
    """Changes the firm with the slug *slug*, its logo included."""
    if await unit.enter_by_slug(slug) is None:
        raise refuse(("slug",), ErrorCode.NOT_FOUND, "There is no firm with this slug.")
    return await _change(unit, FirmDraft(**draft))


async def _change(unit: Unit, draft: FirmDraft) -> Firm:
    firm = (await unit.session.scalars(select(Firm).with_for_update())).one()
    problems = Problems()
    if "name" in draft:
        firm.name = _name(problems, draft["name"] or "")
    for field in _FILLED & draft.keys():
        if (given := draft.get(field)) is None:
            problems.add((field,), ErrorCode.REQUIRED, "This cannot be empty.")
        else:
            setattr(firm, field, given)
    _check_time_zone(problems, firm.time_zone)
    if "accent_color" in draft:
        firm.accent_color = _color(problems, draft["accent_color"])
    if "logo" in draft:
        logo = draft["logo"]
        if logo is not None:
            check_logo(problems, ("logo",), logo)
        firm.logo = logo
        firm.logo_digest = digest_of(logo) if logo else None
    problems.settle()
    return firm


def _name(problems: Problems, text: str) -> str:
    """The firm's name; an empty text where it is missing or refused."""
    before = len(problems)
    name = clean(problems, ("name",), text)
    if name is None and len(problems) == before:
        problems.add(("name",), ErrorCode.REQUIRED, "A firm needs a name.")
    return name or ""


def _check_time_zone(problems: Problems, time_zone: str) -> None:
    if time_zone not in zoneinfo.available_timezones():
        problems.add(("time_zone",), ErrorCode.INVALID, "There is no such time zone.")


def _color(problems: Problems, text: str | None) -> str | None:
    color = (text or "").strip().lower()
    if not color:
        return None
    if not _COLOR.fullmatch(color):
        problems.add(("accent_color",), ErrorCode.INVALID, "A colour is written like #1f6f61.")
    return color
