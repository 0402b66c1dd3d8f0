"""Identifiers: a prefix that tells the type, and a UUIDv7, which sorts by time of birth."""

from __future__ import annotations

import re

from sqlalchemy import ColumnElement, Dialect, Text, literal, literal_column
from uuid_utils import uuid7

_SHAPE = re.compile(r"[a-z]{3,5}_[0-9a-f]{32}")


def new_id(prefix: str, *, after: str | None = None) -> str:
    """A fresh id such as `acct_0198…`: *prefix*, an underscore, 32 hexadecimal digits.

    It sorts behind *after*, an id of the same prefix, though the clock that made that one be fast.
    """
    id = f"{prefix}_{uuid7().hex}"
    if after is not None and id <= after:
        id = f"{prefix}_{int(after.partition('_')[2], 16) + 1:032x}"
    return id


_RANDOM = {
    "postgresql": "substr(replace(gen_random_uuid()::text, '-', ''), 14)",
    "sqlite": "substr(lower(hex(randomblob(2))), 2) || '8' || substr(lower(hex(randomblob(8))), 2)",
}
"""What follows a UUID's version: random digits, and the variant among them."""


def fresh_id(prefix: str, dialect: Dialect) -> ColumnElement[str]:
    """As `new_id`, in SQL: another one for each row that a statement writes."""
    born = literal(f"{prefix}_{uuid7().hex[:12]}7", Text())
    return born + literal_column(_RANDOM[dialect.name], Text())


def prefix_of(text: str) -> str | None:
    """The prefix of a well-formed id; None for anything else."""
    return text.partition("_")[0] if _SHAPE.fullmatch(text) else None
