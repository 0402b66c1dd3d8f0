"""What is beyond a limited member's reach is as absent as what never was, wherever ids are taken.

The schema is walked as it is, by the calls of `calls.py`: as a member who may do everything but see
every account, with the ids of an account that is assigned to somebody else.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import pytest

from models.enums import Permission
from models.ids import new_id
from tests.deployments import Deployed, Voice, running
from tests.isolation.calls import ANYONE, CALLS, CLIENTS, filled, ids_in
from tests.isolation.twins import MAKE, SILENCE, Twin, newest, send, twins
from tests.isolation.walk import document, root_fields

HIDDEN = ("account_contact", "account", "contact", "invitation", "notification", "audit_event")
OTHERS = [each for each in Permission if each is not Permission.VIEW_ALL_ACCOUNTS]


def hidden_kind(its: str) -> str | None:
    """What of the hidden account stands in the place of the twin's *its*; None for other kinds."""
    if its == "switch_removable":
        return "account_contact"
    return next((kind for kind in HIDDEN if its == kind or its.endswith(f"_{kind}")), None)


PLACES = [
    pytest.param(name, number, path, kind, id=f"{name}{number or ''}.{'.'.join(map(str, path))}")
    for name, call in CALLS.items()
    if call.who not in (ANYONE, CLIENTS)
    for number, variables in enumerate(call.variables)
    for path, its in ids_in(variables)
    if (kind := hidden_kind(its.name)) is not None
]
ASSIGN = """
mutation ($input: UpdateAccountInput!) { updateAccount(input: $input) { errors { code } } }
"""
TRAIL = "query ($id: ID!) { auditEvents(subjectId: $id) { nodes { id } } }"
INBOX = "{ notifications { totalCount unreadCount nodes { id kind account { id } } } }"


@dataclass
class Limited:
    """A member who sees the twin's accounts, and what the firm has beside them."""

    twin: Twin
    voice: Voice
    hidden: dict[str, str] = field(default_factory=dict)
    canaries: list[str] = field(default_factory=list)

    def shows_nothing(self, text: str) -> None:
        """Fails where *text* tells anything of what is hidden."""
        secrets = [*self.canaries, *self.hidden.values()]
        assert [secret for secret in secrets if secret in text] == []


async def limited_in(deployed: Deployed) -> Limited:
    """A firm with a limited member, who looks after all but one of its accounts."""
    twin, _ = await twins(deployed)
    voice = await twin.firm.member(*OTHERS, limited=True)
    me = (await voice.ask("{ viewer { ... on Member { id } } }")).data["viewer"]["id"]
    for name in ("account", "pending_account", "archived_account", "switch_account"):
        given = {"id": twin.ids[name], "assigneeIds": [me]}
        (await twin.owner.ask(ASSIGN, input=given)).payload()
    given = {"id": twin.ids["revocable_account"], "assigneeIds": [me, twin.ids["member"]]}
    (await twin.owner.ask(ASSIGN, input=given)).payload()
    found = Limited(twin, voice)
    start = len(twin.canaries)
    person = {name: twin.canary() for name in ("firstName", "lastName", "externalReference")}
    address = f"{twin.canary()}@hidden.test"
    made = await twin.owner.ask(
        MAKE,
        input={
            "type": "INDIVIDUAL",
            "name": twin.canary(),
            "tagIds": [twin.ids["tag"]],
            "contacts": [
                {
                    "contact": {"new": {**person, "email": address, "tagIds": [twin.ids["tag"]]}},
                    "login": True,
                    "invite": {"message": twin.canary()},
                }
            ],
        },
    )
    account = made.payload()["account"]
    (entry,) = account["contacts"]["nodes"]
    found.hidden = {
        "account": account["id"],
        "account_contact": entry["id"],
        "contact": entry["contact"]["id"],
        "invitation": entry["invitation"]["id"],
    }
    found.canaries = twin.canaries[start:]
    # While they look after it a client activates, and they are told; then they do not any more.
    assign = {"id": account["id"], "assigneeIds": [me]}
    (await twin.owner.ask(ASSIGN, input=assign)).payload()
    token = (await newest(deployed, address)).token
    activate = "mutation ($i: ActivateInput!) { activate(input: $i) { errors { code } } }"
    given = {"token": token, "password": "a garden full of lanterns"}
    (await deployed.nobody.ask(activate, i=given)).payload()
    told = (await voice.ask(INBOX)).data["notifications"]["nodes"]
    found.hidden["notification"] = told[0]["id"]
    (await twin.owner.ask(ASSIGN, input={**assign, "assigneeIds": []})).payload()
    trail = (await twin.owner.ask(TRAIL, id=account["id"])).data["auditEvents"]
    found.hidden["audit_event"] = trail["nodes"][0]["id"]
    return found


