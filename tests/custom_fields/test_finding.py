"""Accounts and contacts are found by what their custom fields hold."""

from __future__ import annotations

from typing import Any

import pytest

from resolvers.custom_filters import MOST_CONDITIONS
from tests.custom_fields.conftest import (
    CREATE_CONTACT,
    FIND_ACCOUNTS,
    FIND_CONTACTS,
    account,
    define,
    fill,
    found,
)
from tests.deployments import Firm, Voice
from tests.documents import UPDATE_ACCOUNT


@pytest.fixture
async def ids(firm: Firm) -> dict[str, str]:
    """A field of each kind, and accounts from `a` to `d` (and `none`) with values in them."""
    owner = firm.owner
    made = {
        kind: (await define(owner, kind, kind, *options))["id"]
        for kind, options in {
            "TEXT": (),
            "NUMBER": (),
            "DATE": (),
            "CHECKBOX": (),
            "EMAIL": (),
            "PHONE": (),
            "SELECT": ("Öl", "Gas"),
            "MULTI_SELECT": ("rot", "grün", "blau"),
        }.items()
    }
    for name, values in {
        "a": ("Müller 100%", -2, "2025-12-31", True, "a@x.test", "+4930111111", "Öl", ["rot"]),
        "b": ("muller 100", 0, "2026-01-01", False, "B@x.test", "+4930222222", "Gas", ["grün"]),
        "c": ("x" * 1999 + "c", "9.50", "2026-06-30", True, None, None, "Gas", ["blau", "rot"]),
        "d": ("x" * 1999 + "d", 10, None, None, None, None, None, None),
        "none": (None,) * 8,
    }.items():
        given = zip(made.values(), values, strict=True)
        await account(owner, name, **{id: value for id, value in given if value is not None})
    return made


async def test_values_are_compared_as_their_type_is(firm: Firm, ids: dict[str, str]) -> None:
    for kind, condition, expected in (
        ("TEXT", {"equals": "MULLER 100"}, "b"),
        ("TEXT", {"equals": "x" * 1999 + "C"}, "c"),
        ("TEXT", {"equals": "muller"}, ""),
        ("TEXT", {"contains": "mueller"}, "a"),
        ("TEXT", {"contains": "100%"}, "a"),
        ("TEXT", {"contains": "R 1"}, "ab"),
        ("TEXT", {"from": "n"}, "cd"),
        ("TEXT", {"until": "muller 100"}, "b"),
        ("NUMBER", {"equals": 9.5}, "c"),
        ("NUMBER", {"equals": "9.500"}, "c"),
        ("NUMBER", {"equals": 10.0}, "d"),
        ("NUMBER", {"equals": 9.50000000001}, ""),
        ("NUMBER", {"equals": 1e200}, ""),
        ("NUMBER", {"from": 0}, "bcd"),
        ("NUMBER", {"from": -2, "until": 9.5}, "abc"),
        ("NUMBER", {"until": -0.5}, "a"),
        ("NUMBER", {"from": 9.50000000001}, "d"),
        ("NUMBER", {"until": -1.99999999999999}, "a"),
        ("NUMBER", {"from": 1e200}, ""),
        ("NUMBER", {"from": -1e200, "until": 1e200}, "abcd"),
        ("NUMBER", {"contains": "9.5"}, "c"),
        ("DATE", {"equals": "2026-01-01"}, "b"),
        ("DATE", {"from": "2026-01-01"}, "bc"),
        ("DATE", {"from": "2025-12-31", "until": "2026-01-01"}, "ab"),
        ("CHECKBOX", {"equals": True}, "ac"),
        ("CHECKBOX", {"equals": False}, "b"),
        ("CHECKBOX", {"isSet": False}, ["d", "none"]),
        ("EMAIL", {"equals": "b@X.test"}, "b"),
        ("EMAIL", {"contains": "x.test"}, "ab"),
        ("PHONE", {"equals": "+49 (30) 22 22 22"}, "b"),
        ("SELECT", {"equals": "gas"}, "bc"),
        ("SELECT", {"equals": "oil"}, ""),
        ("MULTI_SELECT", {"equals": "ROT"}, "ac"),
        ("MULTI_SELECT", {"contains": "gru"}, "b"),
        ("MULTI_SELECT", {}, "abc"),
        ("MULTI_SELECT", {"isSet": True}, "abc"),
        ("MULTI_SELECT", {"isSet": True, "equals": "blau"}, "c"),
        ("MULTI_SELECT", {"isSet": False, "equals": "blau"}, ""),
        ("TEXT", {"equals": []}, ""),
        ("TEXT", {"from": True}, ""),
        ("TEXT", {"equals": 100}, ""),
        ("TEXT", {"from": 0}, ""),
    ):
        names = await found(firm.owner, {"fieldId": ids[kind], **condition})
        assert names == list(expected), (kind, condition)


