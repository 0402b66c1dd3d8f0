"""Custom fields: defined, changed, sorted and deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from sqlalchemy import func, select, update

from auth.permissions import allow
from models import CustomField, Firm
from models.enums import CustomFieldTarget, CustomFieldType, Permission
from models.folding import fold
from resolvers import texts
from resolvers.custom_options import (
    WITH_OPTIONS,
    Change,
    OptionRenaming,
    add_options,
    change_options,
    option_names,
)
from resolvers.refusal import ErrorCode, Problems, refuse
from resolvers.search_texts import VALUES, rewrite
from resolvers.unit import Unit
from tenancy.recording import BY_HAND

NAME_LENGTH = 100
MOST_FIELDS = 100


class FieldDraft(TypedDict, total=False):
    """Changes to a field. What is left out stays as it is."""

    name: str | None
    options: list[str] | None
    rename_options: list[OptionRenaming] | None
    remove_used_options: bool
    required: bool | None
    position: int | None


@dataclass(frozen=True)
class Changed:
    """The field, and how many values went with options that were taken out."""

    custom_field: CustomField
    removed_values: int


@dataclass(frozen=True)
class Deleted:
    """The field that is no more, and how many accounts or contacts had a value of it."""

    deleted_id: str
    touched: int


@allow(Permission.MANAGE_CUSTOM_FIELDS)
async def create_custom_field(
    unit: Unit,
    *,
    target: CustomFieldTarget,
    type: CustomFieldType,
    name: str,
    options: Sequence[str] | None = None,
    required: bool = False,
) -> Changed:
    """A new field, the last of its target's. What is there already has no value of it."""
    await _one_at_a_time(unit)
    problems = Problems()
    count = await _count(unit, target)
    if count >= MOST_FIELDS:
        problems.add(
            ("target",),
            ErrorCode.LIMIT_REACHED,
            "Accounts and contacts have at most {most} custom fields each.",
            most=MOST_FIELDS,
        )
    row = unit.new(CustomField, target=target, type=type, required=required, position=count)
    await _set_name(unit, problems, row, name)
    names = option_names(problems, type, options)
    problems.settle()
    add_options(unit, row, names)
    return Changed(row, 0)


@allow(Permission.MANAGE_CUSTOM_FIELDS)
async def update_custom_field(unit: Unit, *, id: str, **draft: Any) -> Changed:
    """Changes a field; values stay with an option that is renamed, and with a field that moves."""
    await _one_at_a_time(unit)
    row = await _field(unit, id)
    given = FieldDraft(**draft)
    problems = Problems()
    if "name" in given:
        await _set_name(unit, problems, row, given["name"] or "")
    if "required" in given:
        row.required = bool(given["required"])
    change = await _change_options(unit, problems, row, given)
    if (position := given.get("position")) is not None:
        await _move(unit, problems, row, position)
    problems.settle()
    await unit.session.flush()
    await rewrite(unit, row.target, sorted(change.subjects))
    return Changed(row, change.removed_values)


@allow(Permission.MANAGE_CUSTOM_FIELDS)
async def delete_custom_field(unit: Unit, *, id: str) -> Deleted:
    """Deletes a field with every value of it."""
    await _one_at_a_time(unit)
    row = await _field(unit, id)
    table, subject = VALUES[row.target]
    found = await unit.session.scalars(
        select(getattr(table, subject)).where(table.field_id == id).distinct()
    )
    subjects = found.all()
    await unit.session.delete(row)
    await unit.session.flush()
    await _shift(unit, row, row.position, by=-1)
    await rewrite(unit, row.target, subjects)
    return Deleted(id, len(subjects))


async def _one_at_a_time(unit: Unit) -> None:
    """In a firm, fields are changed one after the other: their places are of one list."""
    await unit.session.execute(select(Firm.id).with_for_update(key_share=True))


async def _field(unit: Unit, id: str) -> CustomField:
    """The field, locked: whoever fills it in at the same time waits, or is waited for."""
    row = await unit.find(CustomField, id, lock=True)
    if row is None:
        raise refuse(("id",), ErrorCode.NOT_FOUND, "There is no such field.")
    return row


async def _count(unit: Unit, target: CustomFieldTarget) -> int:
    count = await unit.session.scalar(
        select(func.count()).select_from(CustomField).where(CustomField.target == target)
    )
    return count or 0


async def _set_name(unit: Unit, problems: Problems, row: CustomField, text: str) -> None:
    name = texts.clean(problems, ("name",), text, most=NAME_LENGTH)
    if name is None:
        if not texts.tidy(text):
            problems.add(("name",), ErrorCode.REQUIRED, "A custom field needs a name.")
        return
    row.name, row.name_key = name, fold(name)
    beside = await unit.session.scalar(
        select(CustomField.name).where(
            CustomField.target == row.target,
            CustomField.name_key == row.name_key,
            CustomField.id != row.id,
        )
    )
    if beside is not None:
        problems.add(
            ("name",), ErrorCode.TAKEN, "There is a custom field “{name}” already.", name=beside
        )


async def _change_options(
    unit: Unit, problems: Problems, row: CustomField, given: FieldDraft
) -> Change:
    renamings = given.get("rename_options") or []
    names: list[str] | None = None
    if "options" in given:
        names = option_names(problems, row.type, given["options"])
    if renamings and row.type not in WITH_OPTIONS:
        problems.add(
            ("rename_options",),
            ErrorCode.INVALID,
            "Only a field of SELECT or MULTI_SELECT has options.",
        )
    if problems or row.type not in WITH_OPTIONS or (names is None and not renamings):
        return Change()
    return await change_options(
        unit,
        problems,
        row,
        names=names,
        renamings=renamings,
        remove_used=given.get("remove_used_options", False),
    )


async def _move(unit: Unit, problems: Problems, row: CustomField, position: int) -> None:
    """Puts the field at *position* of its list; beyond the end it is the last."""
    if position < 0:
        problems.add(("position",), ErrorCode.INVALID, "Positions begin at 0.")
        return
    position = min(position, await _count(unit, row.target) - 1)
    await _shift(unit, row, row.position, by=-1)
    await _shift(unit, row, position - 1, by=1)
    row.position = position


async def _shift(unit: Unit, row: CustomField, after: int, *, by: int) -> None:
    """Moves the target's other fields that stand after a place."""
    await unit.session.execute(
        update(CustomField)
        .where(
            CustomField.target == row.target,
            CustomField.id != row.id,
            CustomField.position > after,
        )
        .values(position=CustomField.position + by)
        # The one that was moved is told; the others make room.
        .execution_options(**BY_HAND)
    )
