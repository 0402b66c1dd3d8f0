"""What SQLite is told of the sizes of tables, so that it starts from what is few.

Without being told it takes every index for about equally good, and looks through all of a firm's
accounts for the three that are open to a client. It could count (`ANALYZE`), but a fresh database
has nothing to count, and a plan that changes with the counting is found out by its users. So it
is told what a firm of some size has, which is what each statement is to be quick for; see "Manual
Control Of Query Plans Using SQLITE_STAT Tables" in its documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

_FIRMS = 20
_ROWS = 5_000
"""Rows of most tables in each firm."""
_SMALL = {
    "firms": 1,
    "members": 20,
    "tags": 20,
    "custom_fields": 20,
    "custom_field_options": 100,
    "folder_templates": 10,
    "template_folders": 100,
    "counters": 1,
}
"""Rows of the others."""
_ALIKE = frozenset({"status", "target", "kind", "action", "operation"})
"""Columns in which most rows of a firm hold the same."""
_SHARED = frozenset({"tag_id", "option_id", "field_id", "template_id", "member_id", "actor_id"})
"""Columns in which a tenth of them does; in others it is two or three."""


def tell_sizes(connection: Connection) -> None:
    """Tells SQLite, in the transaction of *connection*; each connection that is opened later
    knows it."""
    connection.exec_driver_sql("ANALYZE sqlite_schema")
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    for table, index, numbers in _indexes(connection):
        connection.exec_driver_sql(
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)",
            (table, index, " ".join(map(str, numbers))),
        )


def _indexes(connection: Connection) -> Iterator[tuple[str, str, Sequence[int]]]:
    """Of each index how many rows it has, and how many for one value of its first column, of its
    first two, and so on."""
    found: Sequence[Any] = connection.exec_driver_sql(
        'SELECT tables.name, list.name, list."unique", list.partial'
        " FROM sqlite_schema AS tables JOIN pragma_index_list(tables.name) AS list"
        " WHERE tables.type = 'table' AND tables.name NOT LIKE '%!_grams!_%' ESCAPE '!'"
    ).all()
    for table, index, unique, partial in found:
        columns: Sequence[str | None] = (
            connection.exec_driver_sql("SELECT name FROM pragma_index_info(?)", (index,))
            .scalars()
            .all()
        )
        in_firm = _SMALL.get(table, _ROWS) // (10 if partial else 1) or 1
        numbers = [in_firm * _FIRMS, *_for_each(columns, in_firm)]
        if unique:
            numbers[-1] = 1
        yield table, index, numbers


def _for_each(columns: Sequence[str | None], in_firm: int) -> Iterator[int]:
    left = in_firm
    for column in columns:
        if column in _SHARED:
            left = min(left, in_firm // 10 or 1)
        elif column == "id":
            left = 1
        elif column != "firm_id" and column not in _ALIKE:
            left = min(left, 3)
        yield left
