"""Folder templates: made, changed and deleted; given to new accounts, and to those there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from auth.permissions import allow
from models import Account, FolderTemplate, TemplateFolder
from models.enums import Permission
from models.folding import fold
from resolvers import texts
from resolvers.bulk import ChangedAccounts, chosen_accounts
from resolvers.circumstances import circumstances
from resolvers.folder_trees import FolderDraft, TreeFolder, tree
from resolvers.folders import add_first_folders, add_missing_folders
from resolvers.refusal import ErrorCode, Place, Problems, refuse
from resolvers.unit import Unit
from tenancy.recording import change, remove

MOST_TEMPLATES = 100

_NO_TEMPLATE_SENTENCE = "There is no such folder template."


@allow(Permission.MANAGE_FOLDER_TEMPLATES)
async def create_folder_template(
    unit: Unit, *, name: str, folders: Sequence[FolderDraft], is_default: bool | None = None
) -> FolderTemplate:
    """A new template; as the default it takes the place of the one before."""
    problems = Problems()
    count = await unit.session.scalar(select(func.count()).select_from(FolderTemplate))
    if (count or 0) >= MOST_TEMPLATES:
        problems.add(
            (),
            ErrorCode.LIMIT_REACHED,
            "A firm has at most {most} folder templates.",
            most=MOST_TEMPLATES,
        )
    template = unit.new(FolderTemplate, is_default=False)
    await _fill(unit, problems, template, name, folders)
    problems.settle()
    if is_default:
        await _make_default(unit, template)
    return template


@allow(Permission.MANAGE_FOLDER_TEMPLATES)
async def update_folder_template(
    unit: Unit, *, id: str, name: str, folders: Sequence[FolderDraft], **rest: bool | None
) -> FolderTemplate:
    """Gives a template other folders. Accounts that have the old ones keep them.

    Whether it is the default stays as it is where `is_default` is left out.
    """
    template = await _template(unit, id, ("id",), lock=True)
    problems = Problems()
    await _fill(unit, problems, template, name, folders)
    problems.settle()
    if rest.get("is_default"):
        await _make_default(unit, template)
    elif "is_default" in rest:
        template.is_default = False
    return template


@allow(Permission.MANAGE_FOLDER_TEMPLATES)
async def delete_folder_template(unit: Unit, *, id: str) -> str:
    """Deletes a template. Accounts keep the folders that they have from it."""
    await unit.session.delete(await _template(unit, id, ("id",), lock=True))
    return id


@allow(Permission.MANAGE_ACCOUNTS)
async def apply_folder_template(
    unit: Unit,
    *,
    folder_template_id: str,
    account_ids: Sequence[str] | None = None,
    filter: Mapping[str, Any] | None = None,
    dry_run: bool = False,
) -> ChangedAccounts:
    """Gives accounts the folders of a template that they lack; what is there stays."""
    problems = Problems()
    if await unit.find(FolderTemplate, folder_template_id) is None:
        problems.add(("folder_template_id",), ErrorCode.NOT_FOUND, _NO_TEMPLATE_SENTENCE)
    accounts = await chosen_accounts(
        unit, problems, account_ids, filter, place=("account_ids",), dry_run=dry_run
    )
    problems.settle()
    ids = [account.id for account in accounts]
    count = await add_missing_folders(unit, ids, folder_template_id, dry_run=dry_run)
    return ChangedAccounts(accounts, count)


async def give_first_folders(
    unit: Unit, problems: Problems, account: Account, template_id: str | None = None
) -> None:
    """Gives a new account the folders of a template; without one, of the firm's default."""
    around = await circumstances(unit)
    if template_id is None:
        template_id = around.default_template_id
        folders = [] if template_id is None else await _folders_of(unit, template_id)
    else:
        folders = await _folders_of(unit, template_id)
        # A template has at least one folder.
        if not folders:
            problems.add(("folder_template_id",), ErrorCode.NOT_FOUND, _NO_TEMPLATE_SENTENCE)
    add_first_folders(unit, account, around.locale, folders)


async def _template(unit: Unit, id: str, place: Place, *, lock: bool) -> FolderTemplate:
    template = await unit.find(FolderTemplate, id, lock=lock)
    if template is None:
        raise refuse(place, ErrorCode.NOT_FOUND, _NO_TEMPLATE_SENTENCE)
    return template


async def _folders_of(unit: Unit, template_id: str) -> list[TreeFolder]:
    rows = await unit.session.scalars(
        select(TemplateFolder)
        .where(TemplateFolder.template_id == template_id)
        .order_by(TemplateFolder.path_key)
    )
    return [TreeFolder(row.path, row.path_key, row.access) for row in rows]


async def _fill(
    unit: Unit,
    problems: Problems,
    template: FolderTemplate,
    name: str,
    folders: Sequence[FolderDraft],
) -> None:
    """Writes what was typed into *template*; what is wrong with it goes to *problems*."""
    found = texts.clean(problems, ("name",), name)
    if found is not None:
        template.name, template.name_key = found, fold(found)
        beside = await unit.session.scalar(
            select(FolderTemplate.name).where(
                FolderTemplate.name_key == template.name_key, FolderTemplate.id != template.id
            )
        )
        if beside is not None:
            problems.add(
                ("name",),
                ErrorCode.TAKEN,
                "There is a folder template “{name}” already.",
                name=beside,
            )
    elif not texts.tidy(name):
        problems.add(("name",), ErrorCode.REQUIRED, "A folder template needs a name.")
    made = tree(problems, ("folders",), folders)
    await remove(unit.session, TemplateFolder, TemplateFolder.template_id == template.id)
    for folder in made:
        unit.new(
            TemplateFolder,
            template_id=template.id,
            name=folder.name,
            path=folder.path,
            path_key=folder.key,
            parent_key=folder.parent_key,
            access=folder.access,
        )


async def _make_default(unit: Unit, template: FolderTemplate) -> None:
    """Makes *template* the one default; the one before is written first, so that it is alone."""
    await change(
        unit.session,
        FolderTemplate,
        FolderTemplate.is_default.is_(True),
        FolderTemplate.id != template.id,
        before={"is_default": True},
        after={"is_default": False},
    )
    template.is_default = True
