"""Folder templates: trees of folders that accounts start with."""

from __future__ import annotations

from typing import Annotated

import strawberry

import models
from auth.permissions import MEMBERS
from planner.declare import Related, Shape
from resolvers import folder_templates
from schema.accounts import AccountFilter, AccountsPayload
from schema.context import Info, read, write
from schema.enums import FolderAccess
from schema.errors import UserError
from schema.fields import errors_field, given, mutation, optional, planned, root, rows, value
from schema.node import Node
from schema.payloads import DeletePayload


@rows(models.TemplateFolder)
@strawberry.type(description="A folder of a template.")
class TemplateFolder:
    path: str = value("The names from the top down, joined by a slash.")
    access: FolderAccess = value(
        "What the client may do in it; below the top, that of the folder at the top."
    )


@rows(models.FolderTemplate)
@strawberry.type(description="A tree of folders that accounts start with.")
class FolderTemplate(Node):
    name: str = value("What it is called; unique in the firm, whatever its case and accents.")
    folders: list[TemplateFolder] = planned(
        "Its folders, by path; those that lead to others are among them.",
        Related(shape=Shape.MANY, attribute="folders"),
    )
    is_default: bool = value(
        "Whether new accounts start with it when nothing else is said; one of a firm's at most."
    )


@strawberry.input(description="A folder of a template.")
class TemplateFolderInput:
    path: str = strawberry.field(
        description="Parts joined by /: `Steuern/2026`, 200 characters and 10 parts at most. The "
        "folders that lead to it are made as well. Each part is a name that does on Windows too."
    )
    access: FolderAccess = given(
        "What the client may do in it. Said at the folder at the top, it holds for all below it, "
        "where it is left out.",
        FolderAccess.PRIVATE,
    )


@strawberry.input(description="A folder template.")
class FolderTemplateInput:
    name: str = strawberry.field(
        description="What it is called; unique in the firm, whatever its case and accents."
    )
    folders: list[TemplateFolderInput] = strawberry.field(
        description="All of its folders, at least one and 200 at most. Where none of them is "
        "UPLOAD, new accounts get the built-in folder for uploads beside them."
    )
    is_default: bool | None = optional(
        "Whether new accounts start with it when nothing else is said; the default before it is "
        "one no more. Left out, it stays as it is."
    )


@strawberry.input(description="A folder template, and the accounts that it is applied to.")
class ApplyFolderTemplateInput:
    folder_template_id: strawberry.ID = strawberry.field(description="The template.")
    dry_run: bool = given("Only says how many would be changed; writes nothing.", False)
    account_ids: list[strawberry.ID] | None = optional(
        "These accounts, 10,000 at most; archived ones too…"
    )
    filter: AccountFilter | None = optional("…or every one that this filter finds, 10,000 at most.")


@strawberry.type(description="A folder template, as it stands after the write.")
class FolderTemplatePayload:
    folder_template: FolderTemplate | None = strawberry.field(
        default=None, description="The template; null where nothing was written."
    )
    errors: list[UserError] = errors_field()


Id = Annotated[strawberry.ID, strawberry.argument(description="The template.")]


@strawberry.type
class FolderTemplateQuery:
    @root(MEMBERS, Related(shape=Shape.MANY, order=("name_key",)))
    async def folder_templates(self, info: Info) -> list[FolderTemplate]:
        """Members: the firm's folder templates, by name."""
        return await read(info)


@strawberry.type
class FolderTemplateMutation:
    @mutation(folder_templates.create_folder_template)
    async def create_folder_template(
        self, info: Info, input: FolderTemplateInput
    ) -> FolderTemplatePayload:
        """Needs MANAGE_FOLDER_TEMPLATES. Creates a template, 100 in a firm at most; no account is
        changed. Sends nothing."""
        return await write(info, FolderTemplatePayload, input)

    @mutation(folder_templates.update_folder_template)
    async def update_folder_template(
        self, info: Info, id: Id, input: FolderTemplateInput
    ) -> FolderTemplatePayload:
        """Needs MANAGE_FOLDER_TEMPLATES. Gives a template another name and other folders.
        Accounts keep what they have; apply it to give them the new ones. Sends nothing."""
        return await write(info, FolderTemplatePayload, input, id=id)

    @mutation(folder_templates.delete_folder_template)
    async def delete_folder_template(self, info: Info, id: Id) -> DeletePayload:
        """Needs MANAGE_FOLDER_TEMPLATES. Deletes a template; accounts keep their folders. Sends
        nothing."""
        return await write(info, DeletePayload, id=id)

    @mutation(folder_templates.apply_folder_template)
    async def apply_folder_template(
        self, info: Info, input: ApplyFolderTemplateInput
    ) -> AccountsPayload:
        """Needs MANAGE_ACCOUNTS. Gives accounts the folders of a template that they lack. What is
        there stays as it is, and what is put into a folder that is there has that folder's
        access. Applying it twice changes nothing. Sends nothing."""
        return await write(info, AccountsPayload, input)
