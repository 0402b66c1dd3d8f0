"""Archiving many at once: by ids or by a filter, tried before, and by several at the same time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from models.enums import Permission
from resolvers import bulk
from tests.crowds import many_accounts
from tests.deployments import Deployed, Firm, Voice
from tests.documents import ACCOUNT

ARCHIVE = """
mutation ($ids: [ID!], $filter: AccountFilter, $dry: Boolean! = false) {
  archiveAccounts(ids: $ids, filter: $filter, dryRun: $dry) {
    count accounts { id status } errors { path code message }
  }
}
"""
RESTORE = ARCHIVE.replace("archive", "restore")
COUNTS = """
{
  active: accounts { totalCount }
  archived: accounts(filter: {status: ARCHIVED}) { totalCount }
}
"""


async def do(voice: Voice, document: str, **given: Any) -> tuple[int, int]:
    """How many were changed, of how many."""
    done = (await voice.ask(document, **given)).payload()
    return done["count"], len(done["accounts"])


async def counts(firm: Firm) -> tuple[int, int]:
    """How many accounts are active and archived."""
    found = (await firm.owner.ask(COUNTS)).data
    return found["active"]["totalCount"], found["archived"]["totalCount"]


@pytest.mark.parametrize("count", [50, 500])
async def test_many_take_as_many_statements_as_few(firm: Firm, count: int) -> None:
    many = await many_accounts(firm, count, login=True)
    invited = [await firm.account(invited=True) for _ in range(3)]
    archived = {"status": "ARCHIVED"}
    for document, given, changed in (
        (ARCHIVE, {"filter": {}, "dry": True}, count + 3),
        (ARCHIVE, {"filter": {}}, count + 3),
        (RESTORE, {"ids": many.accounts}, count),
        (ARCHIVE, {"ids": many.accounts}, count),
        (RESTORE, {"filter": archived, "dry": True}, count + 3),
        (RESTORE, {"filter": archived}, count + 3),
    ):
        with firm.deployed.statements() as statements:
            assert await do(firm.owner, document, **given) == (changed, changed)
        assert len(statements) <= 7, statements
    assert await counts(firm) == (count + 3, 0)
    for one in invited:
        account = (await firm.owner.ask(ACCOUNT, id=one["id"])).data["account"]
        assert account["contacts"]["nodes"][0]["invitation"]["status"] == "REVOKED"
    # What waited in the outbox went with the invitations.
    assert await firm.deployed.mails() == []


async def test_a_dry_run_writes_nothing(firm: Firm) -> None:
    one, two = await firm.account(invited=True), await firm.account()
    await do(firm.owner, ARCHIVE, ids=[two["id"]])
    for given, expected in (
        ({"ids": [one["id"], two["id"]]}, (1, 2)),
        ({"filter": {}}, (1, 1)),
        ({"filter": {"status": "ARCHIVED"}}, (0, 1)),
        ({"filter": {"search": "no such"}}, (0, 0)),
        ({"ids": []}, (0, 0)),
    ):
        assert await do(firm.owner, ARCHIVE, dry=True, **given) == expected
    assert await counts(firm) == (1, 1)
    assert len(await firm.deployed.mails()) == 1


async def test_what_cannot_be_done_is_refused_and_nothing_is_written(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm, other = await deployed.firm(), await deployed.firm()
    account, theirs = await firm.account(), await other.account()
    ids = [account["id"], theirs["id"], "acct_never"]
    for document in (ARCHIVE, RESTORE):
        for dry in (True, False):
            for given, refusals in (
                ({}, [("ids", "REQUIRED")]),
                ({"ids": ids[:1], "filter": {}}, [("ids", "CONFLICT")]),
                ({"ids": ids}, [("ids.1", "NOT_FOUND"), ("ids.2", "NOT_FOUND")]),
                ({"ids": ids[:1] * 10_001}, [("ids", "LIMIT_REACHED")]),
            ):
                answer = await firm.owner.ask(document, dry=dry, **given)
                assert answer.refusals() == refusals
    await firm.account()
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 1)
    answer = await firm.owner.ask(ARCHIVE, filter={})
    assert answer.refusals() == [("filter", "LIMIT_REACHED")]
    [error] = answer.data["archiveAccounts"]["errors"]
    assert error["message"].startswith("The filter finds 2, and at most 1 are changed at once.")
    many = {"tags": {"any": ["tag_x"] * 201}}
    assert (await firm.owner.ask(ARCHIVE, filter=many)).codes == ["BAD_REQUEST"]
    assert await counts(firm) == (2, 0)
    assert (await other.owner.ask(COUNTS)).data["active"]["totalCount"] == 1
    desk = await firm.member(Permission.MANAGE_CONTACTS)
    assert (await desk.ask(ARCHIVE, filter={}, dry=True)).codes == ["FORBIDDEN"]


async def test_those_who_archive_at_once_do_it_once(firm: Firm) -> None:
    accounts = [await firm.account(invited=True) for _ in range(6)]
    ids = [account["id"] for account in accounts]
    other = await firm.member(Permission.MANAGE_ACCOUNTS)
    done = await asyncio.gather(
        *(do(voice, ARCHIVE, ids=ids[::way]) for voice in (firm.owner, other) for way in (1, -1)),
        *(do(voice, ARCHIVE, filter={}) for voice in (firm.owner, other)),
        *(do(firm.owner, ARCHIVE, ids=[id]) for id in ids),
    )
    assert sum(changed for changed, _ in done) == len(ids)
    assert await counts(firm) == (0, 6)
