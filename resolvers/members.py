"""Members: the people who work at the firm."""

from __future__ import annotations

from auth.permissions import ROLE_PERMISSIONS, operator
from models import Member
from models.enums import Locale, MemberStatus, Permission, Role
from resolvers.passwords import check_password
from resolvers.refusal import ErrorCode, Problems
from resolvers.texts import clean
from resolvers.texts import email as read_email
from resolvers.unit import Unit


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
        status=MemberStatus.ACTIVE,
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
    password_hash: str | None,
    status: MemberStatus,
    permissions: frozenset[Permission] | None = None,
    place: str = "",
) -> Member:
    """A member, added to the transaction. Refuses a missing name and what is no address.

    *place* stands before each field's name in a refusal's path.
    """
    problems = Problems()
    address = read_email(problems, (f"{place}email",), email)
    names: list[str] = []
    for field, text in (("first_name", first_name), ("last_name", last_name)):
        name = clean(problems, (place + field,), text)
        if name is None and not problems:
            problems.add((place + field,), ErrorCode.REQUIRED, "A member needs a name.")
        names.append(name or "")
    if address is None and not problems:
        problems.add((f"{place}email",), ErrorCode.REQUIRED, "A member needs an e-mail address.")
    problems.settle()
    assert address is not None
    granted = ROLE_PERMISSIONS[role] if permissions is None else permissions
    return unit.new(
        Member,
        email=address.text,
        email_key=address.key,
        first_name=names[0],
        last_name=names[1],
        role=role,
        permissions=sorted(granted),
        status=status,
        locale=locale,
        password_hash=password_hash,
        created_at=unit.now,
    )
