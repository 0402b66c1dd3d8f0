"""Relay connections: pages of a list, with `nodes` beside `edges`."""

from __future__ import annotations

from typing import Any

import strawberry

from planner.declare import Count
from schema.fields import planned
from schema.shared import PageInfo


def connection(kind: Any, of: str, **counts: tuple[str, Count]) -> Any:
    """The connection type for *kind*; *of* names its objects for people, in the plural.

    *counts* are further numbers beside totalCount, each with its description.
    """
    name = kind.__name__
    edge = strawberry.type(
        type(
            f"{name}Edge",
            (),
            {
                "__annotations__": {"cursor": str, "node": kind},
                "cursor": strawberry.field(description="Where it stands in the list."),
                "node": strawberry.field(description="It itself."),
            },
        ),
        description=f"One of a page of {of}, and where it stands.",
    )
    fields: dict[str, Any] = {
        "edges": strawberry.field(description="The page, each with its cursor."),
        "nodes": strawberry.field(description="The page."),
        "page_info": strawberry.field(description="Where the page lies in the list."),
        "total_count": strawberry.field(
            description="How many there are in all; counted only if asked for."
        ),
    }
    annotations: dict[str, Any] = {
        "edges": list[edge],
        "nodes": list[kind],
        "page_info": PageInfo,
        "total_count": int,
    }
    for field, (description, count) in counts.items():
        fields[field] = planned(description, count)
        annotations[field] = int
    return strawberry.type(
        type(f"{name}Connection", (), {"__annotations__": annotations, **fields}),
        description=f"A page of {of}.",
    )
