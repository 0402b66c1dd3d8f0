"""The firm's condition: which rows of a table a firm may see, and which of them a limited member.

Planner and session both ask here, and nobody else writes it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, Text, bindparam
from sqlalchemy.orm import with_loader_criteria

from models import FirmOwned

FIRM = "firm_id"
_GIVEN = bindparam(FIRM, type_=Text())
LIMITED = "limited_to"
"""The parameter with the id of the member whose reach is asked for; None for everybody else."""


def within(entity: Any, *, limited: bool = False) -> ColumnElement[bool]:
    """The condition that *entity* (a table's class or an alias of it) belongs to the firm.

    The firm is a parameter named `firm_id`, bound when the statement runs. An entity
    without a firm has no such column, and asking for it raises AttributeError. A table
    whose rows are not for everybody in the firm says so by `seen_by_caller`. With *limited*
    the row is also within the reach (`models/reach.py`) of the member `limited_to`.
    """
    of_firm = entity.firm_id == _GIVEN
    seen = getattr(entity, "seen_by_caller", None)
    if seen is not None:
        of_firm &= seen
    reached_by = getattr(entity, "reached_by", None) if limited else None
    return of_firm if reached_by is None else of_firm & reached_by(bindparam(LIMITED, type_=Text()))


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
