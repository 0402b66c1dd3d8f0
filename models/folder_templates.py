"""Folder templates: trees of folders that a firm's accounts start with."""

from __future__ import annotations

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import (
    Audited,
    AuditedIn,
    Base,
    Choice,
    FirmOwned,
    Key,
    one_of,
    owned_by_firm,
    within_firm,
)
from models.enums import FolderAccess


class TemplateFolder(FirmOwned, Base):
    """A folder of a template. Those that lead to it have rows of their own."""

    __tablename__ = "template_folders"
    id_prefix = "tfol"
    audit = AuditedIn(of="template_id", part="folders", fields=("path", "access"), hidden=("name",))

    template_id: Mapped[str] = mapped_column(Key)
    name: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(Text)
    path_key: Mapped[str] = mapped_column(Key)
    # The `path_key` of the folder around; empty at the top.
    parent_key: Mapped[str] = mapped_column(Key)
    # That of the folder at the top, for every folder below it.
    access: Mapped[FolderAccess] = mapped_column(Choice(FolderAccess))

    __table_args__ = (
        owned_by_firm(),
        within_firm("template_id", "folder_templates", ondelete="CASCADE"),
        UniqueConstraint("firm_id", "template_id", "path_key"),
        one_of("access", FolderAccess),
    )


class FolderTemplate(FirmOwned, Base):
    __tablename__ = "folder_templates"
    id_prefix = "ftpl"
    audit = Audited(noun="folderTemplate", fields=("name", "is_default"))

    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Key)
    is_default: Mapped[bool]

    folders: Mapped[list[TemplateFolder]] = relationship(
        TemplateFolder, viewonly=True, lazy="raise", order_by=TemplateFolder.path_key
    )

    __table_args__ = (
        owned_by_firm(),
        UniqueConstraint("firm_id", "name_key"),
        # At most one default in a firm.
        Index(
            "uq_folder_templates_default",
            "firm_id",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )
