"""The audit trail: what was done in a firm, by whom, from where, and what it was before.

Rows are added and never changed or deleted, other than with their firm: the database itself
refuses (`migrations/versions/0012_audit.py`). They point at nothing by a reference, so that they
outlive what they tell of.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, bindparam
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, aliased, mapped_column

from models.base import Base, Document, FirmOwned, Key, Timestamp, Unaudited, owned_by_firm
from models.enums import Role
from models.existence import there_is
from models.members import Member

READERS = (Role.OWNER, Role.ADMIN)
"""The roles that may read the trail, whatever else a member may do."""


class AuditEvent(FirmOwned, Base):
    __tablename__ = "audit_events"
    id_prefix = "aud"
    audit = Unaudited("It is the trail itself.")

    at: Mapped[datetime] = mapped_column(Timestamp)
    # A member's or portal user's id; none where nobody was signed in, or Mandant itself did it.
    actor_id: Mapped[str | None] = mapped_column(Key)
    action: Mapped[str] = mapped_column(Key)
    subject_id: Mapped[str | None] = mapped_column(Key)
    # By field what was before and what is after; of a part with many, what went and what came.
    changes: Mapped[dict[str, list[Any]] | None] = mapped_column(Document)
    ip_address: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        owned_by_firm(),
        Index("ix_audit_events_subject", "firm_id", "subject_id", "id"),
        Index("ix_audit_events_actor", "firm_id", "actor_id", "id"),
        Index("ix_audit_events_action", "firm_id", "action", "id"),
    )

    @hybrid_property
    def seen_by_caller(self) -> Any:
        """Whether the member who asks may read the trail; the same for every row of it."""
        reader = aliased(Member)
        return there_is(
            reader,
            where=(
                reader.firm_id == bindparam("firm_id", type_=Text()),
                reader.id == bindparam("member_id", type_=Text()),
                reader.role.in_(READERS),
            ),
        )
