"""The folders that an account starts with, and those that it gets from a template later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import aliased

from language import say
from models import Account, Folder, TemplateFolder
from models.enums import FolderAccess, Locale
from models.existence import there_is
from models.ids import fresh_id
from resolvers.bulk import changed, is_one_of
from resolvers.folder_trees import TreeFolder, path_key
from resolvers.unit import Unit
from tenancy.recording import record_each
from tenancy.statements import insert_from


def add_first_folders(
    unit: Unit, account: Account, locale: Locale, template: Sequence[TreeFolder]
) -> None:
    """Gives a new *account* the folders of *template*.

    Where none of them is one that its client may upload to (or there are none at all), the
    built-in folder for that comes beside them: every account keeps one.
    """
    folders = list(template)
    if not any(folder.access is FolderAccess.UPLOAD for folder in folders):
        folders.append(_built_in(locale, {folder.key for folder in folders}))
    for folder in folders:
        unit.new(
            Folder,
            account_id=account.id,
            name=folder.name,
            path=folder.path,
            path_key=folder.key,
            access=folder.access,
        )


async def add_missing_folders(
    unit: Unit, account_ids: Sequence[str], template_id: str, *, dry_run: bool
) -> int:
    """Gives each account, all of them locked, what it lacks of a template; says to how many.

    A folder that is there keeps its name and access, and what is put into it takes its access.
    However many accounts there are, it takes as many statements as the template has levels.
    """
    rows = await unit.session.execute(
        select(TemplateFolder.path_key, TemplateFolder.parent_key)
        .where(TemplateFolder.template_id == template_id)
        .order_by(TemplateFolder.path_key)
    )
    levels: dict[str, int] = {"": 0}
    for key, parent_key in rows:
        levels[key] = levels[parent_key] + 1
    count = await _touch_incomplete(
        unit, account_ids, template_id, [key for key in levels if key], dry_run=dry_run
    )
    if dry_run:
        return count
    for level in range(1, max(levels.values(), default=0) + 1):
        keys = [key for key, found in levels.items() if found == level]
        await _add_level(unit, account_ids, template_id, keys, top=level == 1)
    return count


async def _touch_incomplete(
    unit: Unit,
    account_ids: Sequence[str],
    template_id: str,
    keys: Sequence[str],
    *,
    dry_run: bool,
) -> int:
    """To get a folder is a change of the account: of those that lack one of *keys*."""
    there = aliased(Folder)
    count = (
        select(func.count())
        .where(
            there.firm_id == Account.firm_id,
            there.account_id == Account.id,
            there.path_key.in_(keys),
        )
        .correlate(Account)
        .scalar_subquery()
    )
    incomplete = is_one_of(unit, Account.id, account_ids) & (count < len(keys))
    if dry_run:
        found = select(func.count()).select_from(Account).where(incomplete)
        return await unit.session.scalar(found) or 0
    await record_each(
        unit.session,
        "account.changed",
        Account,
        subject_id=Account.id,
        changes={"folderTemplateId": (None, template_id)},
        where=incomplete,
    )
    return await changed(unit, update(Account).where(incomplete).values(updated_at=unit.now))


async def _add_level(
    unit: Unit, account_ids: Sequence[str], template_id: str, keys: Sequence[str], *, top: bool
) -> None:
    """Gives each account those of the template's folders *keys* that it lacks.

    They are all at the *top*, or each in a folder that is there by now.
    """
    account: Any = aliased(Account)
    folder: Any = aliased(TemplateFolder)
    around: Any = aliased(Folder)
    there: Any = aliased(Folder)
    where = (
        is_one_of(unit, account.id, account_ids)
        & (folder.template_id == template_id)
        & folder.path_key.in_(keys)
        & ~there_is(
            there,
            where=(
                there.firm_id == account.firm_id,
                there.account_id == account.id,
                there.path_key == folder.path_key,
            ),
        )
    )
    if not top:
        where &= (around.account_id == account.id) & (around.path_key == folder.parent_key)
    dialect = unit.deployment.database.dialect
    await insert_from(
        unit.session,
        Folder,
        {
            "id": fresh_id(Folder.id_prefix, dialect),
            "account_id": account.id,
            "name": folder.name,
            "path": folder.name if top else around.path + "/" + folder.name,
            "path_key": folder.path_key,
            "access": folder.access if top else around.access,
        },
        account,
        folder,
        *(() if top else (around,)),
        where=where,
        # Each account is told that it got the template.
        recorded=True,
    )


def _built_in(locale: Locale, taken: set[str]) -> TreeFolder:
    """The folder for what clients upload, under a name that no other folder has."""
    plain = name = say(locale, "Client uploaded documents")
    number = 1
    while path_key([name]) in taken:
        number += 1
        name = f"{plain} {number}"
    return TreeFolder(name, path_key([name]), FolderAccess.UPLOAD)
