"""SQLite, which counts nothing by itself, starts from what is few in a firm."""

from __future__ import annotations

from typing import Any

import pytest

from tests.deployments import Firm

PENDING = "{ accounts(filter: {portalStatus: [PENDING]}) { totalCount nodes { name } } }"
VIEWER = "{ viewer { ... on PortalUser { accounts { name } currentAccount { name } } } }"
PORTAL_ACCOUNT = "query ($id: ID!) { portalAccount(id: $id) { name } }"


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("document", [PENDING, VIEWER, PORTAL_ACCOUNT])
async def test_accounts_are_looked_up_by_their_ids(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, document: str
) -> None:
    account = await firm.account(invited=True)
    client = await firm.client(account)
    voice = firm.owner if document == PENDING else client
    given = {"id": account["id"]} if document == PORTAL_ACCOUNT else {}
    database = firm.deployed.deployment.database
    fetch = database.fetch_rows
    sent: list[tuple[str, Any]] = []

    async def noting(sql: str, parameters: Any) -> Any:
        sent.append((sql, parameters))
        return await fetch(sql, parameters)

    monkeypatch.setattr(database, "fetch_rows", noting)
    assert (await voice.ask(document, **given)).data
    plans = [await fetch("EXPLAIN QUERY PLAN " + sql, given) for sql, given in sent]
    steps = [row[3] for plan in plans for row in plan]
    looks = [step for step in steps if step.startswith(("SEARCH accounts", "SCAN accounts"))]
    assert looks and all("(firm_id=? AND id=?)" in step for step in looks), steps
