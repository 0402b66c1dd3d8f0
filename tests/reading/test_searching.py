"""Finding accounts and contacts: search, filters and orders."""

from __future__ import annotations

from typing import Any

from tests.deployments import Firm
from tests.documents import ARCHIVE_ACCOUNTS, CREATE_CONTACT

ACCOUNTS = """
query ($filter: AccountFilter, $orderBy: AccountOrder) {
  accounts(filter: $filter, orderBy: $orderBy) { totalCount nodes { id name } }
}
"""
CONTACTS = """
query ($filter: ContactFilter, $orderBy: ContactOrder) {
  contacts(filter: $filter, orderBy: $orderBy) { totalCount nodes { id name } }
}
"""
PAGED_ACCOUNTS = """
query ($after: String, $orderBy: AccountOrder) {
  accounts(first: 8, after: $after, orderBy: $orderBy) {
    nodes { name } pageInfo { hasNextPage endCursor }
  }
}
"""
PAGED_CONTACTS = """
query ($after: String, $orderBy: ContactOrder) {
  contacts(first: 8, after: $after, orderBy: $orderBy) {
    nodes { name } pageInfo { hasNextPage endCursor }
  }
}
"""
ME = "{ viewer { ... on Member { id } } }"


def person(first: str, last: str | None = None, **more: Any) -> dict[str, Any]:
    """A contact of an account."""
    return {"contact": {"new": {"firstName": first, "lastName": last, **more}}}


async def test_a_search_finds_what_people_remember(firm: Firm) -> None:
    await firm.account(contacts=[person("Jörg", "Müller", email="office@kanzlei-nord.test")])
    await firm.account(
        type="COMPANY",
        name="Straßenbau 50% (Zoë_1)",
        companyName="Große Brücken",
        externalReference="DATEV-88",
        contacts=[person("Łukasz", "Nowak", phones=[{"number": "+49 30 123456"}])],
    )
    await firm.account(
        name="C:D".replace(":", "\u00a0"), contacts=[person("É\u0301mile", "O'Hara")]
    )
    mueller, strasse, third = "Jörg Müller", "Straßenbau 50% (Zoë_1)", "C\u00a0D"
    for text, names in (
        ("muller", [mueller]),
        ("mueller", [mueller]),
        ("MÜLLER", [mueller]),
        ("Mu\u0308ller", [mueller]),
        ("joerg muell", [mueller]),
        ("müller jörg", [mueller]),
        ("müller nowak", []),
        ("OFFICE@kanzlei", [mueller]),
        ("M-1001", [mueller]),
        ("m-100", [third, mueller, strasse]),
        ("strassenbau", [strasse]),
        ("STRASSENBAU zoe", [strasse]),
        ("grosse bruecken", [strasse]),
        ("brucken nowak", [strasse]),
        ("datev-88", [strasse]),
        ("%", [strasse]),
        ("50%", [strasse]),
        ("_", [strasse]),
        ("zoe_1", [strasse]),
        ("z_e", []),
        ("\\", []),
        ("o'hara", [third]),
        ("emile", [third]),
        ("  ", [third, mueller, strasse]),
        ("", [third, mueller, strasse]),
        ("'; DROP TABLE accounts --", []),
    ):
        found = (await firm.owner.ask(ACCOUNTS, filter={"search": text})).data["accounts"]
        assert [account["name"] for account in found["nodes"]] == names, text
        assert found["totalCount"] == len(names)
    for text, names in (
        ("muller", [mueller]),
        ("kanzlei-nord jorg", [mueller]),
        ("+4930123456", ["Łukasz Nowak"]),
        ("%", []),
        ("lukasz", ["Łukasz Nowak"]),
    ):
        found = (await firm.owner.ask(CONTACTS, filter={"search": text})).data["contacts"]
        assert [contact["name"] for contact in found["nodes"]] == names, text


async def test_a_changed_name_is_found_by_the_new_one_alone(firm: Firm) -> None:
    account = await firm.account(name="Before", contacts=[person("Ann", "Old")])
    contact = account["contacts"]["nodes"][0]["contact"]["id"]
    await firm.owner.ask(
        """mutation ($a: UpdateAccountInput!, $c: UpdateContactInput!) {
             updateAccount(input: $a) { errors { code } }
             updateContact(input: $c) { errors { code } }
           }""",
        a={"id": account["id"], "name": "After"},
        c={"id": contact, "lastName": "New"},
    )
    for text, count in (("before", 0), ("after", 1), ("old", 0), ("new", 1), ("M-1001", 1)):
        found = await firm.owner.ask(ACCOUNTS, filter={"search": text})
        assert found.data["accounts"]["totalCount"] == count, text


