"""Fields: defined, renamed, sorted and deleted; their options keep what was chosen."""

from __future__ import annotations

from typing import Any

from models.enums import Permission
from resolvers.custom_fields import MOST_FIELDS
from resolvers.custom_options import MOST_OPTIONS
from tests.custom_fields.conftest import (
    CREATE_FIELD,
    DELETE_FIELD,
    FIELDS,
    UPDATE_FIELD,
    account,
    define,
    fill,
    found,
    values,
)
from tests.deployments import Deployed, Firm


async def fields(firm: Firm, target: str | None = None) -> list[tuple[str, int]]:
    answer = await firm.owner.ask(FIELDS, target=target)
    return [(row["name"], row["position"]) for row in answer.data["customFields"]]


async def test_a_field_is_defined_and_listed_in_its_place(firm: Firm) -> None:
    made = await define(firm.owner, "SELECT", "Rechtsform", "GmbH", "KG", required=True)
    assert {**made, "id": ""} == {
        "id": "",
        "target": "ACCOUNT",
        "type": "SELECT",
        "name": "Rechtsform",
        "options": ["GmbH", "KG"],
        "required": True,
        "position": 0,
    }
    await define(firm.owner, "DATE", "Geburtstag", target="CONTACT")
    await define(firm.owner, "TEXT", "Rechtsform", target="CONTACT")
    await define(firm.owner, "NUMBER", "Umsatz")
    assert await fields(firm) == [
        ("Rechtsform", 0),
        ("Umsatz", 1),
        ("Geburtstag", 0),
        ("Rechtsform", 1),
    ]
    assert await fields(firm, "CONTACT") == [("Geburtstag", 0), ("Rechtsform", 1)]
    node = await firm.owner.ask(
        "query ($id: ID!) { node(id: $id) { ... on CustomField { name options } } }", id=made["id"]
    )
    assert node.data["node"] == {"name": "Rechtsform", "options": ["GmbH", "KG"]}


async def test_everything_wrong_is_said_at_once(firm: Firm) -> None:
    await define(firm.owner, "TEXT", "Größe")
    for given, expected in (
        ({"type": "TEXT", "name": "GROSSE"}, [("name", "TAKEN")]),
        ({"type": "SELECT", "name": " "}, [("name", "REQUIRED"), ("options", "REQUIRED")]),
        ({"type": "TEXT", "name": "x", "options": ["a"]}, [("options", "INVALID")]),
        (
            {"type": "MULTI_SELECT", "name": "x" * 101, "options": ["a", "Ä", " ", "b" * 101]},
            [
                ("name", "TOO_LONG"),
                ("options.1", "CONFLICT"),
                ("options.2", "REQUIRED"),
                ("options.3", "TOO_LONG"),
            ],
        ),
        (
            {"type": "SELECT", "name": "x", "options": [str(n) for n in range(MOST_OPTIONS + 1)]},
            [("options", "LIMIT_REACHED")],
        ),
    ):
        refused = await firm.owner.ask(CREATE_FIELD, input={"target": "ACCOUNT", **given})
        assert refused.refusals() == expected
    assert await fields(firm) == [("Größe", 0)]


async def test_a_firm_has_a_bounded_number_of_fields(firm: Firm) -> None:
    for number in range(MOST_FIELDS):
        await define(firm.owner, "CHECKBOX", str(number))
    given = {"target": "ACCOUNT", "type": "TEXT", "name": "one more"}
    refused = await firm.owner.ask(CREATE_FIELD, input=given)
    assert refused.refusals() == [("target", "LIMIT_REACHED")]
    await define(firm.owner, "TEXT", "one more", target="CONTACT")


async def test_a_field_moves_and_the_others_make_room(firm: Firm) -> None:
    ids = {name: (await define(firm.owner, "TEXT", name))["id"] for name in "abcd"}
    await define(firm.owner, "TEXT", "other", target="CONTACT")

    async def move(name: str, position: int) -> str:
        given = {"id": ids[name], "position": position}
        (await firm.owner.ask(UPDATE_FIELD, input=given)).payload()
        listed = await fields(firm, "ACCOUNT")
        assert [place for _, place in listed] == list(range(len(listed)))
        return "".join(name for name, _ in listed)

    assert await move("a", 2) == "bcad"
    assert await move("d", 0) == "dbca"
    assert await move("c", 2) == "dbca"
    assert await move("d", 99) == "bcad"
    refused = await firm.owner.ask(UPDATE_FIELD, input={"id": ids["a"], "position": -1})
    assert refused.refusals() == [("position", "INVALID")]
    (await firm.owner.ask(DELETE_FIELD, id=ids["c"])).payload()
    assert await fields(firm) == [("b", 0), ("a", 1), ("d", 2), ("other", 0)]


async def test_what_is_left_out_of_a_change_stays(firm: Firm) -> None:
    field = await define(firm.owner, "SELECT", "Form", "a", "b", required=True)
    changed = await firm.owner.ask(UPDATE_FIELD, input={"id": field["id"], "name": "Rechtsform"})
    assert changed.payload()["customField"] == {**field, "name": "Rechtsform"}
    changed = await firm.owner.ask(UPDATE_FIELD, input={"id": field["id"], "required": False})
    assert changed.payload()["customField"]["required"] is False
    await define(firm.owner, "TEXT", "Other")
    for given, expected in (
        ({"name": "other"}, [("name", "TAKEN")]),
        ({"name": None}, [("name", "REQUIRED")]),
        ({"options": []}, [("options", "REQUIRED")]),
        ({"id": "cfld_x"}, [("id", "NOT_FOUND")]),
    ):
        refused = await firm.owner.ask(UPDATE_FIELD, input={"id": field["id"], **given})
        assert refused.refusals() == expected


