"""Each mutation of the live schema: done, it is told; refused, it is not."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from models.enums import Role
from tests.deployments import Deployed, Voice
from tests.isolation.calls import CALLS, filled, ids_in
from tests.isolation.turns import in_turn, voice_for
from tests.isolation.twins import Twin, send, twins
from tests.isolation.walk import document, root_fields

MUTATIONS = [name for name in CALLS if root_fields()[name][0] == "mutation"]
UNTOLD = {
    "markNotificationsRead": "It is a member's own inbox.",
    "mergeContacts": "Its call only tries; tests/audit/test_changes.py has one that merges.",
}
COUNT = "{ auditEvents { totalCount } }"


async def watching(twin: Twin) -> Voice:
    """Somebody who reads the trail, and whose own doing is over."""
    return await twin.firm.member(role=Role.ADMIN)


async def count(watcher: Voice) -> int:
    return (await watcher.ask(COUNT)).data["auditEvents"]["totalCount"]


async def test_every_mutation_that_succeeds_leaves_an_event(deployed: Deployed) -> None:
    mine, other = await twins(deployed)
    watcher, across = await watching(mine), await watching(other)
    theirs = await count(across)
    told: Counter[str] = Counter()
    before = await count(watcher)
    async for name, _, answer in in_turn(mine):
        assert "errors" not in answer.json(), name
        after = await count(watcher)
        if name in MUTATIONS:
            told[name] += after - before
        else:
            assert after == before, name
        # What was done to make a call work is no concern of it.
        before = await count(watcher)
    assert {name for name in MUTATIONS if told[name] == 0} == set(UNTOLD)
    assert await count(across) == theirs


def _absent(value: Any) -> str:
    return f"{value.partition('_')[0]}_{'0' * 32}"


async def test_no_mutation_that_is_refused_leaves_one(deployed: Deployed) -> None:
    mine, _ = await twins(deployed)
    watcher = await watching(mine)
    desk = await mine.firm.member()
    before = await count(watcher)
    nonsense = Twin(mine.firm, mine.client, mine.ids, defaultdict(lambda: "nonsense"))
    refused: set[str] = set()
    for name in MUTATIONS:
        call = CALLS[name]
        for variables in call.variables:
            tries: list[tuple[Voice, Any]] = [
                (
                    voice_for(mine, name),
                    filled(variables, mine, (path, _absent(mine.ids[its.name]))),
                )
                for path, its in ids_in(variables)
            ]
            if call.needs is not None:
                tries.append((desk, filled(variables, mine)))
            if "Text(" in repr(variables):
                tries.append((mine.deployed.nobody, filled(variables, nonsense)))
            if call.who != "anyone":
                tries.append((mine.deployed.nobody, filled(variables, mine)))
            for voice, given in tries:
                body = (await send(voice, document(name), given)).json()
                errors = body.get("errors") or body["data"][name]["errors"]
                if errors:
                    refused.add(name)
                    assert await count(watcher) == before, (name, given)
    # Nobody is told whether there is such an address.
    assert refused == set(MUTATIONS) - {"requestPasswordReset"}
