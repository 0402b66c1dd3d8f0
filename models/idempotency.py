"""Idempotency keys: a write that was answered once is answered the same again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Document, FirmOwned, Timestamp, Unaudited, owned_by_firm


class IdempotencyKey(FirmOwned, Base):
    __tablename__ = "idempotency_keys"
    id_prefix = "idem"
    audit = Unaudited("It remembers an answer; the write itself is told.")

    operation: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    # Of the whole input: the same key with another input is refused.
    fingerprint: Mapped[str] = mapped_column(Text)
    answer: Mapped[dict[str, Any]] = mapped_column(Document)
    created_at: Mapped[datetime] = mapped_column(Timestamp)

    __table_args__ = (
        owned_by_firm(),
        UniqueConstraint("firm_id", "operation", "key"),
        Index("ix_idempotency_keys_age", "firm_id", "created_at"),
    )
