"""What tests of the audit trail ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.deployments import Firm, Voice

EVENTS = """
query ($first: Int, $after: String, $last: Int, $subjectId: ID, $filter: AuditFilter,
       $orderBy: AuditOrder) {
  auditEvents(first: $first, after: $after, last: $last, subjectId: $subjectId, filter: $filter,
              orderBy: $orderBy) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes {
      id at action changes ipAddress subjectId
      actor { __typename ... on Member { id email } ... on PortalUser { id email } }
      subject { __typename id ... on Account { name } }
    }
  }
}
"""

Events = list[dict[str, Any]]
Told = Callable[..., Awaitable[Events]]


async def events(voice: Voice, **given: Any) -> Events:
    """The newest events first, of those that are asked for."""
    return (await voice.ask(EVENTS, **given)).data["auditEvents"]["nodes"]


@pytest.fixture
async def told(firm: Firm) -> Told:
    """What is new in the firm's trail since the last time: the oldest first, without sign-ins."""
    seen: set[str] = {event["id"] for event in await events(firm.owner)}

    async def told(*, sign_ins: bool = False) -> Events:
        fresh = [event for event in await events(firm.owner, first=200) if event["id"] not in seen]
        seen.update(event["id"] for event in fresh)
        return [
            event
            for event in reversed(fresh)
            if sign_ins or not event["action"].startswith("session.")
        ]

    return told
