"""Who may call what: written down in `calls.py`, and tried for every root field there is."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry
from graphql import GraphQLObjectType, get_named_type

from auth.permissions import members
from models.enums import Permission
from resolvers.run import plainly, run
from resolvers.unit import Unit
from schema.build import _refuse_open_fields, graphql_schema
from schema.fields import mutation
from tenancy.caller import Visit
from tests.deployments import Deployed, Firm, Voice
from tests.isolation.calls import ANYONE, CALLS, CLIENTS, MEMBERS, filled
from tests.isolation.twins import Twin, send
from tests.isolation.walk import SCHEMA, document, possible, root_fields

OPEN_TO_ANYONE = {
    "viewer",
    "portal",
    "activation",
    "signIn",
    "activate",
    "requestNewInvitation",
    "requestPasswordReset",
    "resetPassword",
    "signUp",
    "finishSignUp",
}
each_field = pytest.mark.parametrize("name", sorted(CALLS))


def test_what_is_open_to_anyone_is_a_short_list() -> None:
    assert {name for name, call in CALLS.items() if call.who == ANYONE} == OPEN_TO_ANYONE


def test_every_mutation_of_members_but_one_needs_a_permission() -> None:
    without = {
        name
        for name, call in CALLS.items()
        if root_fields()[name][0] == "mutation" and call.who == MEMBERS and call.needs is None
    }
    # One's own inbox, and what comes into it.
    assert without == {"markNotificationsRead", "updateNotificationPreferences"}


async def codes(
    voice: Voice, name: str, twin: Twin, *, needing: Permission | None = None
) -> set[str]:
    """The codes that the field's calls (*needing* a permission) are answered with; all alike."""
    found: set[str] = set()
    call = CALLS[name]
    for variables in call.variables if needing is None else call.that_need(needing):
        answer = await send(voice, document(name), filled(variables, twin))
        found |= {
            error["extensions"]["code"]
            for error in answer.json().get("errors", [{"extensions": {"code": ""}}])
        }
    return found


@pytest.fixture(scope="module")
async def strangers(pair: tuple[Twin, Twin]) -> dict[str, Voice]:
    """Voices that are nobody's, or may do less than others."""
    twin = pair[0]
    ended = await twin.firm.sign_in(twin.texts["owner"])
    await ended.ask("mutation { signOut { errors { code } } }")
    found = {
        "nobody": twin.deployed.nobody,
        "a token of nobody": Voice(twin.deployed, "x" * 32 + "." + "y" * 43),
        "an ended session": ended,
        "a member without permissions": await twin.firm.member(),
    }
    for permission in Permission:
        others = [each for each in Permission if each is not permission]
        found[permission.value] = await twin.firm.member(*others)
    return found


@each_field
async def test_whoever_is_not_signed_in_is_told_so_by_every_other_field(
    pair: tuple[Twin, Twin], strangers: dict[str, Voice], name: str
) -> None:
    before = await pair[0].rows()
    if name in OPEN_TO_ANYONE:
        return
    for who in ("nobody", "a token of nobody", "an ended session"):
        assert await codes(strangers[who], name, pair[0]) == {"UNAUTHENTICATED"}, who
    assert await pair[0].rows() == before


@each_field
async def test_a_client_may_not_use_what_is_the_members(pair: tuple[Twin, Twin], name: str) -> None:
    if CALLS[name].who == MEMBERS:
        before = await pair[0].rows()
        assert await codes(pair[0].client, name, pair[0]) == {"FORBIDDEN"}
        assert await pair[0].rows() == before


async def test_a_member_may_not_use_what_is_the_clients(pair: tuple[Twin, Twin]) -> None:
    theirs = {name for name, call in CALLS.items() if call.who == CLIENTS}
    assert theirs == {"switchAccount", "portalAccount"}
    for name in theirs:
        assert await codes(pair[0].owner, name, pair[0]) == {"FORBIDDEN"}


@each_field
async def test_a_member_who_lacks_the_permission_is_refused(
    pair: tuple[Twin, Twin], strangers: dict[str, Voice], name: str
) -> None:
    needs = CALLS[name].needs
    if needs is None:
        return
    before = await pair[0].rows()
    assert await codes(strangers["a member without permissions"], name, pair[0]) == {"FORBIDDEN"}
    for needing in {needs, *CALLS[name].others.values()}:
        refused = await codes(strangers[needing.value], name, pair[0], needing=needing)
        assert refused == {"FORBIDDEN"}, needing
    assert await pair[0].rows() == before


