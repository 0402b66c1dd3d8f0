"""Members: the people who work at the firm. They are invited, and changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict, cast

from auth.permissions import ROLE_PERMISSIONS, allow, operator
from models import Member
from models.enums import Locale, MemberStatus, Permission, Role
from resolvers.joining import check_pause, invitation_of, send_link
from resolvers.passwords import check_password
from resolvers.refusal import ErrorCode, Problems
from resolvers.standing import (
    ABOVE_SENTENCE,
    OWNER_SENTENCE,
    given,
    hold,
    is_last_owner,
    reach,
    stands_above,
)
from resolvers.texts import EmailAddress, clean
from resolvers.texts import email as read_email
from resolvers.unit import Unit


class MemberDraft(TypedDict, total=False):
    """What is changed of a member; what is left out stays."""

    first_name: str | None
    last_name: str | None
    role: Role | None
    permissions: Sequence[Permission] | None
    locale: Locale | None


@operator
async def create_member(
    unit: Unit,
    *,
    firm: str,
    email: str,
    first_name: str,
    last_name: str,
    role: Role,
    password: str,
    locale: Locale,
    permissions: frozenset[Permission] | None = None,
) -> Member:
    """A member of the firm with the slug *firm*, who can sign in at once."""
    found = await unit.enter_by_slug(firm)
    assert found is not None, "the operator names a firm that exists"
    check_password(
        password,
        place=("password",),
        personal=[first_name, last_name, email, found.name, found.slug],
    )
    hashed = await unit.deployment.passwords.hash(password)
    return draft_member(
        unit,
        email=email,
        first_name=first_name,
        last_name=last_name,
        role=role,
        locale=locale,
        password_hash=hashed,
        permissions=permissions,
    )


def draft_member(
    unit: Unit,
    *,
    email: str,
    first_name: str,
    last_name: str,
    role: Role,
    locale: Locale,
    password_hash: str,
    permissions: frozenset[Permission] | None = None,
    place: str = "",
) -> Member:
    """A member who can sign in. Refuses a missing name and what is no address.

    *place* stands before each field's name in a refusal's path.
    """
    problems = Problems()
    address = _address(problems, f"{place}email", email)
    first = _name(problems, f"{place}first_name", first_name)
    last = _name(problems, f"{place}last_name", last_name)
    problems.settle()
    assert address is not None
    return unit.new(
        Member,
        email=address.text,
        email_key=address.key,
        first_name=first,
        last_name=last,
        role=role,
        permissions=sorted(ROLE_PERMISSIONS[role] if permissions is None else permissions),
        status=MemberStatus.ACTIVE,
        locale=locale,
        password_hash=password_hash,
        created_at=unit.now,
    )


@allow(Permission.MANAGE_MEMBERS)
async def invite_member(
    unit: Unit,
    *,
    email: str,
    first_name: str,
    last_name: str,
    role: Role = Role.EMPLOYEE,
    permissions: Sequence[Permission] | None = None,
    locale: Locale | None = None,
) -> Member:
    """Sends a link to choose a password with. Somebody invited before gets a fresh one."""
    problems = Problems()
    address = _address(problems, "email", email)
    first = _name(problems, "first_name", first_name)
    last = _name(problems, "last_name", last_name)
    key = address.key if address else ""
    caller, member = await hold(unit, Member.email_key == key)
    granted = given(problems, caller, role, permissions)
    invitation = None
    if member is not None:
        if member.status is MemberStatus.ACTIVE:
            problems.add(
                ("email",), ErrorCode.ALREADY_ACTIVE, "This person works at the firm already."
            )
        elif stands_above(member, caller):
            problems.add(("email",), ErrorCode.FORBIDDEN, ABOVE_SENTENCE)
        invitation = await invitation_of(unit, member)
        check_pause(unit, problems, invitation)
    problems.settle()
    assert address is not None
    if member is None:
        firm = await unit.firm()
        member = unit.new(
            Member,
            email=address.text,
            email_key=address.key,
            locale=firm.locale,
            created_at=unit.now,
        )
    member.first_name, member.last_name = first, last
    member.role, member.permissions = role, cast("list[str]", granted)
    member.locale = locale or member.locale
    member.status = MemberStatus.INVITED
    # Who comes back chooses a new one.
    member.password_hash = None
    await send_link(unit, member, invitation, inviter=caller)
    return member


@allow(Permission.MANAGE_MEMBERS)
async def update_member(unit: Unit, *, id: str, **draft: Any) -> Member:
    """Changes names, language, role and permissions; it holds from the next request on."""
    return await _change(unit, id, MemberDraft(**draft))


async def _change(unit: Unit, id: str, draft: MemberDraft) -> Member:
    caller, member = await reach(unit, id)
    problems = Problems()
    if "first_name" in draft:
        member.first_name = _name(problems, "first_name", draft["first_name"] or "")
    if "last_name" in draft:
        member.last_name = _name(problems, "last_name", draft["last_name"] or "")
    for field in ("role", "permissions", "locale"):
        if field in draft and draft.get(field) is None:
            problems.add((field,), ErrorCode.REQUIRED, "This cannot be empty.")
    role = draft.get("role") or member.role
    permissions = draft.get("permissions")
    if role is not member.role or permissions is not None:
        granted = given(problems, caller, role, permissions)
        if role is not Role.OWNER and await is_last_owner(unit, member):
            problems.add(("role",), ErrorCode.LAST_OWNER, OWNER_SENTENCE)
        member.role, member.permissions = role, cast("list[str]", granted)
    member.locale = draft.get("locale") or member.locale
    problems.settle()
    return member


def _address(problems: Problems, field: str, text: str) -> EmailAddress | None:
    before = len(problems)
    address = read_email(problems, (field,), text)
    if address is None and len(problems) == before:
        problems.add((field,), ErrorCode.REQUIRED, "A member needs an e-mail address.")
    return address


def _name(problems: Problems, field: str, text: str) -> str:
    """A part of a member's name; an empty text where it is missing or refused."""
    before = len(problems)
    name = clean(problems, (field,), text)
    if name is None and len(problems) == before:
        problems.add((field,), ErrorCode.REQUIRED, "A member needs a name.")
    return name or ""
