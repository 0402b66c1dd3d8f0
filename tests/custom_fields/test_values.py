"""Values: checked by their type, kept to the last digit, shown for every field in its order."""

from __future__ import annotations

import asyncio
from typing import Any

from models.enums import Locale
from tests.custom_fields.conftest import (
    CREATE_ACCOUNT,
    CREATE_CONTACT,
    KIM,
    UPDATE_CONTACT,
    UPDATE_FIELD,
    account,
    define,
    fill,
    found,
    values,
)
from tests.deployments import Deployed, Firm

TYPES = {
    "TEXT": ([], " Zwei\nZeilen ", "Zwei\nZeilen"),
    "NUMBER": ([], 12.5, 12.5),
    "DATE": ([], "2024-02-29", "2024-02-29"),
    "CHECKBOX": ([], False, False),
    "EMAIL": ([], " Kim@Firma.Example ", "Kim@firma.example"),
    "PHONE": ([], "+49 (30) 12 34 56", "+4930123456"),
    "URL": ([], "https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
    "SELECT": (["a", "b"], "A", "a"),
    "MULTI_SELECT": (["a", "b", "c"], ["C", "a", "c"], ["a", "c"]),
}


async def test_each_type_keeps_its_values_in_the_fields_order(firm: Firm) -> None:
    ids = {
        kind: (await define(firm.owner, kind, kind, *options))["id"]
        for kind, (options, _, _) in TYPES.items()
    }
    empty = await account(firm.owner)
    assert values((await fill(firm.owner, empty)).payload()["account"]) == dict.fromkeys(TYPES)
    full = await account(firm.owner, **{ids[kind]: TYPES[kind][1] for kind in reversed(TYPES)})
    row = (await fill(firm.owner, full)).payload()["account"]
    assert list(values(row).items()) == [(kind, kept) for kind, (_, _, kept) in TYPES.items()]
    cleared = await fill(firm.owner, full, **{ids["TEXT"]: None, ids["MULTI_SELECT"]: []})
    assert values(cleared.payload()["account"]) == {
        **{kind: kept for kind, (_, _, kept) in TYPES.items()},
        "TEXT": None,
        "MULTI_SELECT": None,
    }


async def test_the_same_is_true_of_contacts(firm: Firm) -> None:
    text = await define(firm.owner, "TEXT", "Note", target="CONTACT")
    many = await define(firm.owner, "MULTI_SELECT", "Many", "x", "y", target="CONTACT")
    await define(firm.owner, "TEXT", "Of accounts")
    given = {"lastName": "Lamp", "customFields": [{"fieldId": many["id"], "value": ["y"]}]}
    made = (await firm.owner.ask(CREATE_CONTACT, input=given)).payload()["contact"]
    assert values(made) == {"Note": None, "Many": ["y"]}
    change = {"id": made["id"], "customFields": [{"fieldId": text["id"], "value": "later"}]}
    changed = (await firm.owner.ask(UPDATE_CONTACT, input=change)).payload()["contact"]
    assert values(changed) == {"Note": "later", "Many": ["y"]}
    nested = await firm.owner.ask(
        """{ contacts { nodes { accounts { nodes { account { customFields { value } } } }
             customFields { field { id options } value } } } }"""
    )
    assert nested.data["contacts"]["nodes"][0]["customFields"] == [
        {"field": {"id": text["id"], "options": []}, "value": "later"},
        {"field": {"id": many["id"], "options": ["x", "y"]}, "value": ["y"]},
    ]


async def test_a_number_keeps_every_digit(firm: Firm) -> None:
    field = await define(firm.owner, "NUMBER", "Number")
    for written, kept in (
        ("123456789012345.1234567891", "123456789012345.1234567891"),
        ("-0.10", "-0.10"),
        ("0.0000000001", "0.0000000001"),
        ("12.50", "12.50"),
        ("-0.0", "0.0"),
        ("1e3", "1000"),
        ("7", "7"),
        ('"19.90"', "19.90"),
    ):
        for document, variables in (
            (f"value: {written}", ""),
            ("value: $value", f', "value": {written}'),
        ):
            body = (
                '{"query": "mutation ($id: ID! $field: ID! $value: JSON) { createAccount(input: '
                "{type: OTHER, contacts: [{contact: {id: $id}}], customFields: [{fieldId: $field "
                + document.replace('"', '\\"')
                + '}]}) { account { customFields { value } } errors { code } } }", "variables": {'
                f'"id": "{await _person(firm)}", "field": "{field["id"]}"{variables}}}}}'
            )
            if not variables:
                body = body.replace(" $value: JSON", "")
            answer = await firm.deployed.http.post(
                "/graphql",
                content=body,
                headers={
                    "Authorization": f"Bearer {firm.owner.token}",
                    "Content-Type": "application/json",
                },
            )
            assert f'"value":{kept}}}' in answer.text.replace(" ", ""), (written, answer.text)


async def _person(firm: Firm) -> str:
    made = await firm.owner.ask(CREATE_CONTACT, input={"lastName": "Lamp"})
    return made.payload()["contact"]["id"]


async def test_what_does_not_fit_the_type_is_refused_in_its_place(firm: Firm) -> None:
    wrong: dict[str, list[tuple[Any, str]]] = {
        "TEXT": [(1, "INVALID"), (["a"], "INVALID"), ("x" * 2001, "TOO_LONG")],
        "NUMBER": [
            ("1,5", "INVALID"),
            (True, "INVALID"),
            (10**15, "INVALID"),
            ("0.00000000001", "INVALID"),
            (1e300, "INVALID"),
            ({}, "INVALID"),
        ],
        "DATE": [
            ("24.11.2026", "INVALID"),
            ("2025-02-29", "INVALID"),
            ("20260101", "INVALID"),
            ("2026-W01-1", "INVALID"),
            ("2026-01-01T00:00", "INVALID"),
            (20260101, "INVALID"),
        ],
        "CHECKBOX": [("true", "INVALID"), (1, "INVALID"), ([], "INVALID")],
        "EMAIL": [("kim", "INVALID_EMAIL"), (1, "INVALID")],
        "PHONE": [("12", "INVALID_PHONE"), (4930123456, "INVALID")],
        "URL": [
            ("example.org", "INVALID"),
            ("javascript:alert(1)", "INVALID"),
            ("ftp://example.org", "INVALID"),
            ("https://", "INVALID"),
            ("https://bank.example@evil.example", "INVALID"),
            ("https://example.org/a b", "INVALID"),
            ("https://[::1", "INVALID"),
            ("https://example.org:99999", "INVALID"),
        ],
        "SELECT": [("c", "INVALID"), (["a"], "INVALID")],
        "MULTI_SELECT": [("a", "INVALID"), ([1], "INVALID")],
    }
    ids = {kind: (await define(firm.owner, kind, kind, *TYPES[kind][0]))["id"] for kind in wrong}
    id = await account(firm.owner)
    for kind, cases in wrong.items():
        for given, code in cases:
            refused = await fill(firm.owner, id, **{ids[kind]: given})
            assert refused.refusals() == [("customFields.0.value", code)], (kind, given)
    refused = await fill(firm.owner, id, **{ids["MULTI_SELECT"]: ["a", "q"]})
    assert refused.refusals() == [("customFields.0.value.1", "INVALID")]
    assert set(values((await fill(firm.owner, id)).payload()["account"]).values()) == {None}


async def test_required_fields_are_asked_for_when_something_is_created(firm: Firm) -> None:
    field = await define(firm.owner, "TEXT", "Must", required=True)
    ticked = await define(firm.owner, "CHECKBOX", "Ticked", required=True, target="CONTACT")
    given: dict[str, Any] = {"type": "OTHER", "contacts": [KIM]}
    refused = await firm.owner.ask(CREATE_ACCOUNT, input=given)
    assert refused.refusals() == [
        ("contacts.0.contact.new.customFields", "REQUIRED"),
        ("customFields", "REQUIRED"),
    ]
    person = {**KIM["contact"]["new"], "customFields": [{"fieldId": ticked["id"], "value": False}]}
    given["contacts"] = [{"contact": {"new": person}}]
    for nothing in (None, "", "  "):
        given["customFields"] = [{"fieldId": field["id"], "value": nothing}]
        refused = await firm.owner.ask(CREATE_ACCOUNT, input=given)
        assert refused.refusals() == [("customFields.0.value", "REQUIRED")]
    given["customFields"] = [{"fieldId": field["id"], "value": "there"}]
    made = (await firm.owner.ask(CREATE_ACCOUNT, input=given)).payload()["account"]
    assert values(made) == {"Must": "there"}
    assert values(made["contacts"]["nodes"][0]["contact"]) == {"Ticked": False}
    refused = await fill(firm.owner, made["id"], **{field["id"]: None})
    assert refused.refusals() == [("customFields.0.value", "REQUIRED")]
    later = await define(firm.owner, "TEXT", "Later", required=True)
    assert (await fill(firm.owner, made["id"], **{field["id"]: "x"})).payload()["errors"] == []
    assert (await fill(firm.owner, made["id"], **{later["id"]: "y"})).payload()["errors"] == []


async def test_a_field_that_is_not_there_is_refused(deployed: Deployed) -> None:
    firm, other = await deployed.firm(), await deployed.firm()
    theirs = await define(other.owner, "TEXT", "Theirs")
    of_contacts = await define(firm.owner, "TEXT", "Of contacts", target="CONTACT")
    field = await define(firm.owner, "TEXT", "Mine")
    given = {
        "type": "OTHER",
        "contacts": [KIM],
        "customFields": [
            {"fieldId": id, "value": "x"}
            for id in (field["id"], theirs["id"], of_contacts["id"], "cfld_x", field["id"])
        ],
    }
    assert (await firm.owner.ask(CREATE_ACCOUNT, input=given)).refusals() == [
        ("customFields.1.fieldId", "NOT_FOUND"),
        ("customFields.2.fieldId", "NOT_FOUND"),
        ("customFields.3.fieldId", "NOT_FOUND"),
        ("customFields.4.fieldId", "CONFLICT"),
    ]
    assert await found(firm.owner) == []


async def test_a_number_without_a_country_is_the_firms_countrys(deployed: Deployed) -> None:
    firm = await deployed.firm(Locale.DE)
    field = await define(firm.owner, "PHONE", "Durchwahl")
    row = await fill(firm.owner, await account(firm.owner), **{field["id"]: "030 123456"})
    assert values(row.payload()["account"]) == {"Durchwahl": "+4930123456"}


async def test_an_idempotent_write_tells_values_apart(firm: Firm) -> None:
    field = await define(firm.owner, "NUMBER", "Number")
    given: dict[str, Any] = {"type": "OTHER", "contacts": [KIM], "idempotencyKey": "k"}

    async def create(value: Any) -> Any:
        values = [{"fieldId": field["id"], "value": value}]
        return await firm.owner.ask(CREATE_ACCOUNT, input={**given, "customFields": values})

    first = (await create(1.5)).payload()["account"]["id"]
    assert (await create(1.5)).payload()["account"]["id"] == first
    assert (await create(1.25)).refusals() == [("idempotencyKey", "IDEMPOTENCY_KEY_REUSED")]


async def test_who_fills_in_while_an_option_is_renamed_has_the_new_name(firm: Firm) -> None:
    field = await define(firm.owner, "SELECT", "Form", "name0")
    ids = [await account(firm.owner, f"a{place}") for place in range(4)]
    for turn in range(3):
        old, new = f"name{turn}", f"name{turn + 1}"
        change = {"id": field["id"], "renameOptions": [{"from": old, "to": new}]}
        renamed, *filled = await asyncio.gather(
            firm.owner.ask(UPDATE_FIELD, input=change),
            *(fill(firm.owner, id, **{field["id"]: old}) for id in ids),
        )
        assert renamed.payload()["errors"] == []
        # Whoever came after the renaming was told that the old name is none any more.
        done = [answer for answer in filled if not answer.refusals()]
        kept = [values((await fill(firm.owner, id)).payload()["account"])["Form"] for id in ids]
        assert kept.count(new) >= len(done)
        assert set(kept) <= {new, None}
        assert len(await found(firm.owner, search=new)) == kept.count(new)
        assert await found(firm.owner, search=old) == []
