"""One selection of a GraphQL document becomes one statement, whose value is its JSON."""

from planner.arguments import Arguments, Run
from planner.declare import (
    ById,
    ByIds,
    BySlug,
    ByStoredId,
    Composite,
    Count,
    Declarations,
    Itself,
    Made,
    OneOf,
    Related,
    Shape,
    Spec,
    Tally,
    Value,
)
from planner.errors import BadArgument, Undeclared
from planner.executor import PlannedExecutor
from planner.planner import Fetch, Planner, Plans, fitting
from planner.plans import Plan
from planner.selection import Selection
from planner.variables import Variables

__all__ = [
    "Arguments",
    "BadArgument",
    "ById",
    "ByIds",
    "BySlug",
    "ByStoredId",
    "Composite",
    "Count",
    "Declarations",
    "Fetch",
    "Itself",
    "Made",
    "OneOf",
    "Plan",
    "PlannedExecutor",
    "Planner",
    "Plans",
    "Related",
    "Run",
    "Selection",
    "Shape",
    "Spec",
    "Tally",
    "Undeclared",
    "Value",
    "Variables",
    "fitting",
]
