"""Firms: set up by the operator, with their first owner."""

from __future__ import annotations

import re
import zoneinfo

from sqlalchemy.exc import IntegrityError

from auth.permissions import operator, public
from models import Counter, Firm, Member
from models.enums import Locale, MemberStatus, Role
from models.ids import new_id
from resolvers.members import draft_member
from resolvers.passwords import check_password
from resolvers.refusal import ErrorCode, Problems, refuse
from resolvers.texts import clean
from resolvers.unit import Unit

_SLUG = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
FIRST_NUMBER = 1001


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
    if time_zone not in zoneinfo.available_timezones():
        problems.add(("time_zone",), ErrorCode.INVALID, "There is no such time zone.")
    called = clean(problems, ("name",), name)
    if called is None and not problems:
        problems.add(("name",), ErrorCode.REQUIRED, "A firm needs a name.")
    problems.settle()
    assert called is not None
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
        status=MemberStatus.ACTIVE,
        place="owner_",
    )