async def test_all_conditions_hold_together(firm: Firm, ids: dict[str, str]) -> None:
    rot = {"fieldId": ids["MULTI_SELECT"], "equals": "rot"}
    gas = {"fieldId": ids["SELECT"], "equals": "Gas"}
    blau = {"fieldId": ids["MULTI_SELECT"], "equals": "blau"}
    assert await found(firm.owner, rot, gas) == ["c"]
    assert await found(firm.owner, rot, blau) == ["c"]
    assert await found(firm.owner, rot, gas, {"fieldId": ids["DATE"], "until": "2026-01-31"}) == []
    assert await found(firm.owner, rot, search="muller") == ["a"]
    # Another number of conditions, or others, in the same document.
    assert await found(firm.owner, gas) == ["b", "c"]
    many = [rot] * (MOST_CONDITIONS + 1)
    refused = await firm.owner.ask(FIND_ACCOUNTS, filter={"customFields": many})
    assert refused.codes == ["BAD_REQUEST"]


async def test_a_field_that_is_not_there_finds_nothing(firm: Firm, ids: dict[str, str]) -> None:
    assert await found(firm.owner, {"fieldId": "cfld_x", "isSet": True}) == []
    assert await found(firm.owner, {"fieldId": "cfld_x", "equals": "x"}) == []


async def test_a_search_finds_values_and_forgets_the_old_ones(
    firm: Firm, ids: dict[str, str]
) -> None:
    assert await found(firm.owner, search="9.50") == ["c"]
    assert await found(firm.owner, search="ol rot") == ["a"]
    id = await account(firm.owner, "Laterne", **{ids["TEXT"]: "Wolke"})
    assert await found(firm.owner, search="wolke laterne") == ["Laterne"]
    await fill(firm.owner, id, **{ids["SELECT"]: "Öl"})
    await firm.owner.ask(UPDATE_ACCOUNT, input={"id": id, "name": "Lampe"})
    assert await found(firm.owner, search="wolke oel lampe") == ["Lampe"]
    await fill(firm.owner, id, **{ids["TEXT"]: "Regen"})
    assert await found(firm.owner, search="wolke") == []
    assert await found(firm.owner, search="regen") == ["Lampe"]


async def test_contacts_are_found_alike(firm: Firm) -> None:
    field = await define(firm.owner, "DATE", "Birthday", target="CONTACT")
    for name, day in (("Early", "1950-05-05"), ("Late", "1990-01-01"), ("Never", None)):
        values = [{"fieldId": field["id"], "value": day}]
        await firm.owner.ask(CREATE_CONTACT, input={"lastName": name, "customFields": values})

    async def names(**given: Any) -> list[str]:
        answer = (await firm.owner.ask(FIND_CONTACTS, filter=given)).data["contacts"]
        return [node["lastName"] for node in answer["nodes"]]

    assert await names(customFields=[{"fieldId": field["id"], "until": "1959-12-31"}]) == ["Early"]
    assert await names(customFields=[{"fieldId": field["id"], "isSet": False}]) == ["Never"]
    assert await names(search="1990-01") == ["Late"]


async def test_whom_to_invite_is_found_by_the_same_filter(firm: Firm) -> None:
    field = await define(firm.owner, "NUMBER", "Revenue")
    for amount in (5, 50, 500):
        values = [{"fieldId": field["id"], "value": amount}]
        await firm.account(login=True, name=str(amount), customFields=values)
    condition = {"fieldId": field["id"], "from": 50}
    assert await _invited(firm.owner, condition) == 2
    assert await _invited(firm.owner, condition, {"fieldId": field["id"], "until": 50.5}) == 1


async def _invited(voice: Voice, *conditions: dict[str, Any]) -> int:
    answer = await voice.ask(
        "mutation ($input: SendInvitationsInput!) { sendInvitations(input: $input)"
        " { count errors { path code } } }",
        input={"dryRun": True, "filter": {"customFields": list(conditions)}},
    )
    return answer.payload()["count"]
