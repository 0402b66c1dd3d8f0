"""One selection of a GraphQL document becomes one statement, whose value is its JSON."""

from planner.arguments import Arguments
from planner.declare import (
    ById,
    ByIds,
    Composite,
    Count,
    Declarations,
    Related,
    Shape,
    Spec,
    Value,
)
from planner.errors import BadArgument, Undeclared
from planner.executor import PlannedExecutor
from planner.planner import Fetch, Planner, Plans
from planner.selection import Selection

__all__ = [
    "Arguments",
    "BadArgument",
    "ById",
    "ByIds",
    "Composite",
    "Count",
    "Declarations",
    "Fetch",
    "PlannedExecutor",
    "Planner",
    "Plans",
    "Related",
    "Selection",
    "Shape",
    "Spec",
    "Undeclared",
    "Value",
]
