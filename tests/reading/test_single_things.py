"""What is read by its id, and the firm with its members and its portal."""

from __future__ import annotations

from models.enums import Locale, Role
from tests.deployments import Deployed

NODES = """
query ($ids: [ID!]!, $id: ID!) {
  nodes(ids: $ids) {
    __typename id
    ... on Account { name } ... on Contact { name } ... on AccountContact { login }
    ... on Invitation { status } ... on Member { email } ... on Firm { slug }
    ... on Notification { kind }
  }
  node(id: $id) { __typename id }
}
"""
EVERYTHING = """
{
  firm { id name slug locale timeZone signUpEnabled portalUrl createdAt }
  members { id email firstName role status locale permissions createdAt }
  notifications { nodes { id } }
}
"""
ONE = "query ($id: ID!) { account(id: $id) { id } contact(id: $id) { id } node(id: $id) { id } }"
PORTAL = "query ($firm: String!) { portal(firm: $firm) { name slug locale signUpEnabled } }"


async def test_anything_is_had_by_its_id(deployed: Deployed) -> None:
    firm, foreign = await deployed.firm(), await deployed.firm()
    account = await firm.account(invited=True)
    await firm.client(account)
    entry = account["contacts"]["nodes"][0]
    around = (await firm.owner.ask(EVERYTHING)).data
    ids = [
        account["id"],
        entry["contact"]["id"],
        entry["id"],
        entry["invitation"]["id"],
        around["members"][0]["id"],
        around["firm"]["id"],
        around["notifications"]["nodes"][0]["id"],
    ]
    theirs = (await foreign.account())["id"]
    asked = [*ids, theirs, ids[0], "acct_nobody", "nonsense", ""]
    found = (await firm.owner.ask(NODES, ids=asked, id=ids[1])).data
    assert [node and node["id"] for node in found["nodes"]] == [*ids, None, ids[0]] + [None] * 3
    assert [node["__typename"] for node in found["nodes"][:7]] == [
        "Account",
        "Contact",
        "AccountContact",
        "Invitation",
        "Member",
        "Firm",
        "Notification",
    ]
    assert found["node"] == {"__typename": "Contact", "id": ids[1]}
    for id in (theirs, "acct_nobody", "", "acct_\0", "x" * 300):
        nothing = (await firm.owner.ask(ONE, id=id)).data
        assert nothing == {"account": None, "contact": None, "node": None}
    many = await firm.owner.ask(NODES, ids=[ids[0]] * 201, id="x")
    assert many.codes == ["BAD_REQUEST"]


async def test_a_member_sees_the_firm_and_its_members(deployed: Deployed) -> None:
    firm = await deployed.firm(Locale.DE)
    await deployed.firm()
    member = await firm.member(role=Role.ADMIN, locale=Locale.EN)
    found = (await member.ask(EVERYTHING)).data
    assert (found["firm"]["slug"], found["firm"]["locale"]) == (firm.slug, "DE")
    assert found["firm"]["timeZone"]
    assert found["firm"]["portalUrl"] == f"{deployed.settings.base_url}/p/{firm.slug}"
    roles = {entry["role"]: entry for entry in found["members"]}
    assert set(roles) == {"OWNER", "ADMIN"}
    assert roles["OWNER"]["email"] == firm.owner_email
    assert (roles["ADMIN"]["locale"], roles["ADMIN"]["status"]) == ("EN", "ACTIVE")
    assert "MANAGE_ACCOUNTS" in roles["OWNER"]["permissions"]


async def test_anybody_sees_the_face_of_a_portal(deployed: Deployed) -> None:
    firm = await deployed.firm(Locale.DE)
    face = (await deployed.nobody.ask(PORTAL, firm=firm.slug)).data["portal"]
    assert face == {
        "name": f"Firm {firm.slug}",
        "slug": firm.slug,
        "locale": "DE",
        "signUpEnabled": False,
    }
    for slug in ("nobody", "", "é", "\0", "x" * 300):
        assert (await deployed.nobody.ask(PORTAL, firm=slug)).data["portal"] is None


async def test_members_things_are_read_by_members_alone(deployed: Deployed) -> None:
    firm = await deployed.firm()
    account = await firm.account(invited=True)
    client = await firm.client(account)
    for document, given in ((EVERYTHING, {}), (ONE, {"id": account["id"]})):
        assert set((await client.ask(document, **given)).codes) == {"FORBIDDEN"}
        assert set((await deployed.nobody.ask(document, **given)).codes) == {"UNAUTHENTICATED"}
