"""What the tables of a migration are made of.

The vocabulary of migrations, apart from `models/`: a migration says what the database was at
its time, however the models change afterwards.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TEXT, TIMESTAMP

from tenancy.row_security import protect

_WORDS = sa.Text()
# Compared byte by byte on both databases, whatever the collation of a PostgreSQL database.
_KEY = sa.Text().with_variant(TEXT(collation="C"), "postgresql")
# SQLite keeps moments as text of fixed width.
_MOMENT = sa.Text().with_variant(TIMESTAMP(timezone=True), "postgresql")
_DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


class MissingExtension(RuntimeError):
    """The database lacks something that it could have, and a migration may not add it."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The search needs {name}, and this database cannot have it: the PostgreSQL extensions"
            " pg_trgm and btree_gin (they come with the server's `contrib` package; a role that"
            " has CREATE on the database, such as its owner, creates them), or on SQLite a"
            " library with FTS5."
        )


def key(name: str, *, null: bool = False) -> sa.Column[Any]:
    """An id, or a text that rows are ordered or compared by."""
    return sa.Column(name, _KEY, nullable=null)


def words(name: str, *, null: bool = False) -> sa.Column[Any]:
    """Text for people, or one of a closed list."""
    return sa.Column(name, _WORDS, nullable=null)


def moment(name: str, *, null: bool = False) -> sa.Column[Any]:
    """A moment in UTC, to the microsecond."""
    return sa.Column(name, _MOMENT, nullable=null)


def document(name: str, *, null: bool = False) -> sa.Column[Any]:
    """JSON."""
    return sa.Column(name, _DOCUMENT, nullable=null)


def octets(name: str) -> sa.Column[Any]:
    """Bytes, or nothing."""
    return sa.Column(name, sa.LargeBinary(), nullable=True)


def number(name: str) -> sa.Column[Any]:
    """A whole number."""
    return sa.Column(name, sa.Integer(), nullable=False)


def switch(name: str, *, null: bool = False) -> sa.Column[Any]:
    """On or off."""
    return sa.Column(name, sa.Boolean(), nullable=null)


def of_firm(table: str, *rest: Any) -> None:
    """Creates a table of firms: the key (firm_id, id), its firm, *rest*, and the wall around it."""
    op.create_table(
        table,
        key("firm_id"),
        key("id"),
        *rest,
        sa.PrimaryKeyConstraint("firm_id", "id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["firm_id"],
            ["firms.id"],
            name=op.f(f"fk_{table}_firm_id"),
            ondelete="CASCADE",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in protect(table):
            op.execute(statement)


def within(
    table: str, column: str, target: str, *, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    """A reference from *table* to a row of *target* in the same firm, checked at the end."""
    return sa.ForeignKeyConstraint(
        ["firm_id", column],
        [f"{target}.firm_id", f"{target}.id"],
        name=op.f(f"fk_{table}_firm_id_{column}"),
        ondelete=ondelete,
        deferrable=True,
        initially="DEFERRED",
    )


def unique(table: str, *columns: str) -> sa.UniqueConstraint:
    """No two rows are alike in *columns*."""
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def one_of(table: str, column: str, *choices: str) -> sa.CheckConstraint:
    """The values that *column* may have."""
    names = ", ".join(f"'{choice}'" for choice in choices)
    return check(table, column, f"{column} IN ({names})")


def check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    """A condition that every row meets."""
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))
