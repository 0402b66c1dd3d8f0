"""Tagging thousands: by ids or by a filter, tried before, in few statements."""

from __future__ import annotations

from typing import Any

import pytest

from models.enums import Permission
from resolvers import bulk
from tests.crowds import many_accounts
from tests.deployments import Firm
from tests.documents import ARCHIVE_ACCOUNTS
from tests.tags.conftest import TAG, UNTAG, counts, names_on, put, two


@pytest.mark.parametrize("count", [50, 500])
async def test_many_are_tagged_in_as_many_statements_as_few(
    firm: Firm, tags: list[str], count: int
) -> None:
    many = await many_accounts(firm, count)
    await put(firm.owner, [many.accounts[0]], tags[:1])
    for document, pairs in ((TAG, count * 6 - 1), (UNTAG, count * 6)):
        given = {"subjectIds": [*many.accounts, *many.contacts], "tagIds": tags}
        with firm.deployed.statements() as statements:
            done = (await firm.owner.ask(document, input=given)).payload()
        assert (done["count"], done["subjectCount"]) == (pairs, count * 2)
        assert len(statements) <= 12, statements
        with firm.deployed.statements() as statements:
            given = {"contactFilter": {"hasAccount": True}, "tagIds": tags}
            again = (await firm.owner.ask(document, input=given)).payload()
        assert (again["count"], again["subjectCount"]) == (0, 0)
        assert len(statements) <= 8, statements
    assert await counts(firm) == [(0, 0)] * 3


async def test_a_filter_stands_for_all_that_it_finds(firm: Firm, tags: list[str]) -> None:
    (one, contact), (other, _) = await two(firm), await two(firm)
    bau, fibu, lohn = tags
    await put(firm.owner, [one], [bau])

    async def over(document: str, **given: Any) -> tuple[int, int]:
        done = (await firm.owner.ask(document, input={"tagIds": tags, **given})).payload()
        return done["count"], done["subjectCount"]

    await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[other])
    carrying = {"filter": {"tags": {"any": [bau]}}}
    assert await over(TAG, **carrying, tagIds=[fibu], dryRun=True) == (1, 1)
    assert await counts(firm) == [(1, 0), (0, 0), (0, 0)]
    assert await over(TAG, filter={}) == (2, 1)
    assert await over(TAG, filter={}) == (0, 0)
    assert await over(TAG, filter={"status": "ARCHIVED"}, tagIds=[lohn]) == (1, 1)
    assert await over(TAG, contactFilter={"search": "no such"}) == (0, 0)
    assert await over(TAG, contactFilter={}, tagIds=[bau, lohn, bau]) == (4, 2)
    assert await names_on(firm, one, other, contact) == [
        ["Bau", "Fibu", "Lohn"],
        ["Lohn"],
        ["Bau", "Lohn"],
    ]
    assert await over(UNTAG, contactFilter={"tags": {"all": [bau]}}, dryRun=True) == (4, 2)
    assert await over(UNTAG, **carrying, tagIds=[fibu]) == (1, 1)
    # What it is found by may go in the same step.
    assert await over(UNTAG, **carrying) == (2, 1)
    assert await names_on(firm, one, other, contact) == [[], ["Lohn"], ["Bau", "Lohn"]]


async def test_ids_or_one_filter_and_no_more_than_ten_thousand(
    firm: Firm, tags: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    account, _ = await two(firm)
    await two(firm)
    for given, code in (
        ({}, "REQUIRED"),
        ({"subjectIds": None, "filter": None}, "REQUIRED"),
        ({"subjectIds": [account], "filter": {}}, "CONFLICT"),
        ({"filter": {}, "contactFilter": {}}, "CONFLICT"),
    ):
        answer = await firm.owner.ask(TAG, input={"tagIds": [*tags[:1], "tag_x"], **given})
        assert answer.refusals() == [("subjectIds", code)]
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 1)
    for name in ("filter", "contactFilter"):
        answer = await firm.owner.ask(TAG, input={"tagIds": ["tag_x"], name: {}, "dryRun": True})
        assert answer.refusals() == [(name, "LIMIT_REACHED"), ("tagIds.0", "NOT_FOUND")]
        error = answer.data["tag"]["errors"][0]
        assert error["message"].startswith("The filter finds 2, and at most 1 ")
    answer = await firm.owner.ask(TAG, input={"tagIds": tags, "subjectIds": [account] * 2})
    assert answer.data["tag"]["errors"][0]["message"] == "At most 1 at once, and these are 2."
    assert await counts(firm) == [(0, 0)] * 3


async def test_a_filter_of_either_kind_needs_its_permission(firm: Firm, tags: list[str]) -> None:
    member = await firm.member(Permission.MANAGE_ACCOUNTS)
    for document in (TAG, UNTAG):
        given = {"tagIds": tags, "dryRun": True}
        (await member.ask(document, input={**given, "filter": {}})).payload()
        answer = await member.ask(document, input={**given, "contactFilter": {}})
        assert answer.codes == ["FORBIDDEN"]
