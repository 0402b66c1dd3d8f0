"""Whether there are rows, asked from inside another statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, literal_column, select


def there_is(*rows: Any, where: tuple[ColumnElement[bool], ...]) -> ColumnElement[bool]:
    """The condition that *rows* (aliases of tables) exist that meet all of *where*.

    Every other table in *where* belongs to the statement around it. That is said outright:
    left to itself SQLAlchemy looks one statement up only, and from inside a derived table it
    would take another table for one of its own, so that any row of that would do.
    """
    return (
        select(literal_column("1"))
        .select_from(*rows)
        .where(*where)
        .correlate_except(*rows)
        .exists()
    )


def is_among(
    value: ColumnElement[Any],
    found: Any,
    rows: Sequence[Any],
    *,
    where: tuple[ColumnElement[bool], ...],
) -> ColumnElement[bool]:
    """The condition that *value* is what *found* is in some of *rows* that meet all of *where*.

    As `there_is`, but the databases may begin with *rows*, and look up what has those values.
    Nothing in *where* may be of the statement right around it: PostgreSQL would ask again for
    each of its rows.
    """
    return value.in_(select(found).select_from(*rows).where(*where).correlate_except(*rows))
