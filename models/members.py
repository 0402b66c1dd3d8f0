"""Members: the people who work at the firm."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Text, UniqueConstraint, bindparam
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from models.base import (
    Audited,
    Base,
    Choice,
    Document,
    FirmOwned,
    Key,
    Timestamp,
    one_of,
    owned_by_firm,
)
from models.enums import Locale, MemberStatus, Role


class Member(FirmOwned, Base):
    __tablename__ = "members"
    id_prefix = "mem"
    audit = Audited(
        noun="member",
        fields=("email", "first_name", "last_name", "role", "permissions", "status", "locale"),
        hidden=("password_hash",),
        when={"status": {"INVITED": "invited", "ACTIVE": "joined", "DEACTIVATED": "deactivated"}},
    )

    email: Mapped[str] = mapped_column(Text)
    email_key: Mapped[str] = mapped_column(Key)
    first_name: Mapped[str] = mapped_column(Text)
    last_name: Mapped[str] = mapped_column(Text)
    role: Mapped[Role] = mapped_column(Choice(Role))
    permissions: Mapped[list[str]] = mapped_column(Document)
    status: Mapped[MemberStatus] = mapped_column(Choice(MemberStatus))
    locale: Mapped[Locale] = mapped_column(Choice(Locale))
    password_hash: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Timestamp)

    __table_args__ = (
        owned_by_firm(),
        UniqueConstraint("firm_id", "email_key"),
        one_of("role", Role),
        one_of("status", MemberStatus),
        one_of("locale", Locale),
    )

    @hybrid_property
    def is_caller(self) -> Any:
        """Whether it is the member who asks."""
        return self.id == bindparam("member_id", type_=Text())
