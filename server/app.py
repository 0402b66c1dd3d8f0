"""The Starlette application: its routes, and what lives as long as it does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from graphql import (
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    specified_rules,
)
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from auth.forms import Forms
from auth.links import Links
from auth.passwords import Passwords
from planner import Planner
from portal.pages import portal_routes
from resolvers.following import newest_in
from resolvers.unit import Deployment
from schema.build import Executor, build_schema, graphql_schema
from schema.context import EXPECTED, Context, coded, with_code
from schema.declarations import SchemaDeclarations
from schema.direct import Reading, read_directly
from server.access_log import AccessLog
from server.graphql_documents import DocumentRefusedError, PreparedDocument
from server.graphql_operations import Operations
from server.graphql_request import METHODS
from server.graphql_socket import GraphQLSocket
from server.graphql_view import GraphQLView
from server.known_hosts import Hosts, KnownHosts
from server.lasting import Lasting, told_to_stop
from server.mailing import mail_worker
from server.mails import mails_page
from server.persisted import BadDocuments, TrustedDocuments, read_trusted
from server.playground import Playground, no_page_of_account
from server.security_headers import SecurityHeaders
from server.settings import BadSetting, Profile, Settings, read_settings
from server.short_way import ShortWay
from server.visits import session_cookie, token_of, visit_beside, visit_of
from tenancy.database import Database
from tenancy.outage import Unavailable
from tenancy.signals import Signals

log = structlog.get_logger()


def create_app(
    settings: Settings | None = None, *, demo: bool = False, passwords: Passwords | None = None
) -> Starlette:
    """The application for *settings* (the environment's by default).

    *demo* adds a page with the mails that were sent, which shows their links to anybody.
    *passwords* are hashed as they say, else at full strength.
    """
    settings = settings or read_settings()
    database = Database(
        settings.database_url, read_pool=settings.read_pool, write_pool=settings.write_pool
    )
    links = Links(settings.secret_keys)
    worker = mail_worker(settings, database, links)
    deployment = Deployment(
        database=database,
        passwords=passwords or Passwords(),
        links=links,
        forms=Forms(settings.secret_keys),
        base_url=settings.base_url,
        signals=Signals(database, newest_in),
        wake_mail=worker.wake,
    )

    lasting = Lasting(database)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        await database.refuse_unsafe_role()
        task = asyncio.create_task(worker.run()) if settings.mail_worker else None
        try:
            with told_to_stop(lasting.closing.set):
                yield
        finally:
            lasting.closing.set()
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await deployment.signals.close()
            deployment.passwords.close()
            await database.close()

    async def healthz(_: Request) -> Response:
        try:
            await database.fetch("SELECT 1", ())
        except Unavailable:
            return JSONResponse({"status": "the database is away"}, status_code=503)
        return JSONResponse({"status": "ok"})

    reading = reading_of(database, settings.base_url)
    operations = graphql_operations(
        deployment,
        reading,
        locked=settings.profile is Profile.LOCKED,
        trusted=settings.trusted_documents,
    )
    hosts = Hosts(settings.hosts)
    mails = mails_page(settings) if demo else None
    app = Starlette(
        routes=[
            *graphql_routes(settings, operations, lasting),
            Route("/healthz", healthz),
            *(mails.routes() if mails else []),
            *portal_routes(
                deployment, reading, visit_beside=visit_beside, session_cookie=session_cookie
            ),
        ],
        middleware=[
            Middleware(ShortWay, operations=operations, hosts=hosts, https=settings.https),
            Middleware(AccessLog),
            Middleware(SecurityHeaders, https=settings.https),
            Middleware(KnownHosts, hosts=hosts),
        ],
        lifespan=lifespan,
    )
    app.state.deployment, app.state.mail_worker = deployment, worker
    return app


def graphql_routes(settings: Settings, operations: Operations, lasting: Lasting) -> list[BaseRoute]:
    """The API over HTTP and WebSocket, with the playground for browsers where it is on."""
    origins = frozenset({settings.origin})
    locked = settings.profile is Profile.LOCKED
    view = GraphQLView(
        operations,
        allowed_origins=origins,
        lasting=lasting,
        methods=("POST",) if locked else METHODS,
    )
    socket = WebSocketRoute("/graphql", GraphQLSocket(operations, lasting, allowed_origins=origins))
    if not settings.playground:
        return [socket, Route("/graphql", view), Route("/accounts/{id}", no_page_of_account)]
    return [socket, *Playground(view, base_url=settings.base_url).routes()]


def reading_of(database: Database, base_url: str) -> Reading:
    """How rows are read for the API and for the pages: the schema, planned for *database*."""
    schema = graphql_schema(build_schema())
    planner = Planner(schema, SchemaDeclarations(schema), database.dialect)
    return Reading(schema, planner, database, base_url)


def graphql_operations(
    deployment: Deployment, reading: Reading, *, locked: bool = False, trusted: Path | None = None
) -> Operations:
    """The operations of the product's schema, for every transport at `/graphql`.

    *locked*: the schema itself cannot be asked for. With a file of *trusted* documents, of those
    alone. Raises BadSetting where it cannot be used.
    """

    async def context(connection: HTTPConnection, plans: dict[Any, Any]) -> Context:
        with coded():
            visit = await visit_of(connection, deployment.database)
        return Context(
            deployment=deployment,
            visit=visit,
            planner=reading.planner,
            plans=plans,
            session_cookie=session_cookie,
            look_again=partial(visit_of, connection, deployment.database, in_use=False),
            resume_after=_last_event(connection),
        )

    async def directly(
        token: str | None,
        prepared: PreparedDocument,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any] | None,
    ) -> dict[str, Any] | None:
        try:
            return await read_directly(
                reading, token, prepared.document, operation, variables, prepared.plans
            )
        except EXPECTED as error:
            raise with_code(error) from None

    texts = None if trusted is None else _trusted(trusted)
    operations = Operations(
        reading.schema,
        context=context,
        executor_class=Executor,
        report=lambda error, request_id: log.error(
            "request failed", request_id=request_id, exc_info=error
        ),
        rules=(
            *specified_rules,
            MaybeNullValidationRule,
            OneOfInputValidationRule,
            *([NoSchemaIntrospectionCustomRule] if locked else []),
        ),
        input_errors=(StrawberryInputCoercionError,),
        texts=texts,
        directly=directly,
        token_of=token_of,
    )
    if texts is not None:
        for name, text in texts.documents.items():
            try:
                operations.documents.prepare(text)
            except DocumentRefusedError as error:
                raise BadSetting(f"MANDANT_TRUSTED_DOCUMENTS: {name}: {error}") from None
    return operations


def _trusted(path: Path) -> TrustedDocuments:
    try:
        return TrustedDocuments(read_trusted(path))
    except (BadDocuments, OSError) as error:
        raise BadSetting(f"MANDANT_TRUSTED_DOCUMENTS: {error}") from None


def _last_event(connection: HTTPConnection) -> str | None:
    """What a browser that reconnects to a stream of events saw last."""
    return connection.headers.get("last-event-id") if connection.scope["type"] == "http" else None
