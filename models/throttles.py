"""Throttles: how often something was tried. The deployment's own table; it holds no firm's data."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Timestamp


class Throttle(Base):
    __tablename__ = "throttles"

    # A hash of what is limited: an address at a firm, or a network address.
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    count: Mapped[int]
    blocked_until: Mapped[datetime | None] = mapped_column(Timestamp)
    updated_at: Mapped[datetime] = mapped_column(Timestamp)
