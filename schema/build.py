"""The schema, put together from its subjects."""

from __future__ import annotations

from datetime import datetime

import strawberry
from graphql import GraphQLSchema
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from planner import PlannedExecutor
from schema.account_contacts import AccountContactMutation
from schema.accounts import AccountMutation, AccountQuery
from schema.activation import ActivationMutation, ActivationQuery
from schema.archiving import ArchivingMutation
from schema.assignees import AssigneeMutation
from schema.audit import AuditQuery
from schema.contacts import ContactMutation, ContactQuery
from schema.custom_fields import CustomFieldMutation, CustomFieldQuery
from schema.fields import AUDIENCE
from schema.firms import FirmMutation, FirmQuery
from schema.folder_templates import FolderTemplateMutation, FolderTemplateQuery
from schema.inputs import take_plainly
from schema.invitations import InvitationMutation
from schema.json_values import JSON_VALUE
from schema.members import MemberMutation, MemberQuery
from schema.moments import DATE_TIME
from schema.nodes import NodeQuery
from schema.notices import NoticeMutation
from schema.notification_preferences import (
    NotificationPreferenceMutation,
    NotificationPreferenceQuery,
)
from schema.notifications import NotificationMutation, NotificationQuery, NotificationSubscription
from schema.payload import Planned
from schema.portal import PortalQuery, SwitchMutation
from schema.sessions import SessionMutation, SessionQuery
from schema.sign_ups import SignUpMutation
from schema.switches import SwitchesMutation
from schema.tags import TagMutation, TagQuery
from schema.viewer import ViewerMutation, ViewerQuery


@strawberry.type(description="What can be read.")
class Query(
    ViewerQuery,
    PortalQuery,
    ActivationQuery,
    SessionQuery,
    FirmQuery,
    MemberQuery,
    NodeQuery,
    AccountQuery,
    ContactQuery,
    TagQuery,
    CustomFieldQuery,
    FolderTemplateQuery,
    NotificationQuery,
    NotificationPreferenceQuery,
    AuditQuery,
): ...


@strawberry.type(
    description="What can be done. Each takes its input and answers a payload, whose `errors` "
    "hold what the caller can mend; nothing is written then."
)
class Mutation(
    SessionMutation,
    ActivationMutation,
    SignUpMutation,
    ViewerMutation,
    SwitchMutation,
    AccountMutation,
    ArchivingMutation,
    AssigneeMutation,
    ContactMutation,
    AccountContactMutation,
    SwitchesMutation,
    InvitationMutation,
    TagMutation,
    CustomFieldMutation,
    FolderTemplateMutation,
    NotificationMutation,
    NotificationPreferenceMutation,
    NoticeMutation,
    FirmMutation,
    MemberMutation,
): ...


@strawberry.type(
    description="What can be followed: over WebSocket (graphql-transport-ws) or as server-sent "
    "events, at the same address as everything else."
)
class Subscription(NotificationSubscription): ...


class Executor(PlannedExecutor, StrawberryGraphQLCoreExecutionContext):
    """Strawberry's executor, which takes what the planner read as it is."""

    def complete_value(self, *arguments, **named):  # noqa: ANN002, ANN003, ANN201
        """As the bases do, but for a payload's object that was planned under several keys."""
        path = named["path"] if "path" in named else arguments[3]
        result = named["result"] if "result" in named else arguments[4]
        if isinstance(result, Planned):
            return result[path.key]
        return super().complete_value(*arguments, **named)


def build_schema() -> strawberry.Schema:
    """The schema. Raises LookupError where a root field does not say who may use it."""
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        execution_context_class=Executor,
        config=StrawberryConfig(scalar_map={datetime: DATE_TIME, JSON: JSON_VALUE}),
    )
    take_plainly(schema)
    _refuse_open_fields(graphql_schema(schema))
    return schema


def graphql_schema(schema: strawberry.Schema) -> GraphQLSchema:
    """The graphql-core schema inside."""
    return schema._schema


def _refuse_open_fields(schema: GraphQLSchema) -> None:
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        for name, field in root.fields.items() if root else ():
            if AUDIENCE not in field.extensions["strawberry-definition"].metadata:
                raise LookupError(f"{name} does not say who may use it")
