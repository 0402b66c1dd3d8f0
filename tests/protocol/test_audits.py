"""The published audits of GraphQL over HTTP, run by the JavaScript that publishes them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from tests.javascript import run
from tests.processes import serving
from tests.protocol.conftest import HERE, GraphQLServer


def failed(url: str, folder: Path) -> list[dict[str, str]]:
    """The audits that the endpoint at *url* does not meet, of all that there are."""
    results = json.loads(run(folder, "audits.mjs", url))
    assert len(results) == 61
    return [result for result in results if result["status"] != "ok"]


def test_every_audit_is_met(graphql_server: GraphQLServer, audits_folder: Path) -> None:
    assert failed(graphql_server.url, audits_folder) == []


async def test_the_product_meets_every_audit(
    migrated_url: str, tmp_path: Path, audits_folder: Path
) -> None:
    async with serving(migrated_url, tmp_path / "server") as server:
        url = f"{server.address}/graphql"
        assert await asyncio.to_thread(failed, url, audits_folder) == []


def test_the_lock_files_name_one_registry() -> None:
    for lock in HERE.parent.glob("*/package-lock.json"):
        packages = json.loads(lock.read_text())["packages"]
        resolved = [package["resolved"] for path, package in packages.items() if path]
        assert resolved
        assert all(address.startswith("https://registry.npmjs.org/") for address in resolved)
