"""What the firm is told, and who of it."""

from __future__ import annotations

from models.enums import Locale, Permission
from tests.deployments import Deployed, Firm
from tests.documents import ACCOUNT, ARCHIVE_ACCOUNTS, DELETE_ACCOUNT

ME = "{ viewer { ... on Member { id email } } }"
INBOX = """
query ($first: Int, $after: String, $unread: Boolean) {
  notifications(first: $first, after: $after, unreadOnly: $unread) {
    totalCount unreadCount pageInfo { hasNextPage endCursor }
    nodes { id kind title body url readAt account { id name } }
  }
}
"""
MARK = """
mutation ($ids: [ID!]) {
  markNotificationsRead(ids: $ids) { count errors { path code message } }
}
"""


async def test_an_activation_is_told_to_the_owners_where_nobody_is_assigned(firm: Firm) -> None:
    bystander = await firm.member(Permission.MANAGE_ACCOUNTS)
    account = await firm.account(invited=True)
    await firm.client(account)
    inbox = (await firm.owner.ask(INBOX)).data["notifications"]
    (told,) = inbox["nodes"]
    assert told["kind"] == "CLIENT_ACTIVATED"
    assert told["title"] == f"{account['name']} has activated the portal"
    assert account["number"] in told["body"]
    assert told["account"] == {"id": account["id"], "name": account["name"]}
    assert told["url"] == f"{firm.deployed.settings.base_url}/accounts/{account['id']}"
    (letter,) = await firm.deployed.mails_to(firm.owner_email)
    assert told["url"] in letter.text
    assert account["name"] in letter.text
    assert (await bystander.ask(INBOX)).data["notifications"]["totalCount"] == 0


async def test_an_activation_is_told_to_the_assignees_by_mail(firm: Firm) -> None:
    assignee = await firm.member(locale=Locale.DE)
    me = (await assignee.ask(ME)).data["viewer"]
    account = await firm.account(invited=True, assigneeIds=[me["id"]])
    await firm.client(account)
    (told,) = (await assignee.ask(INBOX)).data["notifications"]["nodes"]
    assert told["title"] == f"{account['name']} hat das Portal aktiviert"
    (letter,) = await firm.deployed.mails_to(me["email"])
    assert letter.subject == f"{account['name']} hat das Portal aktiviert"
    # The owners find it in the inbox, and get no mail.
    assert (await firm.owner.ask(INBOX)).data["notifications"]["totalCount"] == 1
    assert await firm.deployed.mails_to(firm.owner_email) == []


async def test_the_inbox_is_read_marked_and_paged(firm: Firm) -> None:
    member = await firm.member()
    me = (await member.ask(ME)).data["viewer"]["id"]
    accounts = [await firm.account(invited=True, assigneeIds=[me]) for _ in range(3)]
    for account in accounts:
        await firm.client(account)
    inbox = (await firm.owner.ask(INBOX)).data["notifications"]
    assert (inbox["totalCount"], inbox["unreadCount"]) == (3, 3)
    newest_first = [account["id"] for account in reversed(accounts)]
    assert [told["account"]["id"] for told in inbox["nodes"]] == newest_first

    ids = [told["id"] for told in inbox["nodes"]]
    assert (await firm.owner.ask(MARK, ids=ids[:1])).payload()["count"] == 1
    assert (await firm.owner.ask(MARK, ids=ids[:1])).payload()["count"] == 0
    unread = (await firm.owner.ask(INBOX, unread=True, first=1)).data["notifications"]
    assert (unread["totalCount"], unread["unreadCount"]) == (2, 2)
    assert [told["id"] for told in unread["nodes"]] == ids[1:2]
    rest = await firm.owner.ask(INBOX, unread=True, after=unread["pageInfo"]["endCursor"])
    assert [told["id"] for told in rest.data["notifications"]["nodes"]] == ids[2:]
    read = (await firm.owner.ask(INBOX)).data["notifications"]
    assert [told["readAt"] is None for told in read["nodes"]] == [False, True, True]
    assert (read["totalCount"], read["unreadCount"]) == (3, 2)

    # Everybody marks only their own.
    foreign = await member.ask(MARK, ids=[ids[1]])
    assert foreign.refusals() == [("ids.0", "NOT_FOUND")]
    assert (await member.ask(MARK)).payload()["count"] == 3
    assert (await firm.owner.ask(INBOX)).data["notifications"]["unreadCount"] == 2
    mixed = await firm.owner.ask(MARK, ids=[ids[1], "noti_nobody"])
    assert mixed.refusals() == [("ids.1", "NOT_FOUND")]
    assert (await firm.owner.ask(MARK, ids=[])).payload()["count"] == 0
    assert (await firm.owner.ask(MARK, ids=None)).payload()["count"] == 2
    assert (await firm.owner.ask(INBOX)).data["notifications"]["unreadCount"] == 0


async def test_the_inbox_is_for_members(deployed: Deployed) -> None:
    firm = await deployed.firm()
    client = await firm.client(await firm.account(invited=True))
    for document in (INBOX, MARK):
        assert (await client.ask(document)).codes == ["FORBIDDEN"]
        assert (await deployed.nobody.ask(document)).codes == ["UNAUTHENTICATED"]
    other = await deployed.firm()
    assert (await other.owner.ask(INBOX)).data["notifications"]["totalCount"] == 0


async def test_what_was_told_of_an_account_goes_with_it(firm: Firm) -> None:
    account = await firm.account(invited=True)
    await firm.client(account)
    await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[account["id"]])
    assert (await firm.owner.ask(INBOX)).data["notifications"]["totalCount"] == 1
    (await firm.owner.ask(DELETE_ACCOUNT, id=account["id"])).payload()
    assert (await firm.owner.ask(INBOX)).data["notifications"]["totalCount"] == 0


async def test_a_refused_address_fails_and_is_told(refused: Deployed) -> None:
    firm = await refused.firm()
    account = await firm.account(invited=True)
    address = account["contacts"]["nodes"][0]["contact"]["email"]
    await refused.deliver()
    found = (await firm.owner.ask(ACCOUNT, id=account["id"])).data["account"]
    invitation = found["contacts"]["nodes"][0]["invitation"]
    assert (invitation["status"], invitation["delivery"]) == ("PENDING", "FAILED")
    inbox = (await firm.owner.ask(INBOX)).data["notifications"]
    (told,) = inbox["nodes"]
    assert (told["kind"], inbox["unreadCount"]) == ("INVITATION_BOUNCED", 1)
    assert address in told["body"]
    assert told["account"]["id"] == account["id"]
    trail = "{ auditEvents(first: 1) { nodes { action changes actor { __typename } ipAddress } } }"
    (event,) = (await firm.owner.ask(trail)).data["auditEvents"]["nodes"]
    assert event == {
        "action": "invitation.bounced",
        "changes": {"delivery": ["QUEUED", "FAILED"]},
        "actor": None,
        "ipAddress": None,
    }
