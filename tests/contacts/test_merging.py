"""Contacts that are one person become one: nothing is lost, and nobody is shut out."""

from __future__ import annotations

from typing import Any

import pytest

from models.enums import Permission
from tests.deployments import ACTIVATE, PASSWORD, SIGN_IN, Deployed, Firm, Voice
from tests.documents import CREATE_CONTACT, DELETE_CONTACT, UPDATE_CONTACT

MERGE = """
mutation ($input: MergeContactsInput!) {
  mergeContacts(input: $input) {
    contact {
      id name firstName lastName companyName email externalReference locale
      otherEmails { email } phones { number } tags { name }
      address { city }
      accounts { nodes { account { name } login notify sync portalStatus } }
    }
    errors { path code message }
  }
}
"""
TAG = """
mutation ($name: String!) { createTag(input: {name: $name}) { tag { id } errors { code } } }
"""
ADD = """
mutation ($input: AddAccountContactInput!) {
  addAccountContact(input: $input) { accountContact { id } errors { path code } }
}
"""
CONTACTS = """
query ($filter: ContactFilter) { contacts(filter: $filter) { nodes { name } totalCount } }
"""
ACCOUNTS = "query ($search: String) { accounts(filter: {search: $search}) { nodes { name } } }"
MINE = "{ viewer { ... on PortalUser { email accounts { name } } } }"
SWITCHES = """
mutation ($input: UpdateAccountContactInput!) {
  updateAccountContact(input: $input) { errors { code } }
}
"""


async def contact(firm: Firm, **given: Any) -> str:
    return (await firm.owner.ask(CREATE_CONTACT, input=given)).payload()["contact"]["id"]


async def tag(firm: Firm, name: str) -> str:
    return (await firm.owner.ask(TAG, name=name)).payload()["tag"]["id"]


def entry(contact: str, **switches: Any) -> dict[str, Any]:
    off = {"login": False, "notify": False, "sync": False}
    return {"contact": {"id": contact}, **off, **switches}


async def merge(firm: Firm, keep: str, *others: str, **more: Any) -> dict[str, Any]:
    given = {"keepId": keep, "mergeIds": [*others], **more}
    return (await firm.owner.ask(MERGE, input=given)).payload()["contact"]


async def test_everything_of_both_is_kept(firm: Firm) -> None:
    tags = [await tag(firm, name) for name in ("one", "two")]
    keep = await contact(
        firm, firstName="Kim", phones=[{"number": "+49 30 111111"}], tagIds=tags[:1]
    )
    other = await contact(
        firm,
        firstName="KIM",
        lastName="Case",
        email="kim@case.test",
        externalReference="K-1",
        locale="DE",
        address={"city": "Bonn"},
        phones=[{"number": "+49 30 222222"}, {"number": "+49 30 111111"}],
        tagIds=tags,
    )
    third = await contact(firm, companyName="Nord", email="KIM@case.test")
    await firm.account(name="A", contacts=[entry(keep, notify=True), entry(other, login=True)])
    await firm.account(name="B", contacts=[entry(other, sync=True), entry(third)])
    await firm.account(name="C", contacts=[entry(third, login=True)])
    made = await merge(firm, keep, other, third)
    assert made == {
        "id": keep,
        "name": "Kim Case",
        "firstName": "Kim",
        "lastName": "Case",
        "companyName": "Nord",
        "email": "kim@case.test",
        "externalReference": "K-1",
        "locale": "DE",
        "otherEmails": [],
        "phones": [{"number": "+4930111111"}, {"number": "+4930222222"}],
        "tags": [{"name": "one"}, {"name": "two"}],
        "address": {"city": "Bonn"},
        "accounts": {
            "nodes": [
                {"account": {"name": name}, "portalStatus": status, **switches}
                for name, status, switches in (
                    ("A", "NOT_INVITED", {"login": True, "notify": True, "sync": False}),
                    ("B", "OFF", {"login": False, "notify": False, "sync": True}),
                    ("C", "NOT_INVITED", {"login": True, "notify": False, "sync": False}),
                )
            ]
        },
    }
    assert (await firm.owner.ask(CONTACTS)).data["contacts"]["totalCount"] == 1
    for search, names in (("222222", ["A", "B", "C"]), ("nord case", ["A", "B", "C"])):
        found = (await firm.owner.ask(ACCOUNTS, search=search)).data["accounts"]["nodes"]
        assert [account["name"] for account in found] == names


