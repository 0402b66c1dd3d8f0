"""What every table shares: its key, its firm, and the types that both databases keep alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    CTE,
    JSON,
    CheckConstraint,
    ColumnElement,
    Dialect,
    ForeignKeyConstraint,
    MetaData,
    Subquery,
    Text,
    TypeDecorator,
    inspect,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, TEXT, TIMESTAMP
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Timestamp(TypeDecorator[datetime]):
    """A moment in UTC, to the microsecond.

    SQLite keeps it as text of fixed width, which sorts by time; PostgreSQL as timestamptz.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        moment = value.astimezone(UTC)
        if dialect.name == "postgresql":
            return moment
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None or isinstance(value, datetime):
            return value
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


class Choice(TypeDecorator[StrEnum]):
    """One value of a closed list, kept as its name."""

    impl = Text
    cache_ok = True

    def __init__(self, of: type[StrEnum]) -> None:
        super().__init__()
        self.of = of

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.of(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.of(value)


Key = Text().with_variant(TEXT(collation="C"), "postgresql")
"""Text that is compared and ordered byte by byte on both databases: ids, and folded keys."""

Document = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=CONVENTION)


@dataclass(frozen=True, kw_only=True)
class Audited:
    """The audit trail tells what becomes of each row of the table (tenancy/audit.py).

    An event is called *noun*, a dot, and what happened: *created*, *changed*, *deleted*, or for
    a change of one of the fields in *when* the word that stands there for its new value (or for
    `*`). It is about what the first filled one of *subject* names. *fields* are told, with their
    values before and after; *hidden* ones never are: secrets, and what follows from others.
    """

    noun: str
    fields: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    subject: tuple[str, ...] = ("id",)
    created: str = "created"
    changed: str = "changed"
    deleted: str = "deleted"
    when: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])


@dataclass(frozen=True, kw_only=True)
class AuditedIn:
    """The table's rows are parts of another thing, and told in its events: what went and came.

    The column *of* names the thing, and *part* is what the rows are called there. The texts in
    *documents*, which are among *fields*, are JSON.
    """

    of: str
    part: str
    fields: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unaudited:
    """The audit trail does not tell of the table, and *why* not."""

    why: str


class FirmOwned:
    """A row of one firm. The key is (firm_id, id), so that nothing can point into another firm."""

    id_prefix: ClassVar[str]
    audit: ClassVar[Audited | AuditedIn | Unaudited]
    """Whether and how the audit trail tells of the table; each says it for itself."""

    firm_id: Mapped[str] = mapped_column(Key, primary_key=True, sort_order=-2)
    id: Mapped[str] = mapped_column(Key, primary_key=True, sort_order=-1)

    @hybrid_method
    def belongs_to(self, firm_id: Any) -> Any:
        """Whether it is a row of the firm; of the rows of a subquery, which was asked, it is."""
        return self.firm_id == firm_id

    @belongs_to.inplace.expression
    @classmethod
    def _belongs_to(cls, firm_id: Any) -> ColumnElement[bool]:
        entity: Any = inspect(cls, raiseerr=False)
        if isinstance(getattr(entity, "selectable", None), Subquery | CTE):
            return true()
        return cls.firm_id == firm_id


def owned_by_firm() -> ForeignKeyConstraint:
    """Every firm's table points at its firm, and goes with it."""
    return ForeignKeyConstraint(
        ["firm_id"], ["firms.id"], ondelete="CASCADE", deferrable=True, initially="DEFERRED"
    )


def within_firm(column: str, target: str, *, ondelete: str | None = None) -> ForeignKeyConstraint:
    """A reference that cannot leave the firm: (firm_id, *column*) to (firm_id, id) of *target*.

    Checked when the transaction ends, so that rows may be written in any order.
    *ondelete* is CASCADE or None, which refuses. SET NULL is no choice: it would clear the firm.
    """
    return ForeignKeyConstraint(
        ["firm_id", column],
        [f"{target}.firm_id", f"{target}.id"],
        ondelete=ondelete,
        deferrable=True,
        initially="DEFERRED",
    )


def one_of(column: str, choices: type[StrEnum] | Sequence[str]) -> CheckConstraint:
    """The database's own copy of a closed list."""
    names = ", ".join(f"'{choice}'" for choice in choices)
    return CheckConstraint(f"{column} IN ({names})", name=column)
