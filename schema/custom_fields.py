"""Custom fields: what a firm wants to know of its accounts and contacts beyond the usual."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import aliased
from strawberry.scalars import JSON

import models
from auth.permissions import MEMBERS
from planner.databases import NULL, Forms
from planner.declare import Itself, Made, Related, Shape
from planner.joins import carried
from resolvers import custom_fields, searching
from resolvers.search_texts import VALUES
from schema.context import Info, read, write
from schema.enums import CustomFieldTarget, CustomFieldType
from schema.errors import UserError
from schema.fields import errors_field, given, mutation, optional, planned, root, rows, value
from schema.node import Node
from schema.payloads import DeletePayload


def _options(forms: Forms, field: Any) -> ColumnElement[Any]:
    """The names of a field's options."""
    option: Any = aliased(models.CustomFieldOption)
    listed = (
        select(option.name, option.position)
        .where(option.firm_id == field.firm_id, option.field_id == field.id)
        .order_by(option.position)
        .correlate_except(option)
        .subquery()
    )
    names = select(forms.array(listed.c.name)).select_from(listed)
    return forms.again(names.scalar_subquery())


def _value(forms: Forms, field: Any) -> ColumnElement[Any]:
    """The value of a field for the account, or contact, whose id its row carries along."""
    subjects = carried(field)
    table, name = next(each for each in VALUES.values() if each[1] in subjects)

    def of_subject(one: Any) -> tuple[ColumnElement[bool], ...]:
        return (
            one.firm_id == field.firm_id,
            getattr(one, name) == subjects[name],
            one.field_id == field.id,
        )

    one: Any = aliased(table)
    each: Any = aliased(table)
    single = select(forms.parsed(one.value)).where(*of_subject(one)).correlate_except(one)
    listed = (
        select(each.value, each.position)
        .where(*of_subject(each))
        .order_by(each.position)
        .correlate_except(each)
        .subquery()
    )
    several = select(
        case(
            (func.count() > 0, forms.array(forms.parsed(listed.c.value))),
            else_=NULL,
        )
    ).select_from(listed)
    return case(
        (field.type == CustomFieldType.MULTI_SELECT, forms.again(several.scalar_subquery())),
        else_=forms.again(single.scalar_subquery()),
    )


@rows(models.CustomField)
@strawberry.type(description="Something that the firm wants to know of its accounts or contacts.")
class CustomField(Node):
    target: CustomFieldTarget = value("What it says something of.")
    type: CustomFieldType = value("What it holds; it never changes.")
    name: str = value("What it is called; unique for its target, whatever its case and accents.")
    options: list[str] = planned(
        "What can be chosen, for SELECT and MULTI_SELECT; otherwise nothing.", Made(_options)
    )
    required: bool = value("Whether members have to fill it in when they create something.")
    position: int = value("Its place among the fields of the same target, from 0 on.")


@rows(models.CustomField)
@strawberry.type(description="A custom field of an account or contact, and its value there.")
class CustomFieldValue:
    field: CustomField = planned("The field.", Itself())
    value: JSON | None = planned(
        "The value, as the field's type says; null where it has none. SELECT has its option's "
        "name, MULTI_SELECT a list of names in the order of the options.",
        Made(_value),
    )


def values_of(target: CustomFieldTarget) -> Any:
    """The field that shows every custom field of a type's rows, with its value there."""
    return planned(
        "Its custom fields in their order, those without a value too.",
        Related(
            shape=Shape.MANY,
            on=lambda _, field: field.target == target,
            order=("position",),
            carries={VALUES[target][1]: "id"},
        ),
    )


@strawberry.input(description="A custom field, and what it is filled with.")
class CustomFieldValueInput:
    field_id: strawberry.ID = strawberry.field(description="The field.")
    value: JSON | None = optional(
        "What the field's type says; null, or left out, clears it. Options by their names."
    )


