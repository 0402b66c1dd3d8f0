"""Folders of an account, and who may do what in them."""

from __future__ import annotations

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AuditedIn, Base, Choice, FirmOwned, Key, one_of, owned_by_firm, within_firm
from models.enums import FolderAccess
from models.reach import OfAccount


class Folder(OfAccount, FirmOwned, Base):
    __tablename__ = "folders"
    id_prefix = "fold"
    audit = AuditedIn(of="account_id", part="folders", fields=("path", "access"), hidden=("name",))

    account_id: Mapped[str] = mapped_column(Key)
    name: Mapped[str] = mapped_column(Text)
    # The names from the top down, joined by a slash, which no name may hold.
    path: Mapped[str] = mapped_column(Text)
    path_key: Mapped[str] = mapped_column(Key)
    access: Mapped[FolderAccess] = mapped_column(Choice(FolderAccess))

    __table_args__ = (
        owned_by_firm(),
        within_firm("account_id", "accounts", ondelete="CASCADE"),
        UniqueConstraint("firm_id", "account_id", "path_key"),
        one_of("access", FolderAccess),
    )
