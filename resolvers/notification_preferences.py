"""Notification preferences: of what each member is told, in the inbox and by mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.permissions import members
from models import Member, NotificationPreference
from models.enums import NotificationKind
from resolvers.refusal import ErrorCode, Problems
from resolvers.unit import Unit

MAILED = frozenset({NotificationKind.CLIENT_ACTIVATED, NotificationKind.CLIENT_SIGNED_UP})
"""What is mailed to members who have said nothing of it. In the inbox, everything is."""


class PreferenceDraft(TypedDict):
    """What a member says of a kind. What is left out stays as it is, None stands for as usual."""

    kind: NotificationKind
    inbox: NotRequired[bool | None]
    email: NotRequired[bool | None]


@dataclass(frozen=True)
class Preference:
    """How a member is told of a kind of notification."""

    kind: NotificationKind
    inbox: bool
    email: bool


class Preferences:
    """How some members are told: what they have said, and else what is usual."""

    def __init__(self, said: Iterable[NotificationPreference]) -> None:
        self._said = {(row.member_id, row.kind): row for row in said}

    def of(self, member_id: str, kind: NotificationKind) -> Preference:
        """How the member is told of *kind*."""
        said = self._said.get((member_id, kind))
        inbox, email = (None, None) if said is None else (said.inbox, said.email)
        return Preference(
            kind,
            inbox=True if inbox is None else inbox,
            email=kind in MAILED if email is None else email,
        )


async def preferences_of(session: AsyncSession, member_ids: Iterable[str]) -> Preferences:
    """How these members are told of everything, by one statement."""
    return Preferences(
        await session.scalars(
            select(NotificationPreference).where(NotificationPreference.member_id.in_(member_ids))
        )
    )


@members
async def notification_preferences(unit: Unit) -> list[Preference]:
    """How the caller is told of each kind."""
    return await _own(unit)


@members
async def update_notification_preferences(
    unit: Unit, *, preferences: Sequence[PreferenceDraft]
) -> list[Preference]:
    """Changes how the caller is told of some kinds; returns how they are told of each."""
    problems = Problems()
    drafts: dict[NotificationKind, PreferenceDraft] = {}
    for position, draft in enumerate(preferences):
        if draft["kind"] in drafts:
            problems.add(
                ("preferences", position, "kind"), ErrorCode.CONFLICT, "This kind is given twice."
            )
        drafts.setdefault(draft["kind"], draft)
    problems.settle()
    said = await _held(unit)
    for kind, draft in drafts.items():
        row = said.get(kind)
        if row is None:
            row = unit.new(NotificationPreference, member_id=unit.caller.member_id, kind=kind)
        if "inbox" in draft:
            row.inbox = draft["inbox"]
        if "email" in draft:
            row.email = draft["email"]
    await unit.session.flush()
    return await _own(unit)


async def _held(unit: Unit) -> Mapping[NotificationKind, NotificationPreference]:
    """What the caller has said; nobody changes it until the end, nor says a first word."""
    mine = unit.caller.member_id
    await unit.session.execute(
        select(Member.id).where(Member.id == mine).with_for_update(key_share=True)
    )
    said = await unit.session.scalars(
        select(NotificationPreference).where(NotificationPreference.member_id == mine)
    )
    return {row.kind: row for row in said}


async def _own(unit: Unit) -> list[Preference]:
    mine = unit.caller.member_id
    assert mine is not None
    preferences = await preferences_of(unit.session, [mine])
    return [preferences.of(mine, kind) for kind in NotificationKind]
