"""Standing: which members may change which, and what one member can give another."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select

from auth.permissions import ROLE_PERMISSIONS, Forbidden
from auth.sessions import effective_permissions
from models import Member
from models.enums import MemberStatus, Permission, Role
from resolvers.refusal import ErrorCode, Problems, refuse
from resolvers.unit import Unit

ABOVE_SENTENCE = "This member stands above you, or may do more than you may."
OWNER_SENTENCE = "A firm needs at least one owner."
_HEIGHT = {Role.EMPLOYEE: 0, Role.ADMIN: 1, Role.OWNER: 2}


def may(member: Member) -> frozenset[Permission]:
    """Everything that *member* may do."""
    return effective_permissions(member.role, member.permissions)


def stands_above(member: Member, other: Member) -> bool:
    """Whether *member* has a higher role than *other*, or may do what *other* may not."""
    return _HEIGHT[member.role] > _HEIGHT[other.role] or not may(member) <= may(other)


def given(
    problems: Problems, giver: Member, role: Role, permissions: Sequence[Permission] | None
) -> list[Permission]:
    """The permissions of somebody whom *giver* gives *role* and *permissions*.

    Left out, they are what the role brings, as far as *giver* has it. Refuses what *giver* does
    not have.
    """
    if _HEIGHT[role] > _HEIGHT[giver.role]:
        problems.add(("role",), ErrorCode.FORBIDDEN, "You cannot give a role above your own.")
        return []
    everything = ROLE_PERMISSIONS[role]
    if permissions is None:
        return sorted(everything & may(giver))
    if role is not Role.EMPLOYEE:
        if frozenset(permissions) != everything:
            problems.add(
                ("permissions",),
                ErrorCode.CONFLICT,
                "Owners and admins have every permission. Leave the list out.",
            )
        return sorted(everything)
    for position, permission in enumerate(permissions):
        if permission not in may(giver):
            problems.add(
                ("permissions", position),
                ErrorCode.FORBIDDEN,
                "You cannot give a permission that you do not have.",
            )
    return sorted(set(permissions))


async def hold(unit: Unit, condition: ColumnElement[bool]) -> tuple[Member, Member | None]:
    """The caller and the member whom *condition* finds, as they are now, and held.

    The owners are held as well, all in one order: of two who would each leave the other as the
    last owner, the second sees what the first has done. Raises Forbidden where the caller may
    not manage members any more.
    """
    found = await unit.session.scalars(
        select(Member)
        .where(or_(Member.id == unit.caller.member_id, Member.role == Role.OWNER, condition))
        .order_by(Member.id)
        .with_for_update(key_share=True)
    )
    everyone = found.all()
    caller = next((one for one in everyone if one.id == unit.caller.member_id), None)
    if (
        caller is None
        or caller.status is not MemberStatus.ACTIVE
        or Permission.MANAGE_MEMBERS not in may(caller)
    ):
        raise Forbidden
    meant = await unit.session.scalar(select(Member).where(condition))
    return caller, meant


async def reach(unit: Unit, id: str) -> tuple[Member, Member]:
    """The caller and the member *id*, both held. Refuses one who stands above the caller."""
    caller, member = await hold(unit, Member.id == id)
    if member is None:
        raise refuse(("id",), ErrorCode.NOT_FOUND, "There is no such member.")
    if stands_above(member, caller):
        raise refuse(("id",), ErrorCode.FORBIDDEN, ABOVE_SENTENCE)
    return caller, member


async def is_last_owner(unit: Unit, member: Member) -> bool:
    """Whether no other owner can sign in. The owners are held."""
    if member.role is not Role.OWNER or member.status is not MemberStatus.ACTIVE:
        return False
    other = await unit.session.scalar(
        select(Member.id)
        .where(
            Member.role == Role.OWNER,
            Member.status == MemberStatus.ACTIVE,
            Member.id != member.id,
        )
        .limit(1)
    )
    return other is None
