"""Portal users: whoever signs in to a firm's portal, one per firm and normalised e-mail address."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Text, UniqueConstraint, bindparam
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Audited, Base, Choice, FirmOwned, Key, Timestamp, one_of, owned_by_firm
from models.enums import Locale


class PortalUser(FirmOwned, Base):
    __tablename__ = "portal_users"
    id_prefix = "pusr"
    audit = Audited(
        noun="portalUser",
        fields=("email", "first_name", "last_name", "locale"),
        hidden=("password_hash",),
    )

    email: Mapped[str] = mapped_column(Text)
    email_key: Mapped[str] = mapped_column(Key)
    first_name: Mapped[str | None] = mapped_column(Text)
    last_name: Mapped[str | None] = mapped_column(Text)
    locale: Mapped[Locale] = mapped_column(Choice(Locale))
    password_hash: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Timestamp)

    __table_args__ = (
        owned_by_firm(),
        UniqueConstraint("firm_id", "email_key"),
        one_of("locale", Locale),
    )

    @hybrid_property
    def is_caller(self) -> Any:
        """Whether it is the client who asks."""
        return self.id == bindparam("portal_user_id", type_=Text())
