"""Bulk: what a write is over, named by ids or found by a filter; 10,000 rows at most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, CursorResult, Executable, Select, func, literal, select
from sqlalchemy.orm import load_only

from models import Account, Contact
from planner import Arguments
from planner.databases import forms_for
from planner.given import conditions_given
from resolvers.refusal import ErrorCode, Place, Problems
from resolvers.searching import accounts_matching
from resolvers.unit import Unit
from tenancy.scope import FIRM
from tenancy.statements import expect_many

MOST_AT_ONCE = 10_000
_MANY = 100

Subject = TypeVar("Subject", bound=Account | Contact)
Matching = Callable[[Any, Arguments], Iterable[ColumnElement[bool]]]


@dataclass(frozen=True)
class ChangedAccounts:
    """The accounts that a write was over, and how many of them it changed."""

    accounts: Sequence[Account]
    count: int


def check_choice(
    problems: Problems, place: Place, ids: Sequence[str] | None, *filters: Mapping[str, Any] | None
) -> None:
    """Refuses both ids and a filter, none of them, and too many ids."""
    given = sum(one is not None for one in (ids, *filters))
    if given != 1:
        problems.add(
            place,
            ErrorCode.CONFLICT if given else ErrorCode.REQUIRED,
            "Give ids, or a filter: exactly one of them.",
        )
    elif ids is not None and len(ids) > MOST_AT_ONCE:
        problems.add(
            place,
            ErrorCode.LIMIT_REACHED,
            "At most {most} at once, and these are {count}.",
            most=MOST_AT_ONCE,
            count=len(ids),
        )


async def chosen_accounts(
    unit: Unit,
    problems: Problems,
    ids: Sequence[str] | None,
    filter: Mapping[str, Any] | None,
    *,
    place: Place,
    dry_run: bool,
) -> list[Account]:
    """The accounts, which know their ids alone: those that are named, in that order, or those
    that the filter finds. Nobody changes them until the end, but in a dry run.
    """
    check_choice(problems, place, ids, filter)
    if problems:
        return []
    if ids is not None:
        rows = await rows_of(unit, Account, ids, dry_run=dry_run)
        return named(problems, rows, ids, place=place, sentence="There is no such account.")
    return await rows_found(unit, problems, Account, accounts_matching, filter, dry_run=dry_run)


async def expect(unit: Unit, ids: Sequence[str] | None) -> None:
    """Prepares the unit for a write over many rows: those of a filter, or of many *ids*."""
    if ids is None or len(ids) > _MANY:
        await expect_many(unit.session)


async def rows_of(
    unit: Unit, table: type[Subject], ids: Sequence[str], *, dry_run: bool
) -> list[Subject]:
    """Those of *ids* that the firm has, in ascending order; locked, but in a dry run."""
    await expect(unit, ids)
    rows = _only_ids(table).where(is_one_of(unit, table.id, ids))
    # In one order everywhere, so that no two wait for each other.
    found = await unit.session.scalars(rows if dry_run else rows.with_for_update())
    return list(found)


def named(
    problems: Problems, rows: Iterable[Subject], ids: Sequence[str], *, place: Place, sentence: str
) -> list[Subject]:
    """The *rows* in the order of *ids*, once each; those that are missing go to *problems*."""
    by_id = {row.id: row for row in rows}
    for position, id in enumerate(ids):
        if id not in by_id:
            problems.add((*place, position), ErrorCode.NOT_FOUND, sentence)
    return [by_id[id] for id in dict.fromkeys(ids) if id in by_id]


async def rows_found(
    unit: Unit,
    problems: Problems,
    table: type[Subject],
    matching: Matching,
    filter: Mapping[str, Any] | None,
    *,
    dry_run: bool,
    place: Place = ("filter",),
) -> list[Subject]:
    """The rows that *filter* finds; locked, but in a dry run."""
    await expect(unit, None)
    conditions, values = conditions_matching(unit, table, matching, filter)
    rows = _only_ids(table).where(*conditions).limit(MOST_AT_ONCE + 1)
    found = await unit.session.scalars(rows if dry_run else rows.with_for_update(of=table), values)
    chosen = list(found)
    if len(chosen) > MOST_AT_ONCE:
        count = select(func.count()).select_from(table).where(*conditions)
        too_many(problems, place, await unit.session.scalar(count, values) or 0)
        return []
    return chosen


def conditions_matching(
    unit: Unit, table: Any, matching: Matching, filter: Mapping[str, Any] | None
) -> tuple[list[ColumnElement[bool]], dict[str, Any]]:
    """The conditions of *filter*, and the parameters that stand in them."""
    conditions, values = conditions_given(
        lambda arguments: matching(table, arguments),
        {"filter": filter},
        unit.deployment.database.dialect,
    )
    return conditions, values | {FIRM: unit.firm_id}


def too_many(problems: Problems, place: Place, count: int) -> None:
    """Refuses a filter that finds *count*."""
    problems.add(
        place,
        ErrorCode.LIMIT_REACHED,
        "The filter finds {count}, and at most {most} are changed at once. Narrow it down.",
        most=MOST_AT_ONCE,
        count=count,
    )


def is_one_of(unit: Unit, column: Any, ids: Sequence[str]) -> ColumnElement[bool]:
    """Whether *column* is among *ids*, which are one parameter however many there are."""
    forms = forms_for(unit.deployment.database.dialect)
    return forms.is_among(column, literal(forms.listed(list(ids)), forms.list_type))


async def changed(unit: Unit, statement: Executable) -> int:
    """Runs an UPDATE or DELETE; returns how many rows it was over."""
    result = await unit.session.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", result).rowcount


def _only_ids(table: type[Subject]) -> Select[Subject]:
    return select(table).options(load_only(table.id)).order_by(table.id)
