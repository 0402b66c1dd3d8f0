"""Tags: made, changed and deleted; put on accounts and contacts, and taken off."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from auth.permissions import allow, members
from models import Account, AccountTag, Contact, ContactTag, Firm, Tag
from models.enums import Permission
from models.folding import fold
from models.ids import prefix_of
from resolvers import texts
from resolvers.bulk import Matching, check_choice, rows_found, rows_of
from resolvers.pairing import Paired, Pairing, pair, unpair
from resolvers.refusal import ErrorCode, Place, Problems, refuse
from resolvers.searching import accounts_matching, contacts_matching
from resolvers.unit import Unit
from tenancy.recording import remove

NAME_LENGTH = 100
MOST_TAGS = 500
MOST_TAGS_AT_ONCE = 20

PALETTE = (
    "#1d4ed8",
    "#c2410c",
    "#15803d",
    "#be185d",
    "#0f766e",
    "#a16207",
    "#6d28d9",
    "#b91c1c",
)
"""Colours for tags that come without one. White text can be read on each of them."""

_COLOR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True)
class _Kind:
    """A kind of thing that carries tags: its taggings, and what it is found by."""

    pairing: Pairing
    matching: Matching
    permission: Permission

    @property
    def tagging(self) -> Any:
        """The table of the taggings."""
        return self.pairing.table

    @property
    def subject_id(self) -> Any:
        """The column of the tagging that names what carries the tag."""
        return getattr(self.tagging, self.pairing.subject_key)


_KINDS = {
    kind.pairing.subject.id_prefix: kind
    for kind in (
        _Kind(
            Pairing(AccountTag, Account, "account_id", Tag, "tag_id"),
            accounts_matching,
            Permission.MANAGE_ACCOUNTS,
        ),
        _Kind(
            Pairing(ContactTag, Contact, "contact_id", Tag, "tag_id"),
            contacts_matching,
            Permission.MANAGE_CONTACTS,
        ),
    )
}


@dataclass(frozen=True)
class Deleted:
    """The tag that is no more, and how many accounts and contacts carried it."""

    deleted_id: str
    touched: int


@allow(Permission.MANAGE_TAGS)
async def create_tag(unit: Unit, *, name: str, color: str | None = None) -> Tag:
    """A new tag; without a *color*, in the one that the firm uses least."""
    # One at a time in a firm, so that none of two takes the other's colour or the last place.
    await unit.session.execute(select(Firm.id).with_for_update(key_share=True))
    problems = Problems()
    used = (await unit.session.scalars(select(Tag.color).order_by(Tag.id))).all()
    if len(used) >= MOST_TAGS:
        problems.add(
            ("name",), ErrorCode.LIMIT_REACHED, "A firm has at most {most} tags.", most=MOST_TAGS
        )
    tag = unit.new(Tag, color=_least_used(used), created_at=unit.now)
    await _fill(unit, problems, tag, name, color)
    problems.settle()
    return tag


@allow(Permission.MANAGE_TAGS)
async def update_tag(unit: Unit, *, id: str, name: str, color: str | None = None) -> Tag:
    """Gives a tag another name, and another colour where there is one."""
    tag = await unit.find(Tag, id, lock=True)
    if tag is None:
        raise refuse(("id",), ErrorCode.NOT_FOUND, "There is no such tag.")
    problems = Problems()
    await _fill(unit, problems, tag, name, color)
    problems.settle()
    return tag


@allow(Permission.MANAGE_TAGS)
async def delete_tag(unit: Unit, *, id: str) -> Deleted:
    """Deletes a tag, and takes it off everything that carries it."""
    tag = await unit.find(Tag, id, lock=True)
    if tag is None:
        raise refuse(("id",), ErrorCode.NOT_FOUND, "There is no such tag.")
    touched = 0
    for kind in _KINDS.values():
        carriers = select(func.count()).select_from(kind.tagging).where(kind.tagging.tag_id == id)
        touched += await unit.session.scalar(carriers) or 0
    await unit.session.delete(tag)
    return Deleted(id, touched)


@members
async def tag(
    unit: Unit, *, tag_ids: Sequence[str], dry_run: bool = False, **chosen: Any
) -> Paired:
    """Puts every tag on every subject; says how often one was not there yet."""
    return await _over(unit, pair, tag_ids, dry_run=dry_run, **chosen)


@members
async def untag(
    unit: Unit, *, tag_ids: Sequence[str], dry_run: bool = False, **chosen: Any
) -> Paired:
    """Takes every tag off every subject; says how often one was there."""
    return await _over(unit, unpair, tag_ids, dry_run=dry_run, **chosen)


async def set_tags(
    unit: Unit,
    problems: Problems,
    place: Place,
    row: Account | Contact,
    tag_ids: Sequence[str] | None,
) -> None:
    """Makes *tag_ids* the tags of *row*, which is new or locked; None takes all of them off."""
    place = (*place, "tag_ids")
    wanted = tag_ids or []
    if _too_many(problems, place, wanted, MOST_TAGS):
        return
    known = await _known(unit, problems, place, wanted)
    kind = _KINDS[row.id_prefix]
    await remove(
        unit.session,
        kind.tagging,
        kind.subject_id == row.id,
        kind.tagging.tag_id.not_in(known),
    )
    there = await _there(unit, kind, [row.id], known)
    for tag_id in known:
        if (row.id, tag_id) not in there:
            unit.new(kind.tagging, **{kind.pairing.subject_key: row.id, "tag_id": tag_id})


async def _fill(unit: Unit, problems: Problems, tag: Tag, name: str, color: str | None) -> None:
    """Writes what was typed into *tag*; what is wrong with it goes to *problems*."""
    found = texts.clean(problems, ("name",), name, most=NAME_LENGTH)
    if found is not None:
        tag.name, tag.name_key = found, fold(found)
        beside = await unit.session.scalar(
            select(Tag.name).where(Tag.name_key == tag.name_key, Tag.id != tag.id)
        )
        if beside is not None:
            problems.add(
                ("name",), ErrorCode.TAKEN, "There is a tag “{name}” already.", name=beside
            )
    elif not texts.tidy(name):
        problems.add(("name",), ErrorCode.REQUIRED, "A tag needs a name.")
    if color is None:
        return
    tag.color = color.strip().lower()
    if not _COLOR.fullmatch(tag.color):
        problems.add(
            ("color",),
            ErrorCode.INVALID,
            "A colour is written as #rrggbb, such as {example}.",
            example=PALETTE[0],
        )


def _least_used(used: Sequence[str]) -> str:
    """Of the palette the colour that is least in *used*; of several the one that came earliest."""
    last = {color: place for place, color in enumerate(used)}
    return min(PALETTE, key=lambda color: (used.count(color), last.get(color, -1)))


async def _over(
    unit: Unit,
    step: Callable[..., Awaitable[Paired]],
    tag_ids: Sequence[str],
    *,
    dry_run: bool,
    subject_ids: Sequence[str] | None = None,
    filter: Mapping[str, Any] | None = None,
    contact_filter: Mapping[str, Any] | None = None,
) -> Paired:
    """Does *step* for the subjects of each kind; refuses where one, or a tag, is not there."""
    problems = Problems()
    given = {
        kind: [id for id in subject_ids or () if prefix_of(id) == prefix]
        for prefix, kind in _KINDS.items()
    }
    filters = dict(zip(_KINDS.values(), (filter, contact_filter), strict=True))
    for kind, ids in given.items():
        if ids or filters[kind] is not None:
            unit.require(kind.permission)
    check_choice(problems, ("subject_ids",), subject_ids, filter, contact_filter)
    _too_many(problems, ("tag_ids",), tag_ids, MOST_TAGS_AT_ONCE)
    problems.settle()
    found: dict[_Kind, list[str]] = {}
    for (kind, ids), place in zip(given.items(), ("filter", "contact_filter"), strict=True):
        table, asked = kind.pairing.subject, filters[kind]
        if asked is not None:
            rows = await rows_found(
                unit, problems, table, kind.matching, asked, dry_run=dry_run, place=(place,)
            )
            found[kind] = [row.id for row in rows]
        elif ids:
            rows = await rows_of(unit, table, ids, dry_run=dry_run)
            found[kind] = [row.id for row in rows]
    known = {id for ids in found.values() for id in ids}
    for position, id in enumerate(subject_ids or ()):
        if id not in known:
            problems.add(
                ("subject_ids", position),
                ErrorCode.NOT_FOUND,
                "There is no such account or contact.",
            )
    tags = await _known(unit, problems, ("tag_ids",), tag_ids)
    problems.settle()
    done = [
        await step(unit, kind.pairing, ids, tags, dry_run=dry_run) for kind, ids in found.items()
    ]
    return Paired(sum(one.count for one in done), sum(one.subject_count for one in done))


def _too_many(problems: Problems, place: Place, ids: Sequence[str], most: int) -> bool:
    if len(ids) > most:
        problems.add(place, ErrorCode.LIMIT_REACHED, "At most {most} at once.", most=most)
    return len(ids) > most


async def _known(unit: Unit, problems: Problems, place: Place, tag_ids: Sequence[str]) -> list[str]:
    """Those of *tag_ids* that the firm has, once each; the others go to *problems*."""
    # Nobody deletes them meanwhile; in one order, so that no two wait for each other.
    known = await unit.session.scalars(
        select(Tag.id)
        .where(Tag.id.in_(tag_ids))
        .order_by(Tag.id)
        .with_for_update(read=True, key_share=True)
    )
    known = set(known)
    for position, id in enumerate(tag_ids):
        if id not in known:
            problems.add((*place, position), ErrorCode.NOT_FOUND, "There is no such tag.")
    return sorted(known)


async def _there(
    unit: Unit, kind: _Kind, subjects: Sequence[str], tag_ids: Sequence[str]
) -> set[tuple[str, str]]:
    """The pairs of subject and tag that stand already."""
    found = await unit.session.execute(
        select(kind.subject_id, kind.tagging.tag_id).where(
            kind.subject_id.in_(subjects), kind.tagging.tag_id.in_(tag_ids)
        )
    )
    return {(subject, tag_id) for subject, tag_id in found}
