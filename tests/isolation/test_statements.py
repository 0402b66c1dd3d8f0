"""The statements themselves: every table has the firm's condition, and no row is read unbound."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from models import Base
from planner import Planner
from tests.isolation.calls import CALLS, CLIENTS, filled
from tests.isolation.twins import Twin, send
from tests.isolation.walk import document, root_fields

TABLES = sorted(Base.metadata.tables, key=len, reverse=True)
# A table with the alias that it is read under.
ALIASED = re.compile(rf"\b({'|'.join(TABLES)}) AS (\w+)")


async def test_every_table_is_read_once_for_each_alias_and_within_the_firm(
    fresh: tuple[Twin, Twin], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An alias that a subquery reads anew, rather than the row around it, finds anybody's rows."""
    statements: list[str] = []
    planned = Planner.plan

    def noting(*arguments: Any, **named: Any) -> Any:
        plan = planned(*arguments, **named)
        if plan.sql is not None:
            statements.append(plan.sql)
        return plan

    monkeypatch.setattr(Planner, "plan", noting)
    twin = fresh[0]
    limited = await twin.firm.member(limited=True)
    for name, (operation, _) in root_fields().items():
        if operation == "query" or name in ("switchAccount", "createAccount", "sendInvitations"):
            called = filled(CALLS[name].variables[0], twin)
            for voice in [twin.client] if CALLS[name].who == CLIENTS else [twin.owner, limited]:
                await send(voice, document(name), called)
    await send(twin.client, document("viewer", depth=6), {})
    read = [sql for sql in statements if " AS accounts_" in sql]
    assert len(read) > 5
    for sql in statements:
        aliases = Counter(alias for _, alias in ALIASED.findall(sql))
        assert {alias for alias, times in aliases.items() if times > 1} == set(), sql
        for table, alias in ALIASED.findall(sql):
            # A firm's own row can be had by its slug as well: the face of its portal.
            columns = ("id", "slug") if table == "firms" else ("firm_id",)
            assert any(
                f"{alias}.{column} =" in sql or f"= {alias}.{column}" in sql for column in columns
            ), (alias, sql)