async def test_accounts_are_filtered(firm: Firm) -> None:
    me = (await firm.owner.ask(ME)).data["viewer"]["id"]
    await firm.account(name="Person", assigneeIds=[me])
    await firm.account(name="Company", type="COMPANY", login=True)
    gone = await firm.account(name="Gone", type="COMPANY")
    await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[gone["id"]])
    for given, names in (
        (None, ["Company", "Person"]),
        ({}, ["Company", "Person"]),
        ({"status": None, "type": None, "search": None}, ["Company", "Person"]),
        ({"type": "COMPANY"}, ["Company"]),
        ({"status": "ARCHIVED"}, ["Gone"]),
        ({"status": "ARCHIVED", "type": "INDIVIDUAL"}, []),
        ({"assigneeIds": [me]}, ["Person"]),
        ({"assigneeIds": [me, "mem_nobody"]}, ["Person"]),
        ({"assigneeIds": ["mem_nobody"]}, []),
        ({"assigneeIds": []}, []),
        ({"portalStatus": ["NOT_INVITED"]}, ["Company"]),
        ({"portalStatus": ["NOT_INVITED", "OFF"]}, ["Company", "Person"]),
        ({"createdAt": {"from": "2020-01-01T00:00:00Z"}}, ["Company", "Person"]),
        ({"createdAt": {"from": "2020-01-01T00:00:00Z", "until": None}}, ["Company", "Person"]),
        ({"createdAt": {"until": "2020-01-01T00:00:00+02:00"}}, []),
        ({"type": "INDIVIDUAL", "search": "per", "assigneeIds": [me]}, ["Person"]),
    ):
        found = (await firm.owner.ask(ACCOUNTS, filter=given)).data["accounts"]
        assert [account["name"] for account in found["nodes"]] == names, given
        assert found["totalCount"] == len(names)


async def test_contacts_are_filtered(firm: Firm) -> None:
    await firm.account(contacts=[person("In", email="In@c.test")])
    await firm.owner.ask(CREATE_CONTACT, input={"firstName": "Alone", "email": "alone@c.test"})
    for given, names in (
        (None, ["Alone", "In"]),
        ({"hasAccount": True}, ["In"]),
        ({"hasAccount": False}, ["Alone"]),
        ({"hasAccount": None, "email": None}, ["Alone", "In"]),
        ({"email": "IN@C.test"}, ["In"]),
        ({"email": "n@c.test"}, []),
        ({"email": "nonsense"}, []),
        ({"hasAccount": True, "search": "alone"}, []),
    ):
        found = (await firm.owner.ask(CONTACTS, filter=given)).data["contacts"]
        assert [contact["name"] for contact in found["nodes"]] == names, given


async def test_lists_are_ordered_as_people_read(firm: Firm) -> None:
    for name in ("zoo", "Änne", "Bert", "anna", "Über", "álvaro"):
        await firm.account(name=name, contacts=[person(name, email=f"{len(name)}@c.test")])
    by_name = ["álvaro", "anna", "Änne", "Bert", "Über", "zoo"]
    as_created = ["zoo", "Änne", "Bert", "anna", "Über", "álvaro"]
    for order, names in (
        (None, by_name),
        ({}, by_name),
        ({"direction": "DESC"}, by_name[::-1]),
        ({"field": "CREATED_AT"}, as_created),
        ({"field": "CREATED_AT", "direction": "DESC"}, as_created[::-1]),
        ({"field": "UPDATED_AT"}, as_created),
    ):
        found = (await firm.owner.ask(ACCOUNTS, orderBy=order)).data["accounts"]["nodes"]
        assert [account["name"] for account in found] == names, order
    by_address = ["zoo", "Änne", "Bert", "anna", "Über", "álvaro"]
    for order, names in (
        ({"field": "FIRST_NAME"}, by_name),
        ({"field": "LAST_NAME", "direction": "DESC"}, by_name[::-1]),
        ({"field": "CREATED_AT"}, as_created),
        ({"field": "EMAIL"}, by_address),
        ({"field": "EMAIL", "direction": "DESC"}, by_address[::-1]),
    ):
        found = (await firm.owner.ask(CONTACTS, orderBy=order)).data["contacts"]["nodes"]
        assert [contact["name"] for contact in found] == names, order


async def test_names_stand_where_a_german_reader_looks_and_pages_keep_to_it(firm: Firm) -> None:
    """As DIN 5007-1 has it: an umlaut beside its vowel, ß as ss; equal ones as they came."""
    names = ["Ärzte", "Arzt", "Ass", "Aß", "ass", "Asse", "Öl", "Ol", "Olm", "von Berg", "Vonberg"]
    names += ["Züge", "Zug", "Zugang", "4711", "47 11", "Æon", "Émile", "emile b", "Łódź", "Lodz a"]
    for name in names:
        await firm.account(name=name, contacts=[person("A", name, email=f"{len(name)}@n.test")])
    expected = ["47 11", "4711", "Æon", "Arzt", "Ärzte", "Ass", "Aß", "ass", "Asse", "Émile"]
    expected += ["emile b", "Łódź", "Lodz a", "Öl", "Ol", "Olm", "von Berg", "Vonberg", "Zug"]
    expected += ["Zugang", "Züge"]
    for document, kind, order in (
        (PAGED_ACCOUNTS, "accounts", {"field": "NAME"}),
        (PAGED_CONTACTS, "contacts", {"field": "LAST_NAME"}),
        (PAGED_CONTACTS, "contacts", {"field": "EMAIL"}),
    ):
        walked: list[list[str]] = []
        for direction in ("ASC", "DESC"):
            seen: list[str] = []
            cursor = None
            while True:
                found = (
                    await firm.owner.ask(
                        document, after=cursor, orderBy={**order, "direction": direction}
                    )
                ).data[kind]
                seen += [node["name"].removeprefix("A ") for node in found["nodes"]]
                cursor = found["pageInfo"]["endCursor"]
                if not found["pageInfo"]["hasNextPage"]:
                    break
            walked.append(seen)
        assert walked[0] == walked[1][::-1]
        assert sorted(walked[0]) == sorted(names)
        if order["field"] != "EMAIL":
            assert walked[0] == expected
