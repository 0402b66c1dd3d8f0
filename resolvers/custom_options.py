"""The options of a custom field: renamed with their values, added, sorted, and taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

import orjson
from sqlalchemy import func, select, update

from models import CustomField, CustomFieldOption
from models.enums import CustomFieldType
from models.folding import fold, search_text
from resolvers import texts
from resolvers.custom_keys import text_key
from resolvers.refusal import ErrorCode, Place, Problems
from resolvers.search_texts import VALUES
from resolvers.unit import Unit
from tenancy.recording import BY_HAND, remove

OPTION_LENGTH = 100
MOST_OPTIONS = 200
WITH_OPTIONS = (CustomFieldType.SELECT, CustomFieldType.MULTI_SELECT)


class OptionRenaming(TypedDict):
    """An option's name, and what it is called from now on."""

    from_: str
    to: str


@dataclass
class Change:
    """What a change of options does to values: how many go, and whose texts are others now."""

    removed_values: int = 0
    subjects: set[str] = field(default_factory=set[str])


def option_names(
    problems: Problems, kind: CustomFieldType, given: Sequence[str] | None
) -> list[str]:
    """The options *given* for a field of this type; what is wrong with them goes to *problems*."""
    place: Place = ("options",)
    names = list(given or ())
    if kind not in WITH_OPTIONS:
        if names:
            problems.add(
                place, ErrorCode.INVALID, "Only a field of SELECT or MULTI_SELECT has options."
            )
        return []
    if not names:
        problems.add(place, ErrorCode.REQUIRED, "A field to choose in needs at least one option.")
    if len(names) > MOST_OPTIONS:
        problems.add(
            place,
            ErrorCode.LIMIT_REACHED,
            "A field has at most {most} options.",
            most=MOST_OPTIONS,
        )
        return []
    seen: set[str] = set()
    found: list[str] = []
    for position, text in enumerate(names):
        name = _name(problems, (*place, position), text)
        if name is None:
            continue
        if fold(name) in seen:
            problems.add((*place, position), ErrorCode.CONFLICT, "This option is given twice.")
        seen.add(fold(name))
        found.append(name)
    return found


def add_options(unit: Unit, row: CustomField, names: Sequence[str]) -> None:
    """Gives a new field its options."""
    for position, name in enumerate(names):
        _add(unit, row, name, position)


async def change_options(
    unit: Unit,
    problems: Problems,
    row: CustomField,
    *,
    names: Sequence[str] | None,
    renamings: Sequence[OptionRenaming],
    remove_used: bool,
) -> Change:
    """Renames options of the field, which is locked, and then makes *names* the list of them.

    An option of the same name, whatever its case and accents, is the same. None leaves the list
    as it is. Options that values have are only taken out with *remove_used*, and their values
    with them.
    """
    rows = await unit.session.scalars(
        select(CustomFieldOption)
        .where(CustomFieldOption.field_id == row.id)
        .order_by(CustomFieldOption.position)
    )
    options = list(rows)
    called = _renamed(problems, options, renamings)
    left = {fold(name): id for id, name in called.items()}
    if len(left) < len(called):
        problems.add(
            ("rename_options",), ErrorCode.CONFLICT, "Two options cannot have the same name."
        )
    wanted = list(called.values()) if names is None else names
    places = {left.pop(fold(name), None) or name: place for place, name in enumerate(wanted)}
    by_id = {option.id: option for option in options}
    change = await _take_out(
        unit, problems, row, [by_id[id] for id in left.values()], remove_used=remove_used
    )
    if problems:
        return change
    for key, place in places.items():
        name = wanted[place]
        if key not in by_id:
            _add(unit, row, name, place)
        elif (by_id[key].name, by_id[key].position) != (name, place):
            await _rewrite(unit, row, by_id[key], name, place, change)
    return change


def _renamed(
    problems: Problems, options: Sequence[CustomFieldOption], renamings: Sequence[OptionRenaming]
) -> dict[str, str]:
    """What each option is called after *renamings*, by its id; they hold all at once."""
    called = {option.id: option.name for option in options}
    ids = {option.name_key: option.id for option in options}
    for position, renaming in enumerate(renamings):
        place: Place = ("rename_options", position)
        id = ids.pop(fold(renaming["from_"]), None)
        if id is None:
            problems.add((*place, "from_"), ErrorCode.NOT_FOUND, "There is no such option.")
        name = _name(problems, (*place, "to"), renaming["to"])
        if id is not None and name is not None:
            called[id] = name
    return called


async def _take_out(
    unit: Unit,
    problems: Problems,
    row: CustomField,
    options: Sequence[CustomFieldOption],
    *,
    remove_used: bool,
) -> Change:
    """Deletes *options* and the values that have them, or says that they are in use."""
    change = Change()
    if not options:
        return change
    table, _ = VALUES[row.target]
    used = await unit.session.execute(
        select(table.option_id, func.count())
        .where(table.option_id.in_([option.id for option in options]))
        .group_by(table.option_id)
    )
    counts = dict(used.all())
    for option in options:
        if not remove_used and option.id in counts:
            problems.add(
                ("options",),
                ErrorCode.IN_USE,
                "“{name}” is chosen {count} times. Rename it, or ask for removeUsedOptions:"
                " the values then go with it.",
                name=option.name,
                count=counts[option.id],
            )
    if problems:
        return change
    change.removed_values = sum(counts.values())
    change.subjects |= await _subjects(unit, row, [option.id for option in options])
    await remove(
        unit.session,
        CustomFieldOption,
        CustomFieldOption.id.in_([option.id for option in options]),
    )
    return change


async def _rewrite(
    unit: Unit,
    row: CustomField,
    option: CustomFieldOption,
    name: str,
    position: int,
    change: Change,
) -> None:
    """Gives an option another name or place, and repeats it in the values that have it."""
    table, _ = VALUES[row.target]
    values: dict[str, Any] = {}
    if row.type is CustomFieldType.MULTI_SELECT:
        values["position"] = position
    if option.name != name:
        change.subjects |= await _subjects(unit, row, [option.id])
        values |= {
            "value": orjson.dumps(name).decode(),
            "key": text_key(name),
            "search_text": search_text([name]),
        }
    option.name, option.name_key, option.position = name, fold(name), position
    if values:
        await unit.session.execute(
            update(table)
            .where(table.option_id == option.id)
            .values(values)
            # What is told is the field's new option, and not each value that follows it.
            .execution_options(**BY_HAND)
        )


async def _subjects(unit: Unit, row: CustomField, option_ids: Sequence[str]) -> set[str]:
    table, subject = VALUES[row.target]
    found = await unit.session.scalars(
        select(getattr(table, subject)).where(table.option_id.in_(option_ids)).distinct()
    )
    return set(found)


def _add(unit: Unit, row: CustomField, name: str, position: int) -> None:
    unit.new(CustomFieldOption, field_id=row.id, name=name, name_key=fold(name), position=position)


def _name(problems: Problems, place: Place, text: str) -> str | None:
    before = len(problems)
    name = texts.clean(problems, place, text, most=OPTION_LENGTH)
    if name is None and len(problems) == before:
        problems.add(place, ErrorCode.REQUIRED, "An option needs a name.")
    return name
