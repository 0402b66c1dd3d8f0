"""Who is told of what: each member of their own, once, in order, and nothing is missed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from models import Account, Member
from models.enums import NotificationKind, Permission
from resolvers.notification_preferences import preferences_of
from resolvers.notifying import AccountNews, _notifications, _Place, _write
from tenancy.outage import Unavailable
from tenancy.session import firm_session
from tests.deployments import Deployed, Firm, Voice
from tests.documents import ARCHIVE_ACCOUNTS, DELETE_ACCOUNT
from tests.subscriptions.conftest import RECEIVED, Endpoint

ME = "{ viewer { ... on Member { id } } firm { id } }"
INBOX = "{ notifications(first: 200) { nodes { id } } }"
WHOLE = """
subscription Follow($deep: Boolean! = true) {
  told: notificationReceived {
    __typename id kind title body url readAt createdAt
    account @include(if: $deep) { ...Accounts }
  }
}
fragment Accounts on Account {
  name people: contacts { totalCount nodes { contact { name email } login } }
}
"""


async def inbox(voice: Voice) -> list[str]:
    """The ids of all that a member was told, the oldest first."""
    nodes = (await voice.ask(INBOX)).data["notifications"]["nodes"]
    return [node["id"] for node in reversed(nodes)]


async def tell(deployed: Deployed, firm_id: str, *member_ids: str) -> None:
    """One notification for each of these members, in a transaction of its own."""
    async with firm_session(deployed.deployment.database, firm_id) as session:
        await telling(session, firm_id, *member_ids)
        await session.commit()
    deployed.deployment.signals.committed()


async def telling(session: Any, firm_id: str, *member_ids: str) -> None:
    account = (await session.scalars(select(Account))).first()
    members = await session.scalars(select(Member).where(Member.id.in_(member_ids)))
    news = AccountNews(
        kind=NotificationKind.CLIENT_ACTIVATED,
        title=lambda _: "Told",
        body=lambda _: "…",
        account=account,
    )
    told = _notifications(
        news,
        members.all(),
        await preferences_of(session, list(member_ids)),
        _Place(account, f"http://x/accounts/{account.id}"),
        now=account.created_at,
    )
    await _write(session, firm_id, told)


async def test_an_event_is_told_to_its_member_as_a_query_would_tell_it(
    firm: Firm, endpoint: Endpoint
) -> None:
    async with (
        endpoint.greeted(firm.owner) as frames,
        endpoint.stream(firm.owner, WHOLE, deep=False) as stream,
    ):
        await frames.subscribe("1", WHOLE)
        second = {"contact": {"new": {"lastName": "Zwei\nZeilen"[:4]}}}
        first = {"firstName": "Mia", "lastName": "Brandt", "email": "mia@c.test"}
        account = await firm.account(
            invited=True,
            name="Line",
            contacts=[{"contact": {"new": first}, "login": True, "invite": {}}, second],
        )
        await firm.client(account)
        told = await frames.receive()
        nodes = "id kind title body url readAt createdAt account { ...Accounts }"
        fragment = WHOLE[WHOLE.index("fragment") :]
        queried = await firm.owner.ask(
            f"{{ notifications {{ nodes {{ __typename {nodes} }} }} }} {fragment}"
        )
        [expected] = queried.data["notifications"]["nodes"]
        assert told == {"id": "1", "type": "next", "payload": {"data": {"told": expected}}}
        assert expected["account"]["people"]["totalCount"] == 2
        event = await stream.next()
        del expected["account"]
        assert (event.name, event.id) == ("next", expected["id"])
        assert event.result == {"data": {"told": expected}}


async def test_nobody_hears_what_is_another_members_or_another_firms(
    deployed: Deployed, endpoint: Endpoint
) -> None:
    firm, other = await deployed.firm(), await deployed.firm()
    colleague = await firm.member(*Permission)
    silent = [colleague, other.owner]
    async with endpoint.greeted(firm.owner) as mine:
        await mine.subscribe("mine", RECEIVED)
        for voice in silent:
            async with (
                endpoint.greeted(voice) as frames,
                endpoint.stream(voice, RECEIVED) as stream,
            ):
                await frames.subscribe("theirs", RECEIVED, after="noti_" + "0" * 32)
                await firm.client(await firm.account(invited=True))
                assert (await mine.receive())["payload"]["data"]["notificationReceived"]
                assert await frames.is_silent(1 if voice is colleague else 2)
                with pytest.raises(TimeoutError):
                    await stream.next(0.1)


async def test_clients_are_refused(firm: Firm, endpoint: Endpoint) -> None:
    client = await firm.client(await firm.account(invited=True))
    async with endpoint.greeted(client) as frames:
        [error] = await frames.ask(RECEIVED)
        assert error["extensions"]["code"] == "FORBIDDEN"
        assert (await frames.ask("{ viewer { __typename } }"))["data"]["viewer"]
    async with endpoint.stream(client, RECEIVED) as stream:
        [error] = (await stream.next()).result["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
        assert (await stream.next()).name == "complete"


async def test_whoever_comes_back_is_told_what_came_meanwhile_once_and_in_order(
    deployed: Deployed, firm: Firm, endpoint: Endpoint
) -> None:
    me = (await firm.owner.ask(ME)).data
    ids = me["firm"]["id"], me["viewer"]["id"]
    await firm.account()
    async with endpoint.greeted(firm.owner) as frames:
        await frames.subscribe("1", RECEIVED)
        await tell(deployed, *ids)
        seen = (await frames.receive())["payload"]["data"]["notificationReceived"]["id"]
    for _ in range(4):
        await tell(deployed, *ids)
    missed = (await inbox(firm.owner))[1:]
    async with (
        endpoint.greeted(firm.owner) as frames,
        endpoint.stream(firm.owner, RECEIVED, after=seen) as stream,
        # A browser sends what it saw last, beside the address that it began with.
        endpoint.stream(firm.owner, RECEIVED, {"Last-Event-ID": missed[1]}, after=seen) as resumed,
    ):
        await frames.subscribe("1", RECEIVED, after=seen)
        again = [(await frames.receive())["payload"]["data"] for _ in missed]
        assert [told["notificationReceived"]["id"] for told in again] == missed
        assert [(await stream.next()).id for _ in missed] == missed
        assert [(await resumed.next()).id for _ in missed[2:]] == missed[2:]
        await tell(deployed, *ids)
        newest = (await inbox(firm.owner))[-1]
        assert (await frames.receive())["payload"]["data"]["notificationReceived"]["id"] == newest
        assert (await stream.next()).id == (await resumed.next()).id == newest
        assert await frames.is_silent(0.3)


async def test_a_place_that_is_gone_or_never_was_is_a_place_all_the_same(
    deployed: Deployed, firm: Firm, endpoint: Endpoint
) -> None:
    me = (await firm.owner.ask(ME)).data
    account = await firm.account()
    await tell(deployed, me["firm"]["id"], me["viewer"]["id"])
    [gone] = await inbox(firm.owner)
    await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[account["id"]])
    (await firm.owner.ask(DELETE_ACCOUNT, id=account["id"])).payload()
    await firm.account()
    async with endpoint.greeted(firm.owner) as frames:
        for place in (gone, "noti_" + "f" * 32, "noti_" + "0" * 32):
            await frames.subscribe(place, RECEIVED, after=place)
        # Whoever begins after what is written now, and says to be far ahead, is not told of it.
        await asyncio.sleep(0.5)
        await tell(deployed, me["firm"]["id"], me["viewer"]["id"])
        told = {(await frames.receive())["id"] for _ in range(3)}
        assert told == {gone, "noti_" + "f" * 32, "noti_" + "0" * 32}
        for wrong in ("", "noti_", "acct_" + "0" * 32, "' OR 1=1 --", "\x00", "x" * 5000):
            [error] = await frames.ask(RECEIVED, after=wrong)
            assert error["extensions"] == {"code": "BAD_REQUEST"}


async def test_ids_are_in_the_order_in_which_they_are_committed(
    deployed: Deployed, firm: Firm, endpoint: Endpoint
) -> None:
    """Whoever has seen the later one would otherwise never be told of the one before."""
    me = (await firm.owner.ask(ME)).data
    ids = me["firm"]["id"], me["viewer"]["id"]
    await firm.account()
    async with endpoint.greeted(firm.owner) as frames:
        await frames.subscribe("1", RECEIVED)
        async with firm_session(deployed.deployment.database, ids[0]) as slow:
            await telling(slow, *ids)
            quick = asyncio.create_task(tell(deployed, *ids))
            await asyncio.sleep(0.3)
            assert not quick.done()
            assert await frames.is_silent(0.1)
            await slow.commit()
        await quick
        told = [(await frames.receive())["payload"]["data"] for _ in range(2)]
        listed = await inbox(firm.owner)
        assert [each["notificationReceived"]["id"] for each in told] == listed


async def test_many_who_write_at_once_are_all_told_of(
    deployed: Deployed, firm: Firm, endpoint: Endpoint
) -> None:
    me = (await firm.owner.ask(ME)).data
    colleague = await firm.member()
    them = (await colleague.ask(ME)).data["viewer"]["id"]
    firm_id, mine = me["firm"]["id"], me["viewer"]["id"]
    await firm.account()
    async with (
        endpoint.greeted(firm.owner) as frames,
        endpoint.stream(colleague, RECEIVED) as stream,
    ):
        await frames.subscribe("1", RECEIVED)
        await asyncio.gather(*(tell(deployed, firm_id, mine, them) for _ in range(25)))
        told = [(await frames.receive())["payload"]["data"] for _ in range(25)]
        assert [each["notificationReceived"]["id"] for each in told] == await inbox(firm.owner)
        assert [(await stream.next()).id for _ in range(25)] == await inbox(colleague)
        assert await frames.is_silent(0.2)


async def test_what_is_rolled_back_is_told_to_nobody(
    deployed: Deployed, firm: Firm, endpoint: Endpoint
) -> None:
    me = (await firm.owner.ask(ME)).data
    await firm.account()
    async with endpoint.greeted(firm.owner) as frames:
        await frames.subscribe("1", RECEIVED)
        async with firm_session(deployed.deployment.database, me["firm"]["id"]) as session:
            await telling(session, me["firm"]["id"], me["viewer"]["id"])
        deployed.deployment.signals.committed()
        assert await frames.is_silent(0.7)


async def test_a_database_that_is_away_for_a_while_is_waited_for(
    deployed: Deployed, firm: Firm, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = (await firm.owner.ask(ME)).data
    ids = me["firm"]["id"], me["viewer"]["id"]
    await firm.account()
    monkeypatch.setattr(Unavailable, "retry_after", 0.1)

    async def away(*_: Any) -> Any:
        raise Unavailable

    async with endpoint.greeted(firm.owner) as frames:
        await frames.subscribe("1", RECEIVED)
        await tell(deployed, *ids)
        await frames.receive()
        with monkeypatch.context() as patch:
            patch.setattr(deployed.deployment.database, "fetch_rows", away)
            await tell(deployed, *ids)
            assert await frames.is_silent(0.8)
            refused = await frames.ask("{ notifications { totalCount } }")
            [error] = refused if isinstance(refused, list) else refused["errors"]
            assert error["extensions"]["code"] == "RATE_LIMITED"
        told = (await frames.receive())["payload"]["data"]["notificationReceived"]["id"]
        assert told == (await inbox(firm.owner))[-1]
