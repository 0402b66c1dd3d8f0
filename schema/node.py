"""The Node interface: anything with a global id."""

from __future__ import annotations

import strawberry

from schema.fields import value


@strawberry.interface(description="Anything that can be asked for by its id alone.")
class Node:
    id: strawberry.ID = value("Its id: unique everywhere, and never given to anything else.")
