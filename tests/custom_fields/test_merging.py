"""Custom fields of contacts that become one: no value is lost unasked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.audit.conftest import events
from tests.custom_fields.conftest import CREATE_CONTACT, FIND_CONTACTS, define, values
from tests.deployments import Answer, Deployed, Firm

MERGE = """
mutation ($input: MergeContactsInput!) {
  mergeContacts(input: $input) {
    contact { id customFields { field { name } value } } errors { path code message }
  }
}
"""
KINDS: dict[str, tuple[Any, Any]] = {
    "TEXT": ("Am Hafen\nlinks", "Am Markt"),
    "NUMBER": (1250.5, "0.10"),
    "DATE": ("2026-11-24", "2027-01-31"),
    "CHECKBOX": (True, False),
    "EMAIL": ("kim@case.test", "k.case@case.test"),
    "PHONE": ("+4930111111", "+4930222222"),
    "URL": ("https://case.test/a", "https://case.test/A"),
    "SELECT": ("Nord", "Süd"),
    "MULTI_SELECT": (["Nord", "Ost"], ["Ost", "Süd"]),
}
OPTIONS = ("Nord", "Ost", "Süd")
MESSAGES = {
    "TEXT": "“Am Hafen\nlinks”; “Am Markt”",
    "NUMBER": "1250.5; 0.10",
    "CHECKBOX": "true; false",
    "MULTI_SELECT": "“Nord”, “Ost”; “Ost”, “Süd”",
}


async def field(firm: Firm, kind: str = "TEXT", name: str | None = None) -> str:
    options = OPTIONS if kind.endswith("SELECT") else ()
    return (await define(firm.owner, kind, name or kind, *options, target="CONTACT"))["id"]


async def contact(firm: Firm, **values: Any) -> str:
    """A contact called Kim, with the value of each custom field that is named by its id."""
    filled = [{"fieldId": id, "value": value} for id, value in values.items()]
    given = {"lastName": "Kim", "customFields": filled}
    return (await firm.owner.ask(CREATE_CONTACT, input=given)).payload()["contact"]["id"]


async def merge(
    firm: Firm, keep: str, other: str, choices: dict[str, str] | None = None, **more: Any
) -> Answer:
    """*choices* has for custom fields, by their ids, the contacts whose values stay."""
    chosen = [{"fieldId": id, "contactId": whose} for id, whose in (choices or {}).items()]
    given = {"keepId": keep, "mergeIds": [other], "choices": {"customFields": chosen}, **more}
    return await firm.owner.ask(MERGE, input=given)


def merged(answer: Answer) -> dict[str, Any]:
    return values(answer.payload()["contact"])


async def found(firm: Firm, **filter: Any) -> list[str]:
    nodes = (await firm.owner.ask(FIND_CONTACTS, filter=filter)).data["contacts"]["nodes"]
    return [node["lastName"] for node in nodes]


async def test_values_of_every_kind_stay(firm: Firm) -> None:
    mine, theirs = list(KINDS)[::2], list(KINDS)[1::2]
    ids = {kind: await field(firm, kind) for kind in KINDS}
    await field(firm, name="empty")
    keep = await contact(firm, **{ids[kind]: KINDS[kind][0] for kind in mine})
    other = await contact(firm, **{ids[kind]: KINDS[kind][0] for kind in theirs})
    assert merged(await merge(firm, keep, other)) == {
        **{kind: value for kind, (value, _) in KINDS.items()},
        "empty": None,
    }
    assert await found(firm, search="hafen kim@case") == ["Kim"]


@pytest.mark.parametrize("whose", [0, 1])
async def test_where_they_differ_the_value_of_whoever_is_chosen_stays(
    firm: Firm, whose: int
) -> None:
    ids = {kind: await field(firm, kind) for kind in KINDS}
    both = [
        await contact(firm, **{ids[kind]: sides[side] for kind, sides in KINDS.items()})
        for side in (0, 1)
    ]
    answer = await merge(firm, *both, dict.fromkeys(ids.values(), both[whose]))
    # A number is answered as one, with the digits that it was given.
    expected = {kind: sides[whose] for kind, sides in KINDS.items()}
    assert merged(answer) == {**expected, "NUMBER": float(expected["NUMBER"])}
    for option, names in ((OPTIONS[2 * whose], ["Kim"]), (OPTIONS[2 - 2 * whose], [])):
        condition = {"fieldId": ids["MULTI_SELECT"], "equals": option}
        assert await found(firm, customFields=[condition]) == names


async def test_every_difference_that_nobody_settled_is_refused_by_its_field(firm: Firm) -> None:
    ids = {kind: await field(firm, kind) for kind in KINDS}
    keep, other = [
        await contact(firm, **{ids[kind]: sides[side] for kind, sides in KINDS.items()})
        for side in (0, 1)
    ]
    answer = await merge(firm, keep, other, {ids["DATE"]: other})
    left = [kind for kind in KINDS if kind != "DATE"]
    assert answer.refusals() == [(f"choices.customFields.{ids[kind]}", "CONFLICT") for kind in left]
    told = {
        kind: error["message"]
        for kind, error in zip(left, answer.data["mergeContacts"]["errors"], strict=True)
    }
    for kind, shown in MESSAGES.items():
        assert told[kind] == (
            f"The contacts differ in “{kind}”: {shown}. Name the contact whose value stays."
        )
    assert await found(firm) == ["Kim", "Kim"]


async def test_case_and_the_way_a_number_is_written_are_no_difference(firm: Firm) -> None:
    text, number, several = [await field(firm, kind) for kind in ("TEXT", "NUMBER", "MULTI_SELECT")]
    keep = await contact(firm, **{text: "Nördlich", number: 10, several: ["Nord", "Ost"]})
    other = await contact(firm, **{text: "NORDLICH", number: "10.00", several: ["Ost", "Nord"]})
    assert merged(await merge(firm, keep, other)) == {
        "TEXT": "Nördlich",
        "NUMBER": 10,
        "MULTI_SELECT": ["Nord", "Ost"],
    }


async def test_a_choice_where_nothing_differs_is_taken(firm: Firm) -> None:
    alike, mine, empty = [await field(firm, name=name) for name in ("alike", "mine", "empty")]
    keep = await contact(firm, **{alike: "nord", mine: "Ost"})
    other = await contact(firm, **{alike: "NORD"})
    answer = await merge(firm, keep, other, {mine: other}, dryRun=True)
    assert answer.refusals() == [("choices.customFields.0.contactId", "NOT_FOUND")]
    answer = await merge(firm, keep, other, {alike: other, mine: keep, empty: other})
    assert merged(answer) == {"alike": "NORD", "mine": "Ost", "empty": None}


async def test_a_choice_that_cannot_be_is_refused_in_its_place(
    deployed: Deployed, firm: Firm
) -> None:
    mine, elsewhere = await field(firm), await deployed.firm()
    of_accounts = (await define(firm.owner, "TEXT", "Branch"))["id"]
    keep, other = await contact(firm, **{mine: "A"}), await contact(firm, **{mine: "B"})
    third = await contact(firm, **{mine: "C"})
    for choices, refusals in (
        ([("cfld_" + "0" * 32, keep)], [("0.fieldId", "NOT_FOUND"), (mine, "CONFLICT")]),
        ([(mine, keep), (await field(elsewhere), keep)], [("1.fieldId", "NOT_FOUND")]),
        ([(mine, keep), (of_accounts, keep)], [("1.fieldId", "NOT_FOUND")]),
        ([(mine, keep), (mine, other)], [("1.fieldId", "CONFLICT")]),
        ([(mine, third)], [("0.contactId", "NOT_FOUND")]),
        ([(mine, keep)] * 201, [("", "LIMIT_REACHED")]),
    ):
        chosen = [{"fieldId": id, "contactId": whose} for id, whose in choices]
        given = {"keepId": keep, "mergeIds": [other], "choices": {"customFields": chosen}}
        assert (await firm.owner.ask(MERGE, input=given)).refusals() == [
            (f"choices.customFields.{place}".rstrip("."), code) for place, code in refusals
        ]


async def test_the_trail_tells_which_value_went_and_which_came(firm: Firm) -> None:
    theirs, mine, lacked = [await field(firm, name=name) for name in ("theirs", "mine", "lacked")]
    keep = await contact(firm, **{theirs: "A", mine: "A"})
    other = await contact(firm, **{theirs: "B", mine: "B", lacked: "B"})
    (await merge(firm, keep, other, {theirs: other, mine: keep})).payload()
    told = [event for event in await events(firm.owner) if event["action"] == "contact.changed"]
    assert [event["subjectId"] for event in told] == [keep]
    went, came = told[0]["changes"]["customFields"]
    assert went == [{"fieldId": theirs, "value": "A"}]
    assert sorted(came, key=lambda each: each["fieldId"]) == [
        {"fieldId": theirs, "value": "B"},
        {"fieldId": lacked, "value": "B"},
    ]
