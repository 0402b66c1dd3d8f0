"""Tags: the firm's own words for accounts and contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

import models
from auth.permissions import MEMBERS
from models.tags import carried, carried_in_use
from planner.declare import Related, Shape, Tally
from resolvers import tags
from schema.context import Info, read, write
from schema.errors import UserError
from schema.fields import errors_field, given, mutation, optional, planned, root, rows, value
from schema.node import Node
from schema.payloads import DeletePayload

if TYPE_CHECKING:
    from schema.accounts import AccountFilter
    from schema.contacts import ContactFilter


@rows(models.Tag)
@strawberry.type(
    description="A word of the firm's own that accounts and contacts carry, to be found by."
)
class Tag(Node):
    name: str = value("What it is called; unique in the firm, whatever its case and accents.")
    color: str = value("The colour that it is shown in, `#rrggbb`.")
    account_count: int = planned(
        "How many active accounts carry it. Archived ones keep their tags, but are not counted.",
        Tally(models.AccountTag, carried_in_use),
    )
    contact_count: int = planned("How many contacts carry it.", Tally(models.ContactTag, carried))


@strawberry.input(description="Which tags something carries; all conditions hold together.")
class TagFilter:
    any: list[strawberry.ID] | None = optional(
        "At least one of these, 200 at most; an empty list finds nothing."
    )
    all: list[strawberry.ID] | None = optional("Every one of these, 200 at most.")
    none: list[strawberry.ID] | None = optional("Not one of these, 200 at most.")


@strawberry.input(description="A tag.")
class TagInput:
    name: str = strawberry.field(
        description="What it is called, in 100 characters at most; unique in the firm, whatever "
        "its case and accents."
    )
    color: str | None = optional(
        "`#rrggbb`. Left out or null, a new tag gets the colour that the firm uses least, and an "
        "existing one keeps its own."
    )


@strawberry.type(description="A tag, as it stands after the write.")
class TagPayload:
    tag: Tag | None = strawberry.field(
        default=None, description="The tag; null where nothing was written."
    )
    errors: list[UserError] = errors_field()


@strawberry.input(description="Tags, and what they are put on or taken off.")
class TaggingInput:
    dry_run: bool = given("Only says how much would be changed; writes nothing.", False)
    subject_ids: list[strawberry.ID] | None = optional(
        "Accounts and contacts alike, 10,000 at most. These…"
    )
    filter: Annotated["AccountFilter", strawberry.lazy("schema.accounts")] | None = optional(
        "…or every account that this filter finds, 10,000 at most…"
    )
    contact_filter: Annotated["ContactFilter", strawberry.lazy("schema.contacts")] | None = (
        optional("…or every contact that this filter finds, 10,000 at most.")
    )
    tag_ids: list[strawberry.ID] = strawberry.field(description="The tags, 20 at most.")


@strawberry.type(description="How much was tagged, or untagged.")
class TaggingPayload:
    count: int = strawberry.field(
        default=0,
        description="How many times a tag was put on something, or taken off it; what stood so "
        "already is not counted. In a dry run, how many times it would be.",
    )
    subject_count: int = strawberry.field(
        default=0, description="On or off how many accounts and contacts that is."
    )
    errors: list[UserError] = errors_field()


@strawberry.type
class TagQuery:
    @root(MEMBERS, Related(shape=Shape.MANY, order=("name_key",)))
    async def tags(self, info: Info) -> list[Tag]:
        """Members: the firm's tags, by name."""
        return await read(info)


@strawberry.type
class TagMutation:
    @mutation(tags.create_tag)
    async def create_tag(self, info: Info, input: TagInput) -> TagPayload:
        """Needs MANAGE_TAGS. Creates a tag that nothing carries yet. Sends nothing."""
        return await write(info, TagPayload, input)

    @mutation(tags.update_tag)
    async def update_tag(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The tag.")],
        input: TagInput,
    ) -> TagPayload:
        """Needs MANAGE_TAGS. Gives a tag another name or colour, wherever it is shown. Sends
        nothing."""
        return await write(info, TagPayload, input, id=id)

    @mutation(tags.delete_tag)
    async def delete_tag(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The tag.")],
    ) -> DeletePayload:
        """Needs MANAGE_TAGS. Deletes a tag, and takes it off everything that carries it:
        `touched` tells how many accounts (archived ones too) and contacts that were. Sends
        nothing."""
        return await write(info, DeletePayload, id=id)

    @mutation(tags.tag)
    async def tag(self, info: Info, input: TaggingInput) -> TaggingPayload:
        """Members: puts every one of the tags on every one of the accounts and contacts, all or
        nothing; what carries one already keeps it. Needs MANAGE_ACCOUNTS for accounts and
        MANAGE_CONTACTS for contacts. Sends nothing."""
        return await write(info, TaggingPayload, input)

    @mutation(tags.untag)
    async def untag(self, info: Info, input: TaggingInput) -> TaggingPayload:
        """Members: takes every one of the tags off every one of the accounts and contacts, all or
        nothing. Needs MANAGE_ACCOUNTS for accounts and MANAGE_CONTACTS for contacts. Sends
        nothing."""
        return await write(info, TaggingPayload, input)