async def test_a_renamed_option_keeps_its_values(firm: Firm) -> None:
    form = await define(firm.owner, "SELECT", "Form", "GmbH", "KG", "AG")
    many = await define(firm.owner, "MULTI_SELECT", "Many", "x", "y", "z")
    one = await account(firm.owner, "one", **{form["id"]: "gmbh", many["id"]: ["Z", "x"]})
    change: dict[str, Any] = {
        "id": form["id"],
        "renameOptions": [{"from": "gmbh", "to": "KG"}, {"from": "KG", "to": "Gesellschaft Ä"}],
    }
    payload = (await firm.owner.ask(UPDATE_FIELD, input=change)).payload()
    assert (payload["customField"]["options"], payload["removedValues"]) == (
        ["KG", "Gesellschaft Ä", "AG"],
        0,
    )
    change = {
        "id": many["id"],
        "renameOptions": [{"from": "x", "to": "Ex"}],
        "options": ["z", "new", "EX", "Y"],
    }
    payload = (await firm.owner.ask(UPDATE_FIELD, input=change)).payload()
    assert payload["customField"]["options"] == ["z", "new", "EX", "Y"]
    row = (await fill(firm.owner, one)).payload()["account"]
    assert values(row) == {"Form": "KG", "Many": ["z", "EX"]}
    assert await found(firm.owner, {"fieldId": form["id"], "equals": "kg"}) == ["one"]
    assert await found(firm.owner, {"fieldId": form["id"], "equals": "GmbH"}) == []
    assert await found(firm.owner, search="ex") == ["one"]
    assert await found(firm.owner, search="gmbh") == []


async def test_an_option_in_use_goes_only_when_that_is_asked_for(firm: Firm) -> None:
    field = await define(firm.owner, "MULTI_SELECT", "Many", "alpha", "beta", "gamma")
    for name, chosen in (("one", ["alpha"]), ("two", ["alpha", "beta"])):
        await account(firm.owner, name, **{field["id"]: chosen})
    change: dict[str, Any] = {"id": field["id"], "options": ["beta"]}
    refused = await firm.owner.ask(UPDATE_FIELD, input=change)
    assert refused.refusals() == [("options", "IN_USE")]
    (error,) = refused.data["updateCustomField"]["errors"]
    assert "alpha" in error["message"] and "2" in error["message"]
    assert len((await firm.owner.ask(FIELDS)).data["customFields"][0]["options"]) == 3
    payload = (
        await firm.owner.ask(UPDATE_FIELD, input={**change, "removeUsedOptions": True})
    ).payload()
    assert (payload["customField"]["options"], payload["removedValues"]) == (["beta"], 2)
    assert await found(firm.owner, {"fieldId": field["id"], "isSet": True}) == ["two"]
    assert await found(firm.owner, search="alpha") == []
    assert await found(firm.owner, search="beta") == ["two"]


async def test_a_renaming_that_cannot_be_is_refused(firm: Firm) -> None:
    field = await define(firm.owner, "SELECT", "Form", "a", "b")
    plain = await define(firm.owner, "TEXT", "Plain")
    for id, renamings, expected in (
        (field["id"], [("c", "d")], [("renameOptions.0.from", "NOT_FOUND")]),
        (field["id"], [("a", "B")], [("renameOptions", "CONFLICT")]),
        (field["id"], [("a", " ")], [("renameOptions.0.to", "REQUIRED")]),
        (plain["id"], [("a", "b")], [("renameOptions", "INVALID")]),
    ):
        given = {"id": id, "renameOptions": [{"from": old, "to": new} for old, new in renamings]}
        assert (await firm.owner.ask(UPDATE_FIELD, input=given)).refusals() == expected
    assert (await firm.owner.ask(FIELDS)).data["customFields"][0]["options"] == ["a", "b"]


async def test_a_deleted_field_takes_its_values_and_says_how_many(deployed: Deployed) -> None:
    firm, other = await deployed.firm(), await deployed.firm()
    field = await define(firm.owner, "MULTI_SELECT", "Many", "alpha", "beta")
    kept = await define(firm.owner, "TEXT", "Kept")
    theirs = await define(other.owner, "TEXT", "Theirs")
    await account(firm.owner, "one", **{field["id"]: ["alpha", "beta"], kept["id"]: "stays"})
    await account(firm.owner, "two", **{field["id"]: ["beta"]})
    await account(firm.owner, "three")
    refused = await firm.owner.ask(DELETE_FIELD, id=theirs["id"])
    assert refused.refusals() == [("id", "NOT_FOUND")]
    payload = (await firm.owner.ask(DELETE_FIELD, id=field["id"])).payload()
    assert (payload["deletedId"], payload["touched"]) == (field["id"], 2)
    assert await found(firm.owner, search="alpha") == []
    assert await found(firm.owner, search="stays") == ["one"]
    assert await fields(firm) == [("Kept", 0)]
    assert await fields(other) == [("Theirs", 0)]


async def test_who_may_not_define_fields_may_read_them(firm: Firm) -> None:
    field = await define(firm.owner, "TEXT", "Plain")
    desk = await firm.member(Permission.MANAGE_ACCOUNTS)
    assert (await desk.ask(FIELDS)).data["customFields"] == [field]
    given = {"target": "ACCOUNT", "type": "TEXT", "name": "x"}
    assert (await desk.ask(CREATE_FIELD, input=given)).codes == ["FORBIDDEN"]
    assert (await desk.ask(UPDATE_FIELD, input={"id": field["id"]})).codes == ["FORBIDDEN"]
    assert (await desk.ask(DELETE_FIELD, id=field["id"])).codes == ["FORBIDDEN"]
