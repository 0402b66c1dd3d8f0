"""Who may be the same person as a new contact: said with it, and in nobody's way."""

from __future__ import annotations

from typing import Any

from tests.deployments import Deployed, Firm

CREATE = """
mutation ($input: CreateContactInput!) {
  createContact(input: $input) {
    contact { id } possibleDuplicates { id name } errors { path code }
  }
}
"""
CREATE_ACCOUNT = """
mutation ($input: CreateAccountInput!) {
  createAccount(input: $input) { account { id } possibleDuplicates { name } errors { code } }
}
"""
ADD = """
mutation ($input: AddAccountContactInput!) {
  addAccountContact(input: $input) {
    accountContact { id } possibleDuplicates { name } errors { code }
  }
}
"""
UPDATE = """
mutation ($input: UpdateContactInput!) {
  updateContact(input: $input) { contact { id } possibleDuplicates { id } errors { code } }
}
"""

KIM = {
    "firstName": "Kim",
    "lastName": "Öztürk",
    "email": "kim@case.test",
    "companyName": "Nord GmbH",
    "phones": [{"number": "+49 30 123456"}, {"number": "+49 171 5550199"}],
}


async def test_a_new_contact_comes_with_those_who_may_be_the_same(
    deployed: Deployed, firm: Firm
) -> None:
    stranger = await deployed.firm()
    await stranger.owner.ask(CREATE, input=KIM)
    first = (await firm.owner.ask(CREATE, input=KIM)).payload()
    assert first["possibleDuplicates"] == []
    phone = [{"number": "+49 171 5550199"}]
    alike: dict[str, dict[str, Any]] = {
        "the same": KIM,
        "the same address alone": {"email": " KIM@case.test "},
        "the same name and number": {"firstName": "KIM", "lastName": "Özturk", "phones": phone},
    }
    others: dict[str, dict[str, Any]] = {
        "the same name alone": {"firstName": "Kim", "lastName": "Öztürk"},
        "the same number alone": {"lastName": "Other", "phones": phone},
        "another name at the address": {"firstName": "Lou", "email": "kim@case.test"},
        "another company": {"companyName": "Süd GmbH", "email": "kim@case.test"},
        "another address": {**KIM, "email": "kim2@case.test"},
    }
    kim = {"id": first["contact"]["id"], "name": "Kim Öztürk"}
    for what, given in others.items():
        made = (await firm.owner.ask(CREATE, input=given)).payload()
        assert kim not in made["possibleDuplicates"], what
    for what, given in alike.items():
        made = (await firm.owner.ask(CREATE, input=given)).payload()
        assert kim in made["possibleDuplicates"], what
    changed = await firm.owner.ask(UPDATE, input={"id": kim["id"], "middleName": "M"})
    assert changed.payload()["possibleDuplicates"] == []


async def test_the_new_contacts_of_an_account_are_looked_at_too(firm: Firm) -> None:
    first = (await firm.owner.ask(CREATE, input=KIM)).payload()["contact"]
    new = {"contact": {"new": KIM}}
    given = {"type": "OTHER", "name": "A", "contacts": [new], "idempotencyKey": "once"}
    made = (await firm.owner.ask(CREATE_ACCOUNT, input=given)).payload()
    assert made["possibleDuplicates"] == [{"name": "Kim Öztürk"}]
    given = {"type": "OTHER", "name": "B", "contacts": [{"contact": {"id": first["id"]}}]}
    other = (await firm.owner.ask(CREATE_ACCOUNT, input=given)).payload()
    assert other["possibleDuplicates"] == []
    given = {"accountId": other["account"]["id"], "contact": new}
    added = (await firm.owner.ask(ADD, input=given)).payload()
    assert added["possibleDuplicates"] == [{"name": "Kim Öztürk"}] * 2