@pytest.fixture(scope="module")
async def limited(
    module_url: str, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncGenerator[Limited]:
    """A limited member; tests must leave the firm as it is."""
    async with running(module_url, tmp_path_factory.mktemp("limited")) as deployed:
        yield await limited_in(deployed)


def test_every_kind_of_id_is_tried() -> None:
    assert {place.values[3] for place in PLACES} == set(HIDDEN)


@pytest.mark.parametrize(("name", "number", "path", "kind"), PLACES)
async def test_an_id_beyond_reach_is_as_absent_as_one_that_never_was(
    limited: Limited, name: str, number: int, path: tuple[Any, ...], kind: str
) -> None:
    hidden = limited.hidden[kind]
    text, call = document(name), CALLS[name].variables[number]
    before = await limited.twin.rows()

    async def answer_for(id: str) -> tuple[int, str]:
        answer = await send(limited.voice, text, filled(call, limited.twin, (path, id)))
        assert "INTERNAL" not in answer.text, answer.text
        told = answer.text.replace(id, "ID")
        limited.shows_nothing(told)
        return answer.status_code, told

    never = await answer_for(new_id(hidden.partition("_")[0]))
    assert await answer_for(hidden) == never
    assert await limited.twin.rows() == before


async def test_whatever_is_read_holds_nothing_beyond_reach(limited: Limited) -> None:
    for name, call in CALLS.items():
        if root_fields()[name][0] != "query" or call.who == CLIENTS:
            continue
        for variables in call.variables:
            asked = filled(variables, limited.twin)
            answer = await send(limited.voice, document(name, depth=5), asked)
            # The trail is for owners and admins, who see everything.
            refused = name == "auditEvents"
            assert ("errors" in answer.json()) == refused, answer.text
            limited.shows_nothing(answer.text)
    owners = await send(limited.twin.owner, document("accounts", depth=5), {})
    assert limited.hidden["account"] in owners.text


async def test_a_subscription_tells_nothing_beyond_reach(limited: Limited) -> None:
    text = document("notificationReceived")
    answer = await send(limited.voice, text, {"after": "noti_" + "0" * 32})
    assert answer.json() == SILENCE
    assert (await limited.voice.ask(INBOX)).data["notifications"] == {
        "totalCount": 0,
        "unreadCount": 0,
        "nodes": [],
    }


COUNTS = """
query ($tags: [ID!], $secret: String!, $short: String!, $address: String!) {
  accounts { totalCount }
  tagged: accounts(filter: { tags: { any: $tags } }) { totalCount }
  found: accounts(filter: { search: $secret }) { totalCount }
  briefly: accounts(filter: { search: $short }) { totalCount }
  contacts { totalCount }
  people: contacts(filter: { search: $secret }) { totalCount }
  addressed: contacts(filter: { email: $address }) { totalCount }
  tags { id accountCount contactCount }
}
"""


async def test_counts_and_searches_are_of_what_is_in_reach(limited: Limited) -> None:
    twin = limited.twin
    asked = {
        "tags": [twin.ids["tag"]],
        "secret": limited.canaries[1],
        "short": "ca",
        "address": f"{limited.canaries[3]}@hidden.test",
    }
    mine = (await limited.voice.ask(COUNTS, **asked)).data
    every = (await twin.owner.ask(COUNTS, **asked)).data
    for name in ("found", "people", "addressed"):
        assert (mine[name]["totalCount"], every[name]["totalCount"]) == (0, 1), name
    for name in ("accounts", "tagged", "briefly"):
        assert mine[name]["totalCount"] == every[name]["totalCount"] - 1, name
    # Beside the hidden one there is a contact that is in no account.
    assert mine["contacts"]["totalCount"] == every["contacts"]["totalCount"] - 2
    for one, all_ in zip(mine["tags"], every["tags"], strict=True):
        less = 1 if one["id"] == twin.ids["tag"] else 0
        assert one["accountCount"] == all_["accountCount"] - less
        assert one["contactCount"] == all_["contactCount"] - less


BULK = """
mutation ($tags: [ID!]!, $members: [ID!]!, $template: ID!) {
  archiveAccounts(filter: {}, dryRun: true) { count accounts { id } errors { code } }
  tag(input: { filter: {}, tagIds: $tags, dryRun: true }) { count: subjectCount errors { code } }
  people: tag(input: { contactFilter: { hasAccount: true }, tagIds: $tags, dryRun: true }) {
    count: subjectCount errors { code }
  }
  assign(input: { filter: {}, memberIds: $members, dryRun: true }) { count errors { code } }
  updateAccountContacts(input: { filter: {}, sync: false, dryRun: true }) {
    count accountContacts { id } errors { code }
  }
  applyFolderTemplate(input: { filter: {}, folderTemplateId: $template, dryRun: true }) {
    count accounts { id } errors { code }
  }
}
"""


async def test_a_filter_that_is_written_over_finds_what_is_in_reach(limited: Limited) -> None:
    twin = limited.twin
    given = {
        "tags": [twin.ids["spare_tag"]],
        "members": [twin.ids["colleague"]],
        "template": twin.ids["folder_template"],
    }
    mine = await limited.voice.ask(BULK, **given)
    limited.shows_nothing(repr(mine.body))
    every = await twin.owner.ask(BULK, **given)
    for name, found in mine.data.items():
        assert found["errors"] == []
        assert found["count"] == every.data[name]["count"] - 1 > 0, name
