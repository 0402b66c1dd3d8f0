"""The published clients of both protocols work unmodified."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.deployments import Firm
from tests.javascript import installed, run
from tests.subscriptions.conftest import Endpoint

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def clients_folder(request: pytest.FixtureRequest) -> Path:
    """A folder with `clients.mjs` and what it imports."""
    return installed(request.config, HERE, "clients.mjs")


async def test_graphql_ws_and_graphql_sse_follow_notifications(
    firm: Firm, endpoint: Endpoint, clients_folder: Path
) -> None:
    url, token = f"{endpoint.address}/graphql", str(firm.owner.token)
    running = asyncio.create_task(
        asyncio.to_thread(run, clients_folder, "clients.mjs", url, token, "2")
    )
    told: list[str] = []
    # They start when they start: whoever follows hears of all that is written from then on.
    while not running.done():
        account = await firm.account(invited=True)
        await firm.client(account)
        told.append(account["name"])
        await asyncio.sleep(0.1)
        assert len(told) < 60
    said: dict[str, list[Any]] = {"graphql-ws": [], "graphql-sse": []}
    for line in (await running).splitlines():
        what = json.loads(line)
        said[what.pop("client")].append(what)
    for name, lines in said.items():
        asked, refused, following, *events = [line for line in lines if "closed" not in line]
        assert asked == {"data": {"firm": {"name": f"Firm {firm.slug}"}}}
        [error] = refused["errors"]
        assert error["extensions"] == {"code": "BAD_REQUEST"}, name
        assert following == {"following": True}
        titles = [
            each["data"]["notificationReceived"]["title"] for each in events if "data" in each
        ]
        assert len(titles) == 2
        first = told.index(titles[0].removesuffix(" has activated the portal"))
        assert titles[1] == f"{told[first + 1]} has activated the portal"
    # Each connection was ended by the client itself, and in good order.
    ends = [line["closed"] for line in said["graphql-ws"] if "closed" in line]
    assert set(ends) == {1000}
