"""What arguments are filled with: values of all firms, and some that stand nowhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import inspect

from tests.deployments import Voice
from tests.equality.live import BARE, DECLARATIONS


@dataclass
class Pools:
    """Values by what they are: ids by their prefix, cursors by the rows' prefix and the order."""

    ids: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    texts: list[str] = field(default_factory=list[str])
    moments: list[str] = field(default_factory=list[str])
    cursors: dict[tuple[str, str], list[str]] = field(
        default_factory=dict[tuple[str, str], list[str]]
    )


def pools_of(rows: Sequence[Any]) -> Pools:
    pools = Pools()
    moments: set[datetime] = set()
    texts: set[str] = {
        "",
        "%",
        "_",
        "\\",
        "an",
        "GLEICH anna",
        "zoe%",
        "mueller",
        "Müller",
        "nobody@x.test",
    }
    for row in sorted(rows, key=lambda row: row.id):
        pools.ids.setdefault(row.id_prefix, []).append(row.id)
        # What is only loaded when it is asked for, such as a logo, no query asks for.
        for name in set(inspect(type(row)).column_attrs.keys()) - inspect(row).unloaded:
            value = getattr(row, name)
            if isinstance(value, datetime) and name != "last_used_at":
                moments |= {value, value + timedelta(microseconds=1)}
            elif isinstance(value, str) and name in (
                "name",
                "number",
                "last_name",
                "email",
                "slug",
            ):
                texts |= {value, value.split()[-1][:3] if value.split() else ""}
    pools.ids["never"] = ["", "acct_never", "mem_" + "0" * 32, "acct_\x00", "what", "'; --"]
    pools.texts = sorted(texts)
    pools.moments = [moment.isoformat() for moment in sorted(moments)]
    return pools


async def harvest(pools: Pools, voice: Voice, roots: Sequence[str]) -> None:
    """Takes the cursors of all connections, in all orders, from the product's answers."""
    for name in roots:
        spec: Any = DECLARATIONS.field("Query", name)
        kind: Any = BARE.query_type.fields[name].type  # type: ignore[union-attr]
        if "Connection" not in str(kind):
            continue
        node = kind.of_type.fields["nodes"].type.of_type.of_type.of_type
        inside = " ".join(
            f"{below}(first: 200) {{ edges {{ cursor }} }}"
            for below, field in node.fields.items()
            if "Connection" in str(field.type)
        )
        for order in spec.orders or [None]:
            arguments = f"(first: 200, orderBy: {{field: {order}}})" if order else "(first: 200)"
            asked = f"{{ {name}{arguments} {{ edges {{ cursor node {{ id {inside} }} }} }} }}"
            answer = await voice.ask(asked)
            for cursor in re.findall(r"'cursor': '(\w+)'", str(answer.data)):
                order_name, *_, id_ = bytes.fromhex(cursor).decode().split("\x1f")
                found = pools.cursors.setdefault((id_.partition("_")[0], order_name), [])
                if cursor not in found:
                    found.append(cursor)
