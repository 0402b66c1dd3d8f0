"""A root field is one statement, whatever is asked of it and however many rows there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import event

from schema.build import build_schema, graphql_schema
from schema.fields import SPEC
from tests.deployments import Deployed, Voice
from tests.isolation.calls import CALLS, CLIENTS, filled
from tests.isolation.twins import Twin, twins
from tests.isolation.walk import document

QUERY: Any = graphql_schema(build_schema()).query_type
PLANNED = [
    name
    for name, field in QUERY.fields.items()
    if field.extensions["strawberry-definition"].metadata[SPEC] is not None
]


@pytest.fixture
def statements(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement that the deployment sends: past SQLAlchemy, and by it."""
    sent: list[str] = []
    database = deployed.deployment.database
    fetch_rows = database.fetch_rows
    # On PostgreSQL the one that only looks is the other one with an option.
    engines = [database.write_engine.sync_engine]
    if database.kind == "sqlite":
        engines.append(database.look_engine.sync_engine)

    async def fetching(sql: str, parameters: Sequence[Any]) -> Any:
        sent.append(sql)
        return await fetch_rows(sql, parameters)

    def executing(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement)

    monkeypatch.setattr(database, "fetch_rows", fetching)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", executing)
    yield sent
    for engine in engines:
        event.remove(engine, "before_cursor_execute", executing)


async def ask(voice: Voice, sent: list[str], query: str, **variables: Any) -> tuple[Any, int]:
    """What comes back, and how many statements that took."""
    sent.clear()
    answer = await voice.ask(query, **variables)
    return answer.data, len(sent)


def test_all_reading_root_fields_are_planned() -> None:
    # What an activation link is good for takes its signature and its counter to tell; and what
    # a member has said nothing of is in no row.
    assert set(QUERY.fields) - set(PLANNED) == {"activation", "notificationPreferences"}


async def test_each_root_field_costs_one_statement(
    deployed: Deployed, statements: list[str]
) -> None:
    twin = (await twins(deployed))[0]
    for _ in range(2):
        for name in PLANNED:
            asking, whole = await counted(twin, name, statements)
            # Who asks may be found by the same one.
            assert asking in (1, 2), name
            assert whole == 2, name
        for _ in range(3):
            await twin.firm.account(invited=True)


async def counted(twin: Twin, name: str, statements: list[str]) -> tuple[int, int]:
    """How many statements the field costs: asked for plainly, and through the executor."""
    call = CALLS[name]
    voice = twin.client if call.who == CLIENTS else twin.owner
    plain = document(name, depth=5)
    head, _, body = plain.partition(" { ")
    counts: list[int] = []
    for asked in (plain, f"{head} {{ ...All }} fragment All on Query {{ {body}"):
        found, count = await ask(voice, statements, asked, **filled(call.variables[0], twin))
        assert found[name], name
        counts.append(count)
    return counts[0], counts[1]


async def test_a_page_costs_as_many_for_a_hundred_rows_as_for_one(
    deployed: Deployed, statements: list[str]
) -> None:
    firm = await deployed.firm()
    asked = """query ($first: Int) { accounts(first: $first) { totalCount nodes {
      name folders { path } tags { name } assignees { email } contacts { totalCount nodes {
        portalStatus contact { name phones { number } } invitation { id } } } } } }"""
    made, counts = 0, set[int]()
    for rows in (1, 10, 100):
        while made < rows:
            await firm.account()
            made += 1
        found, count = await ask(firm.owner, statements, asked, first=rows)
        assert len(found["accounts"]["nodes"]) == rows
        counts.add(count)
    assert counts == {1}


async def test_several_root_fields_cost_one_statement_each(
    deployed: Deployed, statements: list[str]
) -> None:
    firm = await deployed.firm()
    account = await firm.account()
    asked = """query ($id: ID!) {
      account(id: $id) { contacts { totalCount pageInfo { hasNextPage } nodes { contact { name } } } }
      same: account(id: $id) { ...Rest } viewer { __typename } notifications { unreadCount }
      accounts(first: 1) { totalCount pageInfo { hasNextPage hasPreviousPage } nodes { ...Rest } }
    } fragment Rest on Account { portalStatus folders { path } assignees { email } }"""
    found, count = await ask(firm.owner, statements, asked, id=account["id"])
    assert len(found) == 5
    # Some may be sent together, and who asks with them.
    assert count <= 6
    through_executor = asked.replace("viewer", "viewer @skip(if: false)")
    found, count = await ask(firm.owner, statements, through_executor, id=account["id"])
    assert len(found) == 5
    assert count == 6


async def test_nobody_is_asked_for_who_is_signed_out(
    deployed: Deployed, statements: list[str]
) -> None:
    firm = await deployed.firm()
    nobody = await ask(deployed.nobody, statements, "{ viewer { __typename } }")
    assert nobody == ({"viewer": None}, 0)
    asked = "query ($firm: String!) { portal(firm: $firm) { name } }"
    found, count = await ask(deployed.nobody, statements, asked, firm=firm.slug)
    assert found["portal"] and count == 1
