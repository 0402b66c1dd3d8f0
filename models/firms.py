"""Firms: the tenants, and the numbers that each hands out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Text, UniqueConstraint, literal
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, synonym
from sqlalchemy.sql.expression import bindparam, case

from models.base import (
    Audited,
    Base,
    Choice,
    FirmOwned,
    Key,
    Timestamp,
    Unaudited,
    one_of,
    owned_by_firm,
)
from models.enums import Locale


class Firm(Base):
    __tablename__ = "firms"
    id_prefix = "firm"
    audit = Audited(
        noun="firm",
        fields=(
            "name",
            "slug",
            "locale",
            "time_zone",
            "sign_up_enabled",
            "accent_color",
            "logo_digest",
        ),
        hidden=("logo",),
    )

    id: Mapped[str] = mapped_column(Key, primary_key=True)
    firm_id = synonym("id")
    name: Mapped[str] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(Key)
    locale: Mapped[Locale] = mapped_column(Choice(Locale))
    time_zone: Mapped[str] = mapped_column(Text)
    sign_up_enabled: Mapped[bool] = mapped_column(default=False)
    # The portal's face: `#rrggbb`, and a picture that is read by nobody who does not ask for it.
    accent_color: Mapped[str | None] = mapped_column(Text)
    logo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True, deferred_raiseload=True)
    # Of the logo's bytes; stands in its address, so that browsers may keep what they loaded.
    logo_digest: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Timestamp)

    __table_args__ = (UniqueConstraint("slug"), one_of("locale", Locale))

    @hybrid_property
    def portal_url(self) -> Any:
        """The portal's address; `base_url` is a constant of the deployment."""
        return bindparam("base_url", type_=Text()) + literal("/p/") + self.slug

    @hybrid_property
    def sign_up_url(self) -> Any:
        """Where clients sign up by themselves; null where the firm does not let them."""
        row: Any = self
        return case((row.sign_up_enabled, row.portal_url + literal("/sign-up")))

    @hybrid_property
    def logo_path(self) -> str | None:
        """Where the logo is, below the deployment's address; None where there is none."""
        return f"/p/{self.slug}/logo?v={self.logo_digest}" if self.logo_digest else None

    @logo_path.inplace.expression
    @classmethod
    def _logo_path(cls) -> ColumnElement[str | None]:
        path = literal("/p/") + cls.slug + literal("/logo?v=") + cls.logo_digest
        return case((cls.logo_digest.is_not(None), path))


class Counter(FirmOwned, Base):
    """The last number given out under a name (`accounts`) in a firm."""

    __tablename__ = "counters"
    id_prefix = ""
    audit = Unaudited("The account that gets the number tells it.")

    value: Mapped[int]

    __table_args__ = (owned_by_firm(),)
