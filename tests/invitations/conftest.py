"""Time that passes for an invitation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from models import Invitation
from tenancy.recording import BY_HAND
from tenancy.session import firm_session
from tests.deployments import Firm

FIRM = "{ firm { id } }"

Wait = Callable[..., Awaitable[None]]


@pytest.fixture
def wait() -> Wait:
    """Lets time pass for every invitation of a firm."""

    async def wait(firm: Firm, **time: float) -> None:
        firm_id = (await firm.owner.ask(FIRM)).data["firm"]["id"]
        passed = timedelta(**time)
        async with firm_session(firm.deployed.deployment.database, firm_id) as session:
            await session.execute(
                update(Invitation).values(
                    sent_at=datetime.now(UTC) - passed,
                    expires_at=datetime.now(UTC) - passed + timedelta(days=14),
                ),
                execution_options=BY_HAND,
            )
            await session.commit()

    return wait
