"""The firm's condition: which rows of a table a firm may see. Planner and session both ask here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, Text, bindparam
from sqlalchemy.orm import with_loader_criteria

from models import FirmOwned

FIRM = "firm_id"
_GIVEN = bindparam(FIRM, type_=Text())


def within(entity: Any) -> ColumnElement[bool]:
    """The condition that *entity* (a table's class or an alias of it) belongs to the firm.

    The firm is a parameter named `firm_id`, bound when the statement runs. An entity
    without a firm has no such column, and asking for it raises AttributeError. A table
    whose rows are not for everybody in the firm says so by `seen_by_caller`.
    """
    of_firm = entity.firm_id == _GIVEN
    seen = getattr(entity, "seen_by_caller", None)
    return of_firm if seen is None else of_firm & seen


_EVERYWHERE = with_loader_criteria(
    FirmOwned,
    lambda table: table.belongs_to(_GIVEN),
    include_aliases=True,
)


def all_within(statement: Select[Any]) -> Select[Any]:
    """*statement* with the firm's condition on every table of firms in it, however deep.

    A subquery that is bound to the row around it is in that row's firm anyway; only where the
    firm stands beside it as a value does PostgreSQL know how many rows to expect: what a policy
    compares with is not set yet while it plans.
    """
    return statement.options(_EVERYWHERE)
