"""Folders, which members and clients see alike."""

from __future__ import annotations

import strawberry

import models
from schema.enums import FolderAccess
from schema.fields import rows, value


@rows(models.Folder)
@strawberry.type(description="A folder of an account.")
class Folder:
    id: strawberry.ID = value("Its id.")
    name: str = value("What it is called.")
    path: str = value("The names from the top down, joined by a slash.")
    access: FolderAccess = value("What the client may do in it.")
