"""Idempotency keys: the same write, asked for again, is answered again and not done again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import delete, select

from models import IdempotencyKey
from resolvers.refusal import ErrorCode, refuse
from resolvers.unit import Unit

KEPT_FOR = timedelta(hours=24)
_LONGEST = 200


def _fingerprint(unit: Unit, asked: Mapping[str, Any]) -> str:
    text = orjson.dumps([unit.caller.member_id, asked], default=str, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()


async def answered_before(
    unit: Unit, operation: str, key: str | None, asked: Mapping[str, Any]
) -> dict[str, Any] | None:
    """What was remembered for *key*, or None. Refuses a key that came with another input."""
    if key is None:
        return None
    if not key or len(key) > _LONGEST or not key.isprintable():
        raise refuse(
            ("idempotency_key",),
            ErrorCode.INVALID,
            "A key is 1 to {most} printable characters.",
            most=_LONGEST,
        )
    await unit.session.execute(
        delete(IdempotencyKey).where(IdempotencyKey.created_at < unit.now - KEPT_FOR)
    )
    found = await unit.session.scalar(
        select(IdempotencyKey).where(
            IdempotencyKey.operation == operation, IdempotencyKey.key == key
        )
    )
    if found is None:
        return None
    if found.fingerprint != _fingerprint(unit, asked):
        raise refuse(
            ("idempotency_key",),
            ErrorCode.IDEMPOTENCY_KEY_REUSED,
            "This key was used for another input. Take a fresh one for each write.",
        )
    return found.answer


async def remember(
    unit: Unit,
    operation: str,
    key: str | None,
    asked: Mapping[str, Any],
    answer: dict[str, Any],
) -> None:
    """Keeps *answer* for *key*, in the transaction of the write itself.

    Of two writers with one key, the database lets one through; the other runs again
    and finds this answer.
    """
    if key is None:
        return
    unit.new(
        IdempotencyKey,
        operation=operation,
        key=key,
        fingerprint=_fingerprint(unit, asked),
        answer=answer,
        created_at=unit.now,
    )
