"""The audit trail: what was done, by whom, and from where."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.scalars import JSON

import models
from auth.permissions import OWNERS_AND_ADMINS
from planner import ByStoredId, Made, Related, Shape
from resolvers import audit
from schema.connections import connection
from schema.context import Info, read
from schema.enums import AuditOrderField, Direction
from schema.fields import After, Before, First, Last, given, optional, planned, root, rows, value
from schema.node import Node
from schema.nodes import NODES
from schema.shared import DateTimeRange
from schema.viewer import Viewer

_PEOPLE = {table.id_prefix: table.__name__ for table in (models.Member, models.PortalUser)}
_SUBJECTS = {
    prefix: name for prefix, name in NODES.items() if prefix != models.AuditEvent.id_prefix
}


@rows(models.AuditEvent)
@strawberry.type(
    description="Something that was done in the firm. Events are added and never changed or "
    "deleted, and outlive what they tell of."
)
class AuditEvent(Node):
    at: datetime = value("When it was done.")
    actor: Viewer | None = planned(
        "Who did it; null where nobody was signed in, and for what the command line or Mandant "
        "itself did.",
        ByStoredId("actor_id", _PEOPLE),
    )
    action: str = value(
        "What was done: a kind of thing, a dot, and what became of it, such as `account.created`, "
        "`account.archived`, `contact.merged`, `invitation.sent`, `invitation.accepted`, "
        "`invitation.revoked`, `invitation.bounced`, `session.started` (a sign-in), "
        "`session.refused` (a failed one), `session.ended`, `member.passwordChanged`. There will "
        "be more of them."
    )
    subject: Node | None = planned(
        "What it was done to; null where it is no more, and where there is no such thing. Of a "
        "session, the person.",
        ByStoredId("subject_id", {**_SUBJECTS, **_PEOPLE}),
    )
    subject_id: strawberry.ID | None = value("The id of what it was done to, which it keeps.")
    changes: JSON | None = planned(
        "What differs: for each field a pair of the values before and after, "
        '`{"name": ["Mueller", "Müller"]}`, with null where it was not there, or is no more. Of '
        "what a thing has many of, the pair is of those that went and those that came, "
        '`{"tags": [["tag_0198…"], []]}`. Passwords, links and tokens are never told.',
        Made(lambda forms, event: forms.value(event.changes)),
    )
    ip_address: str | None = value(
        "The network address that it was done from; null for what the command line or Mandant "
        "itself did."
    )


AuditEventConnection = connection(AuditEvent, "audit events")


@strawberry.input(description="Which events; all conditions hold together.")
class AuditFilter:
    actor_id: strawberry.ID | None = optional("Done by this member or portal user.")
    subject_ids: list[strawberry.ID] | None = optional("Done to any of these.")
    actions: list[str] | None = optional("Any of these actions.")
    at: DateTimeRange | None = optional("Done in this span of time.")


@strawberry.input(description="How the audit trail is ordered.")
class AuditOrder:
    field: AuditOrderField = given("By what.", AuditOrderField.AT)
    direction: Direction = given("Which way.", Direction.DESC)


@strawberry.type
class AuditQuery:
    @root(
        OWNERS_AND_ADMINS,
        Related(
            shape=Shape.PAGED,
            filters=audit.events_matching,
            orders=audit.ORDERS,
            default_order="AT",
            descending=True,
        ),
    )
    async def audit_events(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        subject_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Only what was done to this; it may be no more."),
        ] = None,
        filter: Annotated[
            AuditFilter | None, strawberry.argument(description="Which ones; all of them.")
        ] = None,
        order_by: Annotated[
            AuditOrder | None, strawberry.argument(description="In which order; newest first.")
        ] = None,
    ) -> AuditEventConnection:  # pyright: ignore[reportInvalidTypeForm]
        """Members who are OWNER or ADMIN: the firm's audit trail, the newest first."""
        return await read(info)
