"""How many statements a request takes does not depend on how many rows it is about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from tenancy.database import Database
from tests.deployments import Deployed, Firm, Voice

PAGE = """
query ($first: Int) {
  accounts(first: $first) {
    totalCount
    nodes {
      name folders { path } assignees { email }
      contacts { totalCount nodes { portalStatus contact { name phones { number } } invitation { id } } }
    }
  }
}
"""
BY_IDS = """
query ($ids: [ID!]!) {
  nodes(ids: $ids) {
    id ... on Account { name contacts(first: 9) { nodes { contact { name accounts { nodes { id } } } } } }
  }
}
"""


class Statements:
    """The statements that a database is sent, counted from now on."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def of(self, voice: Voice, document: str, **variables: Any) -> tuple[int, dict[str, Any]]:
        """How many a request takes, and its data."""
        before = len(self.sent)
        data = (await voice.ask(document, **variables)).data
        return len(self.sent) - before, data


@pytest.fixture
def statements(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> Iterator[Statements]:
    found = Statements()
    read = Database.fetch_rows

    async def noting(database: Database, sql: str, parameters: Any) -> Any:
        found.sent.append(sql)
        return await read(database, sql, parameters)

    def executed(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.sent.append(statement)

    monkeypatch.setattr(Database, "fetch_rows", noting)
    engine = deployed.deployment.database.write_engine.sync_engine
    event.listen(engine, "before_cursor_execute", executed)
    yield found
    event.remove(engine, "before_cursor_execute", executed)


async def test_a_page_takes_as_many_statements_for_a_hundred_rows_as_for_one(
    firm: Firm, statements: Statements
) -> None:
    counts: set[tuple[int, int]] = set()
    ids: list[str] = []
    for rows in (1, 10, 100):
        while len(ids) < rows:
            ids.append((await firm.account())["id"])
        page, data = await statements.of(firm.owner, PAGE, first=rows)
        assert len(data["accounts"]["nodes"]) == rows
        by_ids, data = await statements.of(firm.owner, BY_IDS, ids=ids)
        assert [node["id"] for node in data["nodes"]] == ids
        counts.add((page, by_ids))
    [(page, by_ids)] = counts
    assert 1 <= page <= 2 and 1 <= by_ids <= 2
