"""SQLite, which counts nothing by itself, starts from what is few in a firm."""

from __future__ import annotations

import pytest

from tests.deployments import Firm
from tests.statements import reads_of, sqlites_plan

PENDING = "{ accounts(filter: {portalStatus: [PENDING]}) { totalCount nodes { name } } }"
VIEWER = "{ viewer { ... on PortalUser { accounts { name } currentAccount { name } } } }"
PORTAL_ACCOUNT = "query ($id: ID!) { portalAccount(id: $id) { name } }"


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("document", [PENDING, VIEWER, PORTAL_ACCOUNT])
async def test_accounts_are_looked_up_by_their_ids(firm: Firm, document: str) -> None:
    account = await firm.account(invited=True)
    client = await firm.client(account)
    voice = firm.owner if document == PENDING else client
    given = {"id": account["id"]} if document == PORTAL_ACCOUNT else {}
    database = firm.deployed.deployment.database
    with reads_of(database) as sent:
        assert (await voice.ask(document, **given)).data
    steps = [step for statement in sent for step in await sqlites_plan(database, statement)]
    looks = [step for step in steps if step.startswith(("SEARCH accounts", "SCAN accounts"))]
    assert looks and all("(firm_id=? AND id=?)" in step for step in looks), steps
