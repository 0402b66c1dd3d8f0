"""Anything by its id alone."""

from __future__ import annotations

from typing import Annotated

import strawberry

import models
from auth.permissions import MEMBERS
from planner import ById, ByIds
from schema.context import Info, read
from schema.fields import root
from schema.node import Node

NODES = {
    table.id_prefix: name
    for name, table in {
        "Account": models.Account,
        "AccountContact": models.AccountContact,
        "AuditEvent": models.AuditEvent,
        "Contact": models.Contact,
        "CustomField": models.CustomField,
        "Firm": models.Firm,
        "FolderTemplate": models.FolderTemplate,
        "Invitation": models.Invitation,
        "Member": models.Member,
        "Notification": models.Notification,
        "Tag": models.Tag,
    }.items()
}
"""What can be had by its id: the type for each prefix."""


@strawberry.type
class NodeQuery:
    @root(MEMBERS, ById(types=NODES))
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its id.")]
    ) -> Node | None:
        """Members: anything of the firm by its id; null where the firm has none such."""
        return await read(info)

    @root(MEMBERS, ByIds(types=NODES))
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="The ids, 200 at most.")
        ],
    ) -> list[Node | None]:
        """Members: several by their ids, in the same order, null for each that is not there."""
        return await read(info)
