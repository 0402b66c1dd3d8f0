"""Custom fields of a firm, and the values that accounts and contacts have in them."""

from __future__ import annotations

from typing import Any

from tests.deployments import Answer, Voice

CREATE_FIELD = """
mutation ($input: CreateCustomFieldInput!) {
  createCustomField(input: $input) {
    customField { id target type name options required position }
    removedValues errors { path code message }
  }
}
"""
UPDATE_FIELD = """
mutation ($input: UpdateCustomFieldInput!) {
  updateCustomField(input: $input) {
    customField { id target type name options required position }
    removedValues errors { path code message }
  }
}
"""
DELETE_FIELD = """
mutation ($id: ID!) { deleteCustomField(id: $id) { deletedId touched errors { path code } } }
"""
FIELDS = """
query ($target: CustomFieldTarget) {
  customFields(target: $target) { id target type name options required position }
}
"""
CREATE_ACCOUNT = """
mutation ($input: CreateAccountInput!) {
  createAccount(input: $input) {
    account {
      id customFields { field { name } value }
      contacts { nodes { contact { id customFields { field { name } value } } } }
    }
    errors { path code message }
  }
}
"""
UPDATE_ACCOUNT = """
mutation ($input: UpdateAccountInput!) {
  updateAccount(input: $input) {
    account { id customFields { field { id name } value } } errors { path code message }
  }
}
"""
CREATE_CONTACT = """
mutation ($input: CreateContactInput!) {
  createContact(input: $input) {
    contact { id customFields { field { name } value } } errors { path code message }
  }
}
"""
UPDATE_CONTACT = """
mutation ($input: UpdateContactInput!) {
  updateContact(input: $input) {
    contact { id customFields { field { name } value } } errors { path code message }
  }
}
"""
FIND_ACCOUNTS = """
query ($filter: AccountFilter) { accounts(filter: $filter) { totalCount nodes { name } } }
"""
FIND_CONTACTS = """
query ($filter: ContactFilter) { contacts(filter: $filter) { totalCount nodes { lastName } } }
"""

KIM = {"contact": {"new": {"firstName": "Kim", "lastName": "Case"}}}


async def define(voice: Voice, kind: str, name: str, *options: str, **more: Any) -> dict[str, Any]:
    """A field, of accounts unless a target is given."""
    given: dict[str, Any] = {"target": "ACCOUNT", "type": kind, "name": name, **more}
    if options:
        given["options"] = list(options)
    return (await voice.ask(CREATE_FIELD, input=given)).payload()["customField"]


async def account(voice: Voice, name: str = "A", **values: Any) -> str:
    """An account with values by the ids of their fields; returns its id."""
    listed = [{"fieldId": id, "value": value} for id, value in values.items()]
    given = {"type": "OTHER", "name": name, "contacts": [KIM], "customFields": listed}
    return (await voice.ask(CREATE_ACCOUNT, input=given)).payload()["account"]["id"]


async def fill(voice: Voice, id: str, **values: Any) -> Answer:
    """Fills fields of an account, by their ids."""
    listed = [{"fieldId": field, "value": value} for field, value in values.items()]
    return await voice.ask(UPDATE_ACCOUNT, input={"id": id, "customFields": listed})


def values(row: dict[str, Any]) -> dict[str, Any]:
    """The values of an account or contact by the names of their fields, in the fields' order."""
    return {each["field"]["name"]: each["value"] for each in row["customFields"]}


async def found(voice: Voice, *conditions: dict[str, Any], search: str | None = None) -> list[str]:
    """The names of the accounts that custom fields, or a search, find."""
    given: dict[str, Any] = {"customFields": list(conditions)}
    if search is not None:
        given["search"] = search
    answer = (await voice.ask(FIND_ACCOUNTS, filter=given)).data["accounts"]
    assert answer["totalCount"] == len(answer["nodes"])
    return [node["name"] for node in answer["nodes"]]
