"""Putting tags on accounts and contacts, and taking them off, many at once."""

from __future__ import annotations

import asyncio

from models.enums import Permission
from tests.deployments import CREATE_ACCOUNT, Firm
from tests.documents import (
    ARCHIVE_ACCOUNTS,
    CREATE_CONTACT,
    DELETE_ACCOUNT,
    DELETE_CONTACT,
    UPDATE_ACCOUNT,
    UPDATE_CONTACT,
)
from tests.tags.conftest import DELETE_TAG, TAG, UNTAG, counts, names_on, put, take_off, two

UPDATED = """
query ($ids: [ID!]!) { nodes(ids: $ids) {
  ... on Account { updatedAt } ... on Contact { updatedAt }
} }
"""


async def test_accounts_and_contacts_are_tagged_alike(firm: Firm, tags: list[str]) -> None:
    (one, contact), (other, _) = await two(firm), await two(firm)
    bau, _, lohn = tags
    assert await put(firm.owner, [one, other, contact], [lohn, bau]) == 6
    assert await names_on(firm, one, other, contact) == [["Bau", "Lohn"]] * 3
    assert await put(firm.owner, [one, contact, contact], [lohn, bau, lohn]) == 0
    assert await take_off(firm.owner, [one, contact, one], [lohn]) == 2
    assert await take_off(firm.owner, [one, contact], [lohn]) == 0
    assert await names_on(firm, one, other, contact) == [["Bau"], ["Bau", "Lohn"], ["Bau"]]
    assert await counts(firm) == [(2, 1), (0, 0), (1, 0)]
    assert await put(firm.owner, [], tags) == await take_off(firm.owner, [one], []) == 0


async def test_what_is_not_there_is_refused_with_its_place(firm: Firm, tags: list[str]) -> None:
    account, contact = await two(firm)
    await put(firm.owner, [account], [tags[0]])
    given = {
        "subjectIds": [contact, "acct_" + "0" * 32, tags[0], account, "", "x"],
        "tagIds": [tags[0], account, tags[1], "tag_" + "0" * 32],
    }
    for document in (TAG, UNTAG):
        answer = await firm.owner.ask(document, input=given)
        assert answer.refusals() == [
            *((f"subjectIds.{place}", "NOT_FOUND") for place in (1, 2, 4, 5)),
            *((f"tagIds.{place}", "NOT_FOUND") for place in (1, 3)),
        ]
    assert await names_on(firm, account, contact) == [["Bau"], []]
    many = {"subjectIds": [account] * 10_001, "tagIds": [tags[0]] * 21}
    answer = await firm.owner.ask(TAG, input=many)
    assert answer.refusals() == [("subjectIds", "LIMIT_REACHED"), ("tagIds", "LIMIT_REACHED")]


async def test_each_kind_needs_its_own_permission(firm: Firm, tags: list[str]) -> None:
    account, contact = await two(firm)
    for permission, allowed, forbidden in (
        (Permission.MANAGE_ACCOUNTS, [account], [account, contact]),
        (Permission.MANAGE_CONTACTS, [contact], [contact, account]),
    ):
        member = await firm.member(permission)
        assert await put(member, allowed, tags) == 3
        assert await take_off(member, allowed, tags) == 3
        for document in (TAG, UNTAG):
            given = {"subjectIds": forbidden, "tagIds": tags}
            assert (await member.ask(document, input=given)).codes == ["FORBIDDEN"]
    nobody = await firm.member(Permission.MANAGE_TAGS)
    for subject in (account, contact):
        answer = await nobody.ask(TAG, input={"subjectIds": [subject], "tagIds": tags})
        assert answer.codes == ["FORBIDDEN"]
    assert await names_on(firm, account, contact) == [[], []]


async def test_only_what_gains_or_loses_a_tag_has_changed(firm: Firm, tags: list[str]) -> None:
    (one, contact), (other, _) = await two(firm), await two(firm)
    await put(firm.owner, [one], tags)

    async def moments() -> list[str]:
        nodes = (await firm.owner.ask(UPDATED, ids=[one, other, contact])).data["nodes"]
        return [node["updatedAt"] for node in nodes]

    for step in (put, take_off):
        before = await moments()
        subjects = [one, other, contact] if step is put else [other, contact]
        await step(firm.owner, subjects, tags)
        changed = [a != b for a, b in zip(before, await moments(), strict=True)]
        assert changed == [False, True, True]


async def test_an_account_is_made_and_changed_with_its_tags(firm: Firm, tags: list[str]) -> None:
    bau, fibu, lohn = tags
    made = await firm.account(tagIds=[lohn, bau, lohn])
    assert await names_on(firm, made["id"]) == [["Bau", "Lohn"]]
    for given, names in (
        ({"name": "Other"}, ["Bau", "Lohn"]),
        ({"tagIds": [fibu, bau]}, ["Bau", "Fibu"]),
        ({"tagIds": []}, []),
        ({"tagIds": [lohn]}, ["Lohn"]),
        ({"tagIds": None}, []),
    ):
        answer = await firm.owner.ask(UPDATE_ACCOUNT, input={"id": made["id"], **given})
        answer.payload()
        assert await names_on(firm, made["id"]) == [names], given


