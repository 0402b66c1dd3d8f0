"""The firm's condition: which rows of a table a firm may see. Planner and session both ask here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam

FIRM = "firm_id"


def within(entity: Any) -> ColumnElement[bool]:
    """The condition that *entity* (a table's class or an alias of it) belongs to the firm.

    The firm is a parameter named `firm_id`, bound when the statement runs. An entity
    without a firm has no such column, and asking for it raises AttributeError. A table
    whose rows are not for everybody in the firm says so by `seen_by_caller`.
    """
    of_firm = entity.firm_id == bindparam(FIRM, type_=Text())
    seen = getattr(entity, "seen_by_caller", None)
    return of_firm if seen is None else of_firm & seen
