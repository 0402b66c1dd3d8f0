"""When something of ours fails: one constant sentence for the client, one entry in the log."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from tests.deployments import Firm
from tests.security.conftest import behind_its_back, firm_id_of, sign_in

TELLTALE = (
    "sqlalchemy",
    "asyncpg",
    "sqlite",
    "select",
    "traceback",
    "/work",
    ".py",
    "no such",
    "relation",
)


@asynccontextmanager
async def broken(firm: Firm) -> AsyncGenerator[None]:
    """A database that lost a table, as after a restore that went wrong; found again in the end."""
    deployed = firm.deployed
    firm_id = await firm_id_of(firm)

    async def rename(before: str, after: str) -> None:
        statement = f"ALTER TABLE {before} RENAME TO {after}"
        if deployed.deployment.database.kind == "postgresql":
            await behind_its_back(deployed, None, "RESET ROLE", statement)
        else:
            await behind_its_back(deployed, firm_id, statement)

    await rename("accounts", "accounts_gone")
    yield
    await rename("accounts_gone", "accounts")


@pytest.mark.parametrize(
    "document",
    [
        "{ accounts { totalCount } }",
        'mutation { createAccount(input: { type: OTHER, contacts: [{ contact: { new: { lastName: "A" } } }] }) { errors { code } } }',
    ],
    ids=["read", "write"],
)
async def test_a_broken_database_is_told_without_any_detail_and_logged_once(
    firm: Firm, logs: io.StringIO, document: str
) -> None:
    async with broken(firm):
        answer = await firm.owner.ask(document)
    (error,) = answer.body["errors"]
    assert error["message"] == "Something went wrong on our side."
    assert error["extensions"].keys() == {"code", "requestId"}
    assert error["extensions"]["code"] == "INTERNAL"
    told = json.dumps(answer.body).lower() + str(answer.headers).lower()
    assert [word for word in TELLTALE if word in told] == []
    entries = [json.loads(line) for line in logs.getvalue().splitlines()]
    failures = [entry for entry in entries if entry.get("level") == "error"]
    assert [entry["request_id"] for entry in failures] == [error["extensions"]["requestId"]]
    assert failures[0]["exception"]


async def test_no_password_and_no_token_stands_in_the_log(firm: Firm, logs: io.StringIO) -> None:
    async with broken(firm):
        answer = await sign_in(firm.deployed, firm.slug, firm.owner_email)
        token = answer.json()["data"]["signIn"]["token"]
        await sign_in(firm.deployed, firm.slug, firm.owner_email, "a wrong and secret password")
        firm.owner.token = token
        await firm.owner.ask("{ accounts { totalCount } }")
    for secret in (token, "a garden full of lanterns", "a wrong and secret password"):
        assert secret not in logs.getvalue()
    for line in logs.getvalue().splitlines():
        assert isinstance(json.loads(line), dict)