@strawberry.input(
    description="Values of a custom field. All conditions hold together; with the field alone, "
    "any value will do. Without a value only `isSet: false` finds anything."
)
class CustomFieldFilter:
    field_id: strawberry.ID = strawberry.field(description="The field.")
    equals: JSON | None = optional(
        "A text (whatever its case and accents), number or boolean; of MULTI_SELECT, one of the "
        "options that are chosen."
    )
    contains: str | None = optional(
        "A part of the text, or of an option's name, whatever its case and accents."
    )
    from_: JSON | None = strawberry.field(
        name="from",
        default=strawberry.UNSET,
        description="This one or a later, larger one: a number, a day, a text.",
    )
    until: JSON | None = optional("This one or an earlier, smaller one: itself included.")
    is_set: bool | None = optional("Whether there is a value at all.")


@strawberry.input(description="A new custom field.")
class CreateCustomFieldInput:
    target: CustomFieldTarget = strawberry.field(description="What it says something of.")
    type: CustomFieldType = strawberry.field(description="What it holds; it never changes.")
    name: str = strawberry.field(
        description="What it is called, in 100 characters at most; unique for its target, "
        "whatever its case and accents."
    )
    options: list[str] | None = optional(
        "What can be chosen, in this order, 200 at most; needed for SELECT and MULTI_SELECT."
    )
    required: bool = given(
        "Whether members have to fill it in when they create something. What is there already "
        "stays without.",
        False,
    )


@strawberry.input(description="An option's new name; the values that have it keep it.")
class OptionRenaming:
    from_: str = strawberry.field(name="from", description="What the option is called now.")
    to: str = strawberry.field(description="What it is called from now on.")


@strawberry.input(description="Changes to a custom field. What is left out stays as it is.")
class UpdateCustomFieldInput:
    id: strawberry.ID = strawberry.field(description="The field.")
    name: str | None = optional("What it is called.")
    options: list[str] | None = optional(
        "All of its options, in their new order, by their names after `renameOptions`. A name "
        "that it does not have is a new option; an option that is missing is taken out, which "
        "is refused (IN_USE) while values have it."
    )
    rename_options: list[OptionRenaming] | None = optional(
        "Options that get another name, all at once: two may swap theirs. Values keep them."
    )
    remove_used_options: bool = given(
        "Takes options out though values have them; the payload tells how many went.", False
    )
    required: bool | None = optional(
        "Whether members have to fill it in when they create something."
    )
    position: int | None = optional(
        "Its place among the fields of the same target, from 0 on; the others make room. Beyond "
        "the end it is the last."
    )


@strawberry.type(description="A custom field, as it stands after the write.")
class CustomFieldPayload:
    custom_field: CustomField | None = strawberry.field(
        default=None, description="The field; null where nothing was written."
    )
    removed_values: int | None = strawberry.field(
        default=None,
        description="How many values went with options that were taken out; null where nothing "
        "was written.",
    )
    errors: list[UserError] = errors_field()


@strawberry.type
class CustomFieldQuery:
    @root(
        MEMBERS,
        Related(shape=Shape.MANY, filters=searching.fields_matching, order=("target", "position")),
    )
    async def custom_fields(
        self,
        info: Info,
        target: Annotated[
            CustomFieldTarget | None,
            strawberry.argument(description="Only those of accounts, or of contacts."),
        ] = None,
    ) -> list[CustomField]:
        """Members: the firm's custom fields in their order, those of accounts first."""
        return await read(info)


@strawberry.type
class CustomFieldMutation:
    @mutation(custom_fields.create_custom_field)
    async def create_custom_field(
        self, info: Info, input: CreateCustomFieldInput
    ) -> CustomFieldPayload:
        """Needs MANAGE_CUSTOM_FIELDS. Creates a field, 100 for accounts and 100 for contacts at
        most; it is the last of them. Sends nothing."""
        return await write(info, CustomFieldPayload, input)

    @mutation(custom_fields.update_custom_field)
    async def update_custom_field(
        self, info: Info, input: UpdateCustomFieldInput
    ) -> CustomFieldPayload:
        """Needs MANAGE_CUSTOM_FIELDS. Renames, moves or requires a field, and changes its options.
        Sends nothing."""
        return await write(info, CustomFieldPayload, input)

    @mutation(custom_fields.delete_custom_field)
    async def delete_custom_field(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The field.")],
    ) -> DeletePayload:
        """Needs MANAGE_CUSTOM_FIELDS. Deletes a field with every value of it: `touched` tells how
        many accounts or contacts had one. Sends nothing."""
        return await write(info, DeletePayload, id=id)
