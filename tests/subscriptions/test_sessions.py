"""A connection that is open ends with its session, within five seconds and without a word more."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

import server.graphql_socket
import server.lasting
from models import Member, Session
from models.enums import MemberStatus
from tenancy.recording import BY_HAND
from tenancy.session import firm_session
from tests.deployments import PASSWORD, Deployed, Firm, Voice
from tests.subscriptions.conftest import RECEIVED, Endpoint
from tests.subscriptions.test_events import ME, tell

SIGN_OUT = "mutation { signOut { errors { code } } }"
END = "mutation ($id: ID!) { revokeSession(id: $id) { errors { code } } }"
CHANGE = """
mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { errors { code } } }
"""
LOGIN_OFF = """
mutation ($input: UpdateAccountContactInput!) {
  updateAccountContact(input: $input) { errors { code } }
}
"""


async def in_firm(deployed: Deployed, firm_id: str, statement: Any) -> None:
    async with firm_session(deployed.deployment.database, firm_id) as session:
        await session.execute(statement, execution_options=BY_HAND)
        await session.commit()


async def end_it(deployed: Deployed, firm: Firm, voice: Voice, way: str, me: Any) -> None:
    """Ends the session of *voice* (a member's) by another way in."""
    firm_id, member_id = me["firm"]["id"], me["viewer"]["id"]
    current = (await voice.ask("{ sessions { id current } }")).data["sessions"]
    [session_id] = [row["id"] for row in current if row["current"]]
    mine = Session.id == session_id
    if way == "signed out":
        (await voice.ask(SIGN_OUT)).payload()
    elif way == "ended elsewhere":
        (await (await firm.sign_in(me["email"])).ask(END, id=session_id)).payload()
    elif way == "password changed":
        given = {"currentPassword": PASSWORD, "newPassword": "another garden of lanterns"}
        (await (await firm.sign_in(me["email"])).ask(CHANGE, input=given)).payload()
    elif way == "expired":
        await in_firm(
            deployed, firm_id, update(Session).where(mine).values(expires_at=datetime.now(UTC))
        )
    elif way == "not used for long":
        long_ago = datetime.now(UTC) - timedelta(days=8)
        await in_firm(deployed, firm_id, update(Session).where(mine).values(last_used_at=long_ago))
    else:
        deactivated = update(Member).where(Member.id == member_id)
        await in_firm(deployed, firm_id, deactivated.values(status=MemberStatus.DEACTIVATED))


WAYS = [
    "signed out",
    "ended elsewhere",
    "password changed",
    "expired",
    "not used for long",
    "deactivated",
]


async def test_every_end_of_a_session_ends_its_connections(
    deployed: Deployed, firm: Firm, endpoint: Endpoint
) -> None:
    await firm.account()
    async with AsyncExitStack() as stack:
        opened: list[tuple[str, Any, Any, Any]] = []
        for way in WAYS:
            voice = await firm.member()
            me = (await voice.ask("{ viewer { ... on Member { id email } } firm { id } }")).data
            me["email"] = me["viewer"]["email"]
            frames = await stack.enter_async_context(endpoint.greeted(voice))
            await frames.subscribe("1", RECEIVED)
            stream = await stack.enter_async_context(endpoint.stream(voice, RECEIVED))
            opened.append((way, me, frames, stream))
            # It lives, and is told.
            await tell(deployed, me["firm"]["id"], me["viewer"]["id"])
            assert (await frames.receive())["type"] == "next"
            assert (await stream.next()).result["data"]
            await end_it(deployed, firm, voice, way, me)
            # What happens from now on is nobody's business there.
            await tell(deployed, me["firm"]["id"], me["viewer"]["id"])

        async def ends(way: str, frames: Any, stream: Any) -> None:
            assert await frames.closed() == (4403, "The session has ended"), way
            told = (await stream.next()).result
            assert "data" not in told, way
            assert told["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED", way
            assert (await stream.next()).name == "complete"

        await asyncio.gather(*(ends(way, frames, stream) for way, _, frames, stream in opened))


async def test_without_any_event_it_ends_within_five_seconds(
    deployed: Deployed, firm: Firm, endpoint: Endpoint
) -> None:
    """A member and a client, on connections on which nothing is asked."""
    account = await firm.account(invited=True)
    client = await firm.client(account)
    member = await firm.member()
    async with (
        endpoint.greeted(client) as theirs,
        endpoint.greeted(member) as ours,
        endpoint.stream(member, RECEIVED) as stream,
        endpoint.greeted(firm.owner) as other,
    ):
        assert (await theirs.ask("{ viewer { __typename } }"))["data"]["viewer"]
        entry = account["contacts"]["nodes"][0]["id"]
        (await firm.owner.ask(LOGIN_OFF, input={"id": entry, "login": False})).payload()
        (await member.ask(SIGN_OUT)).payload()
        began = asyncio.get_running_loop().time()
        ended = await asyncio.gather(theirs.closed(), ours.closed(), stream.next())
        assert asyncio.get_running_loop().time() - began < 5
        assert ended[:2] == [(4403, "The session has ended")] * 2
        assert ended[2].result["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        # Another one's connection lives on.
        assert (await other.ask("{ firm { id } }"))["data"]["firm"]


async def test_an_operation_after_the_end_is_answered_to_nobody(
    deployed: Deployed, firm: Firm, endpoint: Endpoint
) -> None:
    member = await firm.member()
    async with endpoint.greeted(member) as frames:
        (await member.ask(SIGN_OUT)).payload()
        refused = await frames.ask("{ accounts { totalCount } }")
        assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        [error] = await frames.ask(RECEIVED)
        assert error["extensions"]["code"] == "UNAUTHENTICATED"


async def test_being_connected_is_not_being_active(
    deployed: Deployed, firm: Firm, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that was left open must not keep its session alive for ever."""
    monkeypatch.setattr(server.graphql_socket, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(server.lasting, "LOOK_EVERY", 0.05)
    me = (await firm.owner.ask(ME)).data
    await firm.account()
    before = datetime.now(UTC) - timedelta(hours=1)
    async with (
        endpoint.greeted(firm.owner) as frames,
        endpoint.stream(firm.owner, RECEIVED) as stream,
    ):
        await frames.subscribe("1", RECEIVED)
        await asyncio.sleep(0.2)
        await in_firm(deployed, me["firm"]["id"], update(Session).values(last_used_at=before))
        await tell(deployed, me["firm"]["id"], me["viewer"]["id"])
        await asyncio.gather(frames.receive(), stream.next())
        await asyncio.sleep(0.2)
        async with firm_session(deployed.deployment.database, me["firm"]["id"]) as session:
            assert set(await session.scalars(select(Session.last_used_at))) == {before}
