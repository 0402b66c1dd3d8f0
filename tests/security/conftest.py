"""What the tests of security share: requests as they go over the wire, and time that has passed."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from server.logs import log_to_stderr
from tests.deployments import PASSWORD, Deployed, Firm

SIGN_IN = """
mutation ($input: SignInInput!) {
  signIn(input: $input) { token errors { path code message } }
}
"""
ASK_FOR_LINK = """
mutation ($input: RequestPasswordResetInput!) {
  requestPasswordReset(input: $input) { errors { path code message } }
}
"""
RESET = """
mutation ($input: ResetPasswordInput!) {
  resetPassword(input: $input) { token errors { path code message } }
}
"""


async def post(deployed: Deployed, document: str, variables: Any = None, **headers: str) -> Any:
    """The bare answer to a request with these headers."""
    return await deployed.http.post(
        "/graphql",
        json={"query": document, "variables": variables or {}},
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


async def sign_in(
    deployed: Deployed, firm: str, email: str, password: str = PASSWORD, **headers: str
) -> Any:
    """The bare answer to an attempt to sign in."""
    given = {"firm": firm, "email": email, "password": password}
    return await post(deployed, SIGN_IN, {"input": given}, **headers)


async def behind_its_back(deployed: Deployed, firm_id: str | None, *statements: Any) -> list[Any]:
    """Runs statements in a firm past the product; the first column of the last one's rows."""
    database = deployed.deployment.database
    async with database.write_engine.begin() as connection:
        if firm_id is not None and database.kind == "postgresql":
            await connection.execute(select(func.set_config("mandant.firm", firm_id, True)))
        for statement in statements:
            result = await connection.execute(
                text(statement) if isinstance(statement, str) else statement
            )
        return list(result.scalars()) if result.returns_rows else []


async def firm_id_of(firm: Firm) -> str:
    return (await firm.owner.ask("{ firm { id } }")).data["firm"]["id"]


def long_ago(**ago: float) -> datetime:
    return datetime.now(UTC) - timedelta(**ago)


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All that is written to the log, or otherwise to standard error."""
    with monkeypatch.context() as patch:
        stream = io.StringIO()
        patch.setattr(sys, "stderr", stream)
        log_to_stderr()
        yield stream
    log_to_stderr()