async def test_where_they_differ_the_caller_says_what_stays(firm: Firm) -> None:
    keep = await contact(firm, firstName="Kim", lastName="Öst", email="a@c.test", locale="DE")
    other = await contact(firm, firstName="Tim", lastName="OST", email="b@c.test", locale="EN")
    given = {"keepId": keep, "mergeIds": [other]}
    answer = await firm.owner.ask(MERGE, input=given)
    assert answer.refusals() == [
        ("choices.firstName", "CONFLICT"),
        ("choices.email", "CONFLICT"),
        ("choices.locale", "CONFLICT"),
    ]
    messages = [each["message"] for each in answer.data["mergeContacts"]["errors"]]
    assert "“Kim”; “Tim”" in messages[0]
    assert "“a@c.test”; “b@c.test”" in messages[1]
    choices = {"firstName": other, "email": other, "locale": keep}
    choices["companyName"] = "cont_" + "0" * 32
    answer = await firm.owner.ask(MERGE, input={**given, "choices": choices})
    assert answer.refusals() == [("choices.companyName", "NOT_FOUND")]
    del choices["companyName"]
    tried = await merge(firm, keep, other, choices=choices, dryRun=True)
    assert (await firm.owner.ask(CONTACTS)).data["contacts"]["totalCount"] == 2
    made = await merge(firm, keep, other, choices=choices)
    assert made == tried
    assert (made["name"], made["email"], made["locale"]) == ("Tim Öst", "b@c.test", "DE")
    assert made["otherEmails"] == [{"email": "a@c.test"}]
    for filter in ({"email": "A@c.test"}, {"email": "b@c.test"}, {"search": "a@c"}):
        found = (await firm.owner.ask(CONTACTS, filter=filter)).data["contacts"]["nodes"]
        assert [each["name"] for each in found] == ["Tim Öst"], filter


async def sign_in(firm: Firm, email: str) -> list[str]:
    """The accounts that whoever has this address enters; none where they are not let in."""
    given = {"firm": firm.slug, "email": email, "password": PASSWORD}
    payload = (await firm.deployed.nobody.ask(SIGN_IN, input=given)).data["signIn"]
    if payload["errors"]:
        return []
    mine = (await Voice(firm.deployed, payload["token"]).ask(MINE)).data["viewer"]
    return sorted(account["name"] for account in mine["accounts"])


