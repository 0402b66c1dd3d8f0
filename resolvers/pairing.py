"""Pairs over many rows: tags on accounts, members beside accounts; put and taken by sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import aliased

from models import Account, AccountAssignee, AccountTag, Contact, ContactTag, Member, Tag
from models.existence import there_is
from models.ids import fresh_id
from resolvers.bulk import changed, is_one_of
from resolvers.unit import Unit
from tenancy.recording import remove, write_from


@dataclass(frozen=True)
class Pairing:
    """A table of pairs: of a *subject*, which a pair is a change of, and something *other*."""

    table: type[AccountTag | ContactTag | AccountAssignee]
    subject: type[Account | Contact]
    subject_key: str
    other: type[Tag | Member]
    other_key: str


@dataclass(frozen=True)
class Paired:
    """How many pairs were put or taken, and of how many subjects."""

    count: int
    subject_count: int


async def pair(
    unit: Unit,
    pairing: Pairing,
    subject_ids: Sequence[str],
    other_ids: Sequence[str],
    *,
    dry_run: bool,
) -> Paired:
    """Puts every one of the others to every subject, all of which are locked.

    However many there are, it takes the same few statements.
    """
    there = await _count(unit, pairing, subject_ids, other_ids)
    count = len(subject_ids) * len(other_ids) - there
    lacking = _among(unit, pairing, subject_ids, other_ids) < len(other_ids)
    subjects = await _touch(unit, pairing, subject_ids, lacking, dry_run=dry_run or not count)
    if dry_run or not count:
        return Paired(count, subjects)
    subject: Any = aliased(pairing.subject)
    other: Any = aliased(pairing.other)
    beside: Any = aliased(pairing.table)
    await write_from(
        unit.session,
        pairing.table,
        {
            "id": fresh_id(pairing.table.id_prefix, unit.deployment.database.dialect),
            pairing.subject_key: subject.id,
            pairing.other_key: other.id,
        },
        subject,
        other,
        where=is_one_of(unit, subject.id, subject_ids)
        & is_one_of(unit, other.id, other_ids)
        & ~there_is(
            beside,
            where=(
                beside.firm_id == subject.firm_id,
                getattr(beside, pairing.subject_key) == subject.id,
                getattr(beside, pairing.other_key) == other.id,
            ),
        ),
    )
    return Paired(count, subjects)


async def unpair(
    unit: Unit,
    pairing: Pairing,
    subject_ids: Sequence[str],
    other_ids: Sequence[str],
    *,
    dry_run: bool,
) -> Paired:
    """Takes every one of the others from every subject, all of which are locked."""
    count = await _count(unit, pairing, subject_ids, other_ids)
    holding = _among(unit, pairing, subject_ids, other_ids) > 0
    subjects = await _touch(unit, pairing, subject_ids, holding, dry_run=dry_run or not count)
    if count and not dry_run:
        theirs = _pairs(unit, pairing, pairing.table, subject_ids, other_ids)
        await remove(unit.session, pairing.table, *theirs)
    return Paired(count, subjects)


def _pairs(
    unit: Unit, pairing: Pairing, table: Any, subject_ids: Sequence[str], other_ids: Sequence[str]
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        is_one_of(unit, getattr(table, pairing.subject_key), subject_ids),
        is_one_of(unit, getattr(table, pairing.other_key), other_ids),
    )


async def _count(
    unit: Unit, pairing: Pairing, subject_ids: Sequence[str], other_ids: Sequence[str]
) -> int:
    """How many of the pairs stand already."""
    theirs = _pairs(unit, pairing, pairing.table, subject_ids, other_ids)
    count = select(func.count()).select_from(pairing.table).where(*theirs)
    return await unit.session.scalar(count) or 0


def _among(
    unit: Unit, pairing: Pairing, subject_ids: Sequence[str], other_ids: Sequence[str]
) -> ColumnElement[int]:
    """How many of the others a subject has."""
    beside: Any = aliased(pairing.table)
    return (
        select(func.count())
        .select_from(beside)
        .where(
            beside.firm_id == pairing.subject.firm_id,
            getattr(beside, pairing.subject_key) == pairing.subject.id,
            is_one_of(unit, getattr(beside, pairing.other_key), other_ids),
        )
        .correlate(pairing.subject)
        .scalar_subquery()
    )


async def _touch(
    unit: Unit,
    pairing: Pairing,
    subject_ids: Sequence[str],
    condition: ColumnElement[bool],
    *,
    dry_run: bool,
) -> int:
    """To gain or lose one is a change of the subject: of how many, and when it was."""
    table = pairing.subject
    theirs = (is_one_of(unit, table.id, subject_ids), condition)
    if dry_run:
        return (
            await unit.session.scalar(select(func.count()).select_from(table).where(*theirs)) or 0
        )
    return await changed(unit, update(table).where(*theirs).values(updated_at=unit.now))
