"""The planner over real databases, as the application's own role, with the toy schema.

The databases are one of each kind for the session: every test writes into firms of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
import pytest
from graphql import ExecutionResult, GraphQLSchema, execute, parse, validate
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from models import Account, AccountContact, Contact, Firm, Member
from models.ids import new_id
from planner import ById, ByIds, PlannedExecutor, Planner, Plans, Related, Selection
from tenancy.database import Database
from tenancy.row_security import let_application_in
from tenancy.session import firm_session
from tests.databases import Databases
from tests.planner.toy import Toy, ToyBase, toy_schema

NOW = datetime(2026, 11, 23, 12, 0, 0, 120, tzinfo=UTC)


@pytest.fixture(scope="session")
def schema() -> GraphQLSchema:
    return toy_schema()


class Desk:
    """One database with the planner at work in it, seen from one firm."""

    def __init__(self, schema: GraphQLSchema, database: Database) -> None:
        self.schema = schema
        self.database = database
        self.planner = Planner(schema, Toy(), database.dialect)
        self.firm_id: str | None = ""
        self.member_id = ""
        self.portal_user_id = ""
        self.statements: list[str] = []
        self.documents: dict[str, tuple[Any, Plans]] = {}

    async def fetch(self, sql: str, parameters: Sequence[Any]) -> str | None:
        self.statements.append(sql)
        return await self.database.fetch(sql, parameters)

    async def read(
        self,
        info: Any,
        plans: Plans,
        *,
        spec: ById | ByIds | Related | None = None,
        given: dict[str, Any] | None = None,
    ) -> orjson.Fragment | None:
        return await self.planner.read(
            Selection.of(info, spec=spec, given=given),
            fetch=self.fetch,
            constants={
                "firm_id": self.firm_id,
                "member_id": self.member_id,
                "portal_user_id": self.portal_user_id,
                "now": NOW,
                "base_url": "https://mandant.example",
            },
            plans=plans,
        )

    def plans(self, document: str) -> Plans:
        return self.documents[document][1]

    async def execute(
        self, document: str, variables: dict[str, Any] | None = None
    ) -> ExecutionResult:
        """Executes the document through graphql-core; it is parsed once."""
        if document not in self.documents:
            parsed = parse(document)
            assert validate(self.schema, parsed) == []
            self.documents[document] = (parsed, {})
        parsed, plans = self.documents[document]

        def resolve(source: Any, info: Any, **arguments: Any) -> Any:
            if info.parent_type.name == "TouchPayload":
                if info.field_name == "account":
                    return self.read(info, plans, spec=ById(), given={"id": source["id"]})
                return self.read(
                    info,
                    plans,
                    spec=ByIds({"acct": "Account"}, most=None),
                    given={"ids": [source["id"]]},
                )
            if info.field_name == "touch":
                return arguments
            return self.read(info, plans)

        result = execute(
            self.schema,
            parsed,
            variable_values=variables,
            field_resolver=resolve,
            executor_class=PlannedExecutor,
        )
        return result if isinstance(result, ExecutionResult) else await result

    async def data(self, document: str, variables: dict[str, Any] | None = None) -> Any:
        """The response's data, as a client parses it. There are no errors."""
        result = await self.execute(document, variables)
        if result.errors:
            raise result.errors[0].original_error or result.errors[0]
        return orjson.loads(orjson.dumps(result.data))

    async def refusal(self, document: str, variables: dict[str, Any] | None = None) -> Any:
        """The exception behind the response's only error."""
        result = await self.execute(document, variables)
        assert result.errors is not None and len(result.errors) == 1
        return result.errors[0].original_error

    async def add(self, *rows: Any) -> None:
        """Writes the rows into the firm, each with an id."""
        for row in rows:
            row.id = row.id or new_id(row.id_prefix)
        async with firm_session(self.database, self.firm_id) as session:
            session.add_all(rows)
            await session.commit()

    async def remove(self, row: Any) -> None:
        async with firm_session(self.database, self.firm_id) as session:
            await session.delete(row)
            await session.commit()

    async def enter_new_firm(self, name: str = "Kanzlei", *, members: bool = True) -> None:
        """A firm, if need be with one member, who asks from now on."""
        self.firm_id = new_id("firm")
        await self.add(
            Firm(
                id=self.firm_id, name=name, slug=uuid4().hex, locale="DE",
                time_zone="Europe/Berlin", sign_up_enabled=True, created_at=NOW,
            )
        )  # fmt: skip
        if members:
            one = member("ada@example.org")
            await self.add(one)
            self.member_id = one.id


def member(email: str, **more: Any) -> Member:
    return Member(
        **{
            "email": email, "email_key": email, "first_name": "Ada", "last_name": "Lovelace",
            "role": "OWNER", "permissions": ["IMPORT", "EXPORT"], "status": "ACTIVE",
            "locale": "DE", "created_at": NOW,
        }
        | more
    )  # fmt: skip


def account(name: str, **more: Any) -> Account:
    return Account(
        **{
            "number": uuid4().hex, "type": "INDIVIDUAL", "status": "ACTIVE", "name": name,
            "name_key": name.casefold(), "search_text": name.casefold(), "created_via": "MEMBER",
            "created_at": NOW, "updated_at": NOW,
        }
        | more
    )  # fmt: skip


def contact(name: str, **more: Any) -> Contact:
    return Contact(
        **{
            "name": name, "first_name_key": "", "last_name_key": name.casefold(),
            "search_text": name, "created_at": NOW, "updated_at": NOW,
        }
        | more
    )  # fmt: skip


def entry(of: Account, person: Contact, **more: Any) -> AccountContact:
    return AccountContact(
        **{
            "account_id": of.id, "contact_id": person.id, "login": True, "notify": False,
            "sync": False, "created_at": NOW,
        }
        | more
    )  # fmt: skip


async def _prepare(url: str) -> None:
    """Takes the product's triggers away, and adds the toy's own table."""
    engine = create_async_engine(url, poolclass=NullPool)
    names = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT format('%I ON %s', tgname, tgrelid::regclass) FROM pg_trigger"
        " WHERE NOT tgisinternal",
    }[engine.dialect.name]
    async with engine.begin() as connection:
        for name in (await connection.scalars(text(names))).all():
            await connection.execute(text(f"DROP TRIGGER {name}"))
        await connection.run_sync(ToyBase.metadata.create_all)
        for statement in let_application_in() if engine.dialect.name == "postgresql" else ():
            await connection.execute(text(statement))
    await engine.dispose()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def shared_url(request: pytest.FixtureRequest, databases: Databases) -> str:
    """One database of each kind for all tests of the planner.

    Without the triggers that hold the product's rules, since the rows here are bare.
    """
    url = databases.create(request.param, migrated=True)
    asyncio.run(_prepare(url))
    return url


@pytest.fixture
async def desk(shared_url: str, schema: GraphQLSchema) -> AsyncIterator[Desk]:
    """The planner on each database, in a fresh firm."""
    database = Database(shared_url)
    opened = Desk(schema, database)
    try:
        await opened.enter_new_firm()
        yield opened
    finally:
        await database.close()
