"""A worker may be killed at any moment: no mail is lost."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mail.delivery import Folder
from mail.worker import Worker
from models.enums import DeliveryStatus
from tenancy.database import Database
from tests.mail.dying_worker import RENDER, Moment
from tests.mail.people import invite_somebody, read_invitation, read_mail, write_invitation

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("moment", Moment)
async def test_a_killed_worker_loses_no_mail(
    database: Database, migrated_url: str, tmp_path: Path, moment: Moment
) -> None:
    now = datetime.now(UTC)
    firms = [await invite_somebody(database, now) for _ in range(2)]
    written = [(firm, await write_invitation(database, firm, now)) for firm in firms]
    folder = tmp_path / "mail"
    folder.mkdir()
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.mail.dying_worker", migrated_url, folder, moment, cwd=ROOT
    )
    assert await killed.wait() == -signal.SIGKILL
    before = {path.name for path in folder.glob("*.eml")}
    assert len(before) == (moment in list(Moment)[list(Moment).index(Moment.SENT) :])

    async def fail(*_: object) -> None:
        raise AssertionError

    # What the dead worker held is due again in two minutes.
    later = now + timedelta(minutes=3)
    worker = Worker(
        database, transport=Folder(folder), render=RENDER, clock=lambda: later, on_failed=fail
    )
    while await worker.deliver_due():
        pass
    assert {path.name for path in folder.glob("*.eml")} == {f"{id}.eml" for _, id in written}
    for firm, mail_id in written:
        mail = await read_mail(database, firm.firm_id, mail_id)
        assert mail is not None and mail.state is DeliveryStatus.SENT
        assert (await read_invitation(database, firm)).delivery is DeliveryStatus.SENT