async def test_both_who_could_sign_in_still_can_and_see_the_accounts_of_both(
    deployed: Deployed, firm: Firm
) -> None:
    contacts: list[str] = []
    voices: list[Voice] = []
    for name in "AB":
        new = {"firstName": "Kim", "email": f"{name}@c.test"}
        opened = {"contact": {"new": new}, "login": True, "invite": {}}
        account = await firm.account(name=name, contacts=[opened])
        contacts.append(account["contacts"]["nodes"][0]["contact"]["id"])
        voices.append(await firm.client(account))
    # A third one has not activated yet: the link goes on being good.
    new = {"firstName": "Kim", "email": "c@c.test"}
    opened = {"contact": {"new": new}, "login": True, "invite": {}}
    account = await firm.account(name="C", contacts=[opened])
    third = account["contacts"]["nodes"][0]["contact"]["id"]
    # Somebody else with the address of one of them stays who they are.
    await firm.account(
        name="Else",
        contacts=[{"contact": {"new": {"firstName": "Lou", "email": "a@c.test"}}, "login": True}],
    )
    keep, other = contacts
    weak = await firm.member(Permission.MANAGE_CONTACTS)
    given = {"keepId": keep, "mergeIds": [other], "choices": {"email": keep}}
    assert (await weak.ask(MERGE, input=given)).codes == ["FORBIDDEN"]
    made = await merge(firm, keep, other, third, choices={"email": keep})
    assert made["otherEmails"] == [{"email": "B@c.test"}, {"email": "c@c.test"}]
    assert {node["portalStatus"] for node in made["accounts"]["nodes"]} == {"ACTIVE"}
    mine = (await voices[1].ask(MINE)).data["viewer"]
    assert sorted(each["name"] for each in mine["accounts"]) == ["A", "B", "C"]
    assert await sign_in(firm, "a@c.test") == ["A", "B", "C", "Else"]
    assert await sign_in(firm, "b@c.test") == ["A", "B", "C"]
    letter = (await deployed.mails_to("c@c.test"))[-1]
    await deployed.nobody.ask(ACTIVATE, input={"token": letter.token, "password": PASSWORD})
    assert await sign_in(firm, "c@c.test") == ["A", "B", "C"]
    # A new address of its own takes the old one's access away, and the others' not.
    await firm.owner.ask(UPDATE_CONTACT, input={"id": keep, "email": "new@c.test"})
    assert await sign_in(firm, "a@c.test") == ["Else"]
    assert await sign_in(firm, "b@c.test") == ["A", "B", "C"]
    # One that is taken out goes at once.
    await firm.owner.ask(UPDATE_CONTACT, input={"id": keep, "otherEmails": ["C@c.test"]})
    assert await sign_in(firm, "b@c.test") == []
    assert await sign_in(firm, "c@c.test") == ["A", "B", "C"]
    refused = await firm.owner.ask(UPDATE_CONTACT, input={"id": keep, "otherEmails": ["x@c.test"]})
    assert refused.refusals() == [("otherEmails.0", "NOT_FOUND")]


async def test_a_merge_that_cannot_be_is_refused(deployed: Deployed, firm: Firm) -> None:
    one, two = await contact(firm, lastName="A"), await contact(firm, lastName="A")
    theirs = await contact(await deployed.firm(), lastName="A")
    for given, refusals in (
        ({"keepId": one, "mergeIds": []}, [("mergeIds", "REQUIRED")]),
        ({"keepId": one, "mergeIds": [one]}, [("mergeIds.0", "CONFLICT")]),
        ({"keepId": one, "mergeIds": [two, two]}, [("mergeIds.1", "CONFLICT")]),
        ({"keepId": theirs, "mergeIds": [two]}, [("keepId", "NOT_FOUND")]),
        ({"keepId": one, "mergeIds": [two, theirs]}, [("mergeIds.1", "NOT_FOUND")]),
        ({"keepId": one, "mergeIds": [two] * 21}, [("mergeIds", "LIMIT_REACHED")]),
    ):
        assert (await firm.owner.ask(MERGE, input=given)).refusals() == refusals
    weak = await firm.member(Permission.MANAGE_ACCOUNTS)
    assert (await weak.ask(MERGE, input={"keepId": one, "mergeIds": [two]})).codes == ["FORBIDDEN"]
    await firm.owner.ask(DELETE_CONTACT, id=two)
    assert (await firm.owner.ask(CONTACTS)).data["contacts"]["totalCount"] == 1


@pytest.mark.parametrize("pending", [(True, True), (False, True)])
async def test_an_invitation_that_waits_is_neither_lost_nor_doubled(
    deployed: Deployed, firm: Firm, pending: tuple[bool, bool]
) -> None:
    entries = [
        {
            "contact": {"new": {"lastName": "Kim", "email": f"{name}@c.test"}},
            "login": True,
            **({"invite": {}} if invited else {}),
        }
        for name, invited in zip("ab", pending, strict=True)
    ]
    account = await firm.account(name="A", contacts=entries)
    keep, other = (node["contact"]["id"] for node in account["contacts"]["nodes"])
    made = await merge(firm, keep, other, choices={"email": keep})
    assert [node["portalStatus"] for node in made["accounts"]["nodes"]] == ["PENDING"]
    letter = (await deployed.mails_to("a@c.test" if pending[0] else "b@c.test"))[-1]
    await deployed.nobody.ask(ACTIVATE, input={"token": letter.token, "password": PASSWORD})
    assert await sign_in(firm, "a@c.test" if pending[0] else "b@c.test") == ["A"]
