"""Whether there are rows, asked from inside another statement."""

from __future__ import annotations

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