async def test_a_contact_is_made_and_changed_with_its_tags(firm: Firm, tags: list[str]) -> None:
    bau, fibu, lohn = tags
    made = await firm.owner.ask(CREATE_CONTACT, input={"lastName": "Ott", "tagIds": [lohn, bau]})
    id = made.payload()["contact"]["id"]
    assert await names_on(firm, id) == [["Bau", "Lohn"]]
    for given, names in (
        ({"lastName": "Otto"}, ["Bau", "Lohn"]),
        ({"tagIds": [fibu]}, ["Fibu"]),
        ({"tagIds": None}, []),
        ({"tagIds": [lohn]}, ["Lohn"]),
        ({"tagIds": []}, []),
    ):
        (await firm.owner.ask(UPDATE_CONTACT, input={"id": id, **given})).payload()
        assert await names_on(firm, id) == [names], given


async def test_a_new_account_is_refused_whole_with_the_place_of_each_tag(
    firm: Firm, tags: list[str]
) -> None:
    new = {"lastName": "Ott", "tagIds": ["tag_never", tags[1]]}
    given = {
        "type": "INDIVIDUAL",
        "tagIds": [tags[0], "acct_never"],
        "contacts": [{"contact": {"new": new}}],
    }
    answer = await firm.owner.ask(CREATE_ACCOUNT, input=given)
    assert answer.refusals() == [
        ("contacts.0.contact.new.tagIds.0", "NOT_FOUND"),
        ("tagIds.1", "NOT_FOUND"),
    ]
    assert await counts(firm) == [(0, 0)] * 3
    given["tagIds"] = ["tag_never"] * 501
    new["tagIds"] = [tags[1]]
    answer = await firm.owner.ask(CREATE_ACCOUNT, input=given)
    assert answer.refusals() == [("tagIds", "LIMIT_REACHED")]
    given["tagIds"] = [tags[0]]
    (await firm.owner.ask(CREATE_ACCOUNT, input=given)).payload()
    assert await counts(firm) == [(1, 0), (0, 1), (0, 0)]


async def test_what_is_deleted_takes_its_taggings_along(firm: Firm, tags: list[str]) -> None:
    account, contact = await two(firm)
    spare = await firm.owner.ask(CREATE_CONTACT, input={"lastName": "Ott", "tagIds": tags})
    await put(firm.owner, [account, contact], tags)
    assert await counts(firm) == [(1, 2)] * 3
    (await firm.owner.ask(DELETE_CONTACT, id=spare.payload()["contact"]["id"])).payload()
    assert await counts(firm) == [(1, 1)] * 3
    await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[account])
    assert await counts(firm) == [(0, 1)] * 3
    (await firm.owner.ask(DELETE_ACCOUNT, id=account)).payload()
    assert (await firm.owner.ask(DELETE_TAG, id=tags[0])).payload()["touched"] == 1


async def test_those_who_tag_at_once_do_it_once(firm: Firm, tags: list[str]) -> None:
    pairs = [await two(firm) for _ in range(4)]
    subjects = [id for pair in pairs for id in pair]
    other = await firm.member(Permission.MANAGE_ACCOUNTS, Permission.MANAGE_CONTACTS)
    done = await asyncio.gather(
        *(
            put(voice, subjects[::way], tags[::-way])
            for way in (1, -1)
            for voice in (firm.owner, other) * 3
        )
    )
    assert sum(done) == len(subjects) * 3
    assert await counts(firm) == [(4, 4)] * 3
    gone = await asyncio.gather(
        *(take_off(voice, subjects[::way], tags) for way in (1, -1) for voice in (other,) * 4)
    )
    assert sum(gone) == len(subjects) * 3


async def test_tagging_while_others_change_the_same_leaves_what_one_of_them_wanted(
    firm: Firm, tags: list[str]
) -> None:
    account, contact = await two(firm)
    answers = await asyncio.gather(
        *(put(firm.owner, [account, contact], tags[:2]) for _ in range(3)),
        *(
            firm.owner.ask(UPDATE_ACCOUNT, input={"id": account, "tagIds": tags[1:]})
            for _ in range(3)
        ),
        firm.owner.ask(DELETE_TAG, id=tags[0]),
        return_exceptions=True,
    )
    # Who tags with what is deleted meanwhile is told so, and nothing is half done.
    for answer in answers[:3]:
        assert isinstance(answer, int) or "NOT_FOUND" in str(answer)
    for answer in answers[3:]:
        assert not isinstance(answer, BaseException)
    [of_account, _] = await names_on(firm, account, contact)
    assert of_account in (["Fibu", "Lohn"], ["Fibu"])