async def test_the_input_can_need_one_more_permission(firm: Firm) -> None:
    """Otherwise whoever may add an account could open it, or make contacts, by the way."""
    account = await firm.account()
    contact = account["contacts"]["nodes"][0]["contact"]["id"]
    desk = await firm.member(Permission.MANAGE_ACCOUNTS)
    create = "mutation ($input: CreateAccountInput!) { createAccount(input: $input) { errors { code } } }"
    for entry in (
        {"contact": {"new": {"lastName": "Neu"}}},
        {"contact": {"id": contact}, "login": True},
        {"contact": {"id": contact}, "login": True, "invite": {}},
    ):
        given = {"type": "INDIVIDUAL", "contacts": [entry]}
        assert (await desk.ask(create, input=given)).codes == ["FORBIDDEN"]
    allowed = {"type": "INDIVIDUAL", "contacts": [{"contact": {"id": contact}}]}
    assert (await desk.ask(create, input=allowed)).payload()["errors"] == []


def test_from_a_portal_user_only_the_portals_types_and_folders_can_be_reached() -> None:
    reached: set[str] = set()
    waiting = ["PortalUser"]
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        kind = SCHEMA.type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        for field in kind.fields.values():
            waiting.extend(each.name for each in possible(get_named_type(field.type)))
    assert {name for name in reached if not name.startswith("Portal")} == {"Folder"}


async def test_a_client_reads_nothing_that_the_firm_keeps_to_itself(
    pair: tuple[Twin, Twin],
) -> None:
    mine = pair[0]
    told = (await send(mine.client, document("viewer", depth=6), {})).text
    account = (
        await mine.owner.ask(
            "query ($id: ID!) { account(id: $id) { externalReference companyAddress { street }"
            " number } }",
            id=mine.ids["account"],
        )
    ).data["account"]
    assert account["externalReference"] not in told
    assert account["companyAddress"]["street"] not in told
    for secret in ("member", "contact", "account_contact", "notification", "invitation"):
        assert mine.ids[secret] not in told


@pytest.mark.parametrize(
    "extra", ["firmId", "firm_id", "id", "createdAt", "number", "status", "role", "portalStatus"]
)
async def test_a_field_that_an_input_does_not_have_is_refused(
    pair: tuple[Twin, Twin], extra: str
) -> None:
    mine, other = pair
    variables = filled(CALLS["createAccount"].variables[0], mine)
    variables["input"][extra] = other.ids["firm"]
    before = await mine.rows(), await other.rows()
    answer = await send(mine.owner, document("createAccount"), variables)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) in (
        (200, "BAD_REQUEST"),
        (400, "BAD_REQUEST"),
    )
    assert "data" not in answer.json()
    assert (await mine.rows(), await other.rows()) == before


def test_a_root_field_without_an_audience_does_not_start() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def open(self) -> int:
            return 1

    with pytest.raises(LookupError, match="open does not say who may use it"):
        _refuse_open_fields(graphql_schema(strawberry.Schema(query=Query)))


def test_a_mutation_without_an_audience_does_not_start() -> None:
    async def undeclared(unit: Unit) -> None: ...

    with pytest.raises(LookupError, match="does not say who may call it"):
        mutation(undeclared)


async def test_a_use_case_without_an_audience_does_not_run(deployed: Deployed) -> None:
    ran: list[Any] = []

    async def undeclared(unit: Unit) -> None:
        ran.append(unit)

    with pytest.raises(LookupError, match="does not say who may call it"):
        await run(deployed.deployment, Visit(operator=True), undeclared, answer=plainly)
    members(undeclared)
    assert ran == []


async def test_another_members_inbox_is_as_absent_as_another_firms(
    fresh: tuple[Twin, Twin],
) -> None:
    mine, other = fresh
    colleague = await mine.firm.member(*Permission)
    inbox = "{ notifications { totalCount unreadCount nodes { id } } }"
    assert (await colleague.ask(inbox)).data == {
        "notifications": {"totalCount": 0, "unreadCount": 0, "nodes": []}
    }
    mark = "mutation ($ids: [ID!]) { markNotificationsRead(ids: $ids) { count errors { code } } }"
    for id in (mine.ids["notification"], other.ids["notification"]):
        answer = await send(colleague, document("node"), {"id": id})
        assert answer.json() == {"data": {"node": None}}
        assert (await colleague.ask(mark, ids=[id])).data["markNotificationsRead"] == {
            "count": 0,
            "errors": [{"code": "NOT_FOUND"}],
        }
    assert (await mine.owner.ask(inbox)).data["notifications"]["unreadCount"] > 0
