"""DateTime: a moment, as RFC 3339 in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import strawberry
from graphql import GraphQLError


def _write(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _read(text: Any) -> datetime:
    """Raises GraphQLError for what is no moment, or does not say in which time zone it is."""
    try:
        moment = datetime.fromisoformat(text)
        # Python stops at a NUL, and takes what stands before it.
        if moment.tzinfo is not None and "T" in text and "\0" not in text:
            return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    raise GraphQLError("A DateTime is RFC 3339 with its time zone, such as 2026-11-23T09:30:00Z.")


DATE_TIME = strawberry.scalar(
    name="DateTime",
    description="A moment: RFC 3339, answered in UTC, such as 2026-11-23T09:30:00.000000Z.",
    serialize=_write,
    parse_value=_read,
    specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
)
