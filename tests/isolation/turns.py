"""Every call of the matrix, one after the other, so that all of them work."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx2

from tests.deployments import Voice
from tests.isolation.calls import ANYONE, CALLS, CLIENTS, NEW_CLIENT, filled
from tests.isolation.twins import Twin, newest, send
from tests.isolation.walk import document


def voice_for(twin: Twin, name: str) -> Voice:
    """Somebody who may call the root field *name*."""
    who = CALLS[name].who
    if who == ANYONE:
        return twin.deployed.nobody
    return twin.client if who == CLIENTS else twin.owner


async def in_turn(mine: Twin) -> AsyncIterator[tuple[str, Mapping[str, Any], httpx2.Response]]:
    """Makes each call as somebody who may: the field's name, the variables, and the answer."""
    for name, call in CALLS.items():
        if name == "activate":
            mine.texts["newest"] = (await newest(mine.deployed, "anna@gleich.test")).token
        if name == "finishSignUp":
            mine.texts["sign_up"] = (await newest(mine.deployed, NEW_CLIENT)).token
        if name == "resetPassword":
            await mine.deployed.nobody.ask(
                document("requestPasswordReset"),
                **filled(CALLS["requestPasswordReset"].variables[0], mine),
            )
            mine.texts["reset"] = (await newest(mine.deployed, mine.texts["owner"])).token
        if name == "signOut":
            mine.firm.owner = await mine.firm.sign_in(
                mine.texts["owner"], "a third garden of lanterns"
            )
        for variables in call.variables:
            given = filled(variables, mine)
            yield name, given, await send(voice_for(mine, name), document(name), given)
