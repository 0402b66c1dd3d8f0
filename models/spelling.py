"""Names as the schema spells them."""

from __future__ import annotations


def camel(name: str) -> str:
    """A Python name in GraphQL's spelling: `company_name` is `companyName`, `from_` is `from`."""
    head, *tail = name.strip("_").split("_")
    return head + "".join(part.capitalize() for part in tail)
