"""The firm's tags themselves: made, changed, counted and deleted."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from models.enums import Permission
from resolvers import tags
from tests.deployments import Deployed, Firm
from tests.documents import ARCHIVE_ACCOUNTS, DELETE_ACCOUNT
from tests.tags.conftest import CREATE_TAG, DELETE_TAG, TAGS, make_tag, names_on, put

UPDATE_TAG = """
mutation ($id: ID!, $input: TagInput!) {
  updateTag(id: $id, input: $input) { tag { id name color } errors { path code message } }
}
"""


async def listed(firm: Firm) -> list[dict[str, Any]]:
    return (await firm.owner.ask(TAGS)).data["tags"]


async def test_tags_are_kept_as_typed_and_listed_by_name(firm: Firm) -> None:
    for name, color in (
        (" Zürich ", "#ABCDEF"),
        ("ärztin", " #000000 "),
        ("Bar", None),
        ("A\u0308pfel", None),
    ):
        await make_tag(firm, name, color)
    found = [(tag["name"], tag["color"]) for tag in await listed(firm)]
    assert [name for name, _ in found] == ["Äpfel", "ärztin", "Bar", "Zürich"]
    assert (dict(found)["Zürich"], dict(found)["ärztin"]) == ("#abcdef", "#000000")


async def test_what_is_wrong_is_told_all_at_once(firm: Firm) -> None:
    await make_tag(firm, "Größe")
    for name, color, refusals in (
        ("", "red", [("name", "REQUIRED"), ("color", "INVALID")]),
        (" \t ", "#fff", [("name", "REQUIRED"), ("color", "INVALID")]),
        ("a" * 101, "", [("name", "TOO_LONG"), ("color", "INVALID")]),
        ("a\u202eb", "#12345g", [("name", "FORBIDDEN_CHARACTERS"), ("color", "INVALID")]),
        ("GRÖSSE", "#１２３４５６", [("name", "TAKEN"), ("color", "INVALID")]),
        (" gro\u0308ße", None, [("name", "TAKEN")]),
        ("grosse", None, [("name", "TAKEN")]),
    ):
        answer = await firm.owner.ask(CREATE_TAG, input={"name": name, "color": color})
        assert answer.refusals() == refusals, name
    assert [tag["name"] for tag in await listed(firm)] == ["Größe"]
    taken = (await firm.owner.ask(CREATE_TAG, input={"name": "größe"})).data["createTag"]
    assert taken["errors"][0]["message"] == "There is a tag “Größe” already."
    await make_tag(firm, "a" * 100)


async def test_a_tag_is_renamed_and_recoloured(firm: Firm) -> None:
    tag, other = await make_tag(firm, "lohn", "#112233"), await make_tag(firm, "Fibu")
    for given, kept in (
        ({"name": "Lohn"}, ("Lohn", "#112233")),
        ({"name": "Löhne", "color": None}, ("Löhne", "#112233")),
        ({"name": "Löhne", "color": "#445566"}, ("Löhne", "#445566")),
    ):
        answer = await firm.owner.ask(UPDATE_TAG, id=tag, input=given)
        found = answer.payload()["tag"]
        assert (found["id"], found["name"], found["color"]) == (tag, *kept)
    answer = await firm.owner.ask(UPDATE_TAG, id=other, input={"name": "lohne", "color": "x"})
    assert answer.refusals() == [("name", "TAKEN"), ("color", "INVALID")]
    assert {tag["name"] for tag in await listed(firm)} == {"Löhne", "Fibu"}
    answer = await firm.owner.ask(UPDATE_TAG, id="tag_gone", input={"name": "x"})
    assert answer.refusals() == [("id", "NOT_FOUND")]


def contrast_with_white(color: str) -> float:
    """WCAG's contrast ratio."""
    shares = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


async def test_a_tag_without_a_colour_gets_the_one_that_is_used_least(firm: Firm) -> None:
    for number in range(9):
        await make_tag(firm, f"Tag {number}")
    colors = [tag["color"] for tag in await listed(firm)]
    assert len(set(colors)) == 8
    assert colors[8] == colors[0]
    assert min(contrast_with_white(color) for color in colors) >= 4.5
    # What is free again comes first, and then what was given longest ago.
    fourth = (await listed(firm))[3]["id"]
    await firm.owner.ask(DELETE_TAG, id=fourth)
    await make_tag(firm, "Tag A")
    await make_tag(firm, "Tag B")
    added = [tag["color"] for tag in await listed(firm)][-2:]
    assert added == [colors[3], colors[1]]


async def test_tags_that_are_made_at_once_are_different_in_name_and_colour(
    deployed: Deployed, firm: Firm
) -> None:
    answers = await asyncio.gather(
        *(firm.owner.ask(CREATE_TAG, input={"name": f"Tag {n % 4}"}) for n in range(8))
    )
    refused = [answer.refusals() for answer in answers if answer.refusals()]
    assert refused == [[("name", "TAKEN")]] * 4
    found = await listed(firm)
    assert [tag["name"] for tag in found] == [f"Tag {n}" for n in range(4)]
    assert len({tag["color"] for tag in found}) == 4
    # Another firm's names are its own.
    await make_tag(await deployed.firm(), "Tag 0")


async def test_a_firm_has_a_limited_number_of_tags(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tags, "MOST_TAGS", 2)
    await make_tag(firm, "One")
    await make_tag(firm, "Two")
    answer = await firm.owner.ask(CREATE_TAG, input={"name": "Three"})
    assert answer.refusals() == [("name", "LIMIT_REACHED")]


async def test_a_deleted_tag_is_taken_off_everything(firm: Firm) -> None:
    account, archived = await firm.account(), await firm.account()
    contact = account["contacts"]["nodes"][0]["contact"]["id"]
    tag, other = await make_tag(firm, "Fibu"), await make_tag(firm, "Lohn")
    await put(firm.owner, [account["id"], archived["id"], contact], [tag])
    await put(firm.owner, [account["id"]], [other])
    await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[archived["id"]])
    [fibu, _] = await listed(firm)
    assert (fibu["accountCount"], fibu["contactCount"]) == (1, 1)
    deleted = (await firm.owner.ask(DELETE_TAG, id=tag)).payload()
    assert (deleted["deletedId"], deleted["touched"]) == (tag, 3)
    assert await names_on(firm, account["id"], archived["id"], contact) == [["Lohn"], [], []]
    assert [tag["name"] for tag in await listed(firm)] == ["Lohn"]
    again = await firm.owner.ask(DELETE_TAG, id=tag)
    assert again.refusals() == [("id", "NOT_FOUND")]
    assert again.data["deleteTag"]["touched"] is None
    # What cannot touch anything else says so.
    gone = await firm.owner.ask(
        DELETE_ACCOUNT.replace("deletedId", "deletedId touched"), id=archived["id"]
    )
    assert gone.payload() == {"deletedId": archived["id"], "touched": None, "errors": []}


async def test_tags_are_for_members_and_managed_by_permission(firm: Firm) -> None:
    tag = await make_tag(firm, "Fibu", "#123456")
    looking = await firm.member()
    found = await looking.ask("query ($id: ID!) { node(id: $id) { ... on Tag { name } } }", id=tag)
    assert found.data["node"] == {"name": "Fibu"}
    managing = await firm.member(Permission.MANAGE_TAGS)
    answer = await managing.ask(UPDATE_TAG, id=tag, input={"name": "Buch"})
    assert answer.payload()["tag"]["name"] == "Buch"
