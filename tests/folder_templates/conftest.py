"""A firm's templates, and the folders that an account has in the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.deployments import Firm, Voice

CREATE = """
mutation ($input: FolderTemplateInput!) {
  createFolderTemplate(input: $input) {
    folderTemplate { id name isDefault folders { path access } } errors { path code message }
  }
}
"""
UPDATE = """
mutation ($id: ID!, $input: FolderTemplateInput!) {
  updateFolderTemplate(id: $id, input: $input) {
    folderTemplate { id name isDefault folders { path access } } errors { path code message }
  }
}
"""
DELETE = """
mutation ($id: ID!) { deleteFolderTemplate(id: $id) { deletedId errors { path code message } } }
"""
APPLY = """
mutation ($input: ApplyFolderTemplateInput!) {
  applyFolderTemplate(input: $input) { count
    accounts { id folders { name path access } } errors { path code message }
  }
}
"""
TEMPLATES = "{ folderTemplates { id name isDefault folders { path access } } }"
FOLDERS = "query ($id: ID!) { account(id: $id) { updatedAt folders { id name path access } } }"
BUILT_IN = ("Client uploaded documents", "UPLOAD")


def folder(path: str, access: str | None = None) -> dict[str, str]:
    return {"path": path} if access is None else {"path": path, "access": access}


async def template(voice: Voice, *folders: dict[str, str], **more: Any) -> dict[str, Any]:
    """A template with these folders."""
    given = {"name": "Usual", "folders": list(folders), **more}
    return (await voice.ask(CREATE, input=given)).payload()["folderTemplate"]


def shown(rows: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(row["path"], row["access"]) for row in rows]


async def folders_of(firm: Firm, account: dict[str, Any]) -> list[tuple[str, str]]:
    """Path and access of each of the account's folders, in the order that they are shown in."""
    found = await firm.owner.ask(FOLDERS, id=account["id"])
    return shown(found.data["account"]["folders"])
