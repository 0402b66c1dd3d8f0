"""The planner: reads a selection with one statement, planned once and run often."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import orjson
from graphql import GraphQLSchema
from sqlalchemy import Dialect

from planner.arguments import Ledger, Look, OperationVariables, Run
from planner.databases import forms_for
from planner.declare import Declarations
from planner.draft import Draft
from planner.plans import MOST_VARIANTS, Plan, compiled
from planner.roots import whole
from planner.selection import Selection
from tenancy.scope import LIMITED

Statement = tuple[str, Sequence[Any]]
# Runs a statement in the driver's own form, and answers its single value.
Fetch = Callable[[str, Sequence[Any]], Awaitable[str | None]]
# The plans of one document, kept with it by whoever keeps the document.
Plans = dict[Any, list[Plan]]


class Planner:
    """Reads selections of *schema* from the database that *dialect* speaks to."""

    def __init__(self, schema: GraphQLSchema, declarations: Declarations, dialect: Dialect) -> None:
        self._schema = schema
        self._declarations = declarations
        self._dialect = dialect
        self._forms = forms_for(dialect)

    async def read(
        self,
        request: Selection,
        *,
        fetch: Fetch,
        constants: Mapping[str, Any],
        plans: Plans,
    ) -> orjson.Fragment | None:
        """The JSON of everything that *request* selects; None for null.

        *constants* are the values of the named parameters that declarations use, `firm_id`
        and `limited_to` among them. Raises BadArgument.
        """
        statement = self.statement(request, constants=constants, plans=plans)
        if statement is None:
            return None
        text = await fetch(*statement)
        return None if text is None else orjson.Fragment(text)

    def statement(
        self, request: Selection, *, constants: Mapping[str, Any], plans: Plans
    ) -> Statement | None:
        """The statement that reads *request*, and its parameters; None where it can only be null.

        Raises BadArgument, and KeyError for a named parameter that *constants* does not have.
        """
        run = Run(request.variable_values, request.given or {})
        plan = self.plan(request, run, plans, limited=constants.get(LIMITED) is not None)
        return None if plan.sql is None else (plan.sql, plan.values(run, constants))

    def plan(self, request: Selection, run: Run, plans: Plans, *, limited: bool) -> Plan:
        """The plan in *plans* that fits this run, or a new one, which is kept there.

        One for a member who is *limited* is another than that for everybody else.
        """
        variants = plans.setdefault((limited, *request.key), [])
        plan = fitting(variants, run)
        if plan is None:
            plan = self._new(request, run, limited=limited)
            variants.insert(0, plan)
            del variants[MOST_VARIANTS:]
        return plan

    def _new(self, request: Selection, run: Run, *, limited: bool) -> Plan:
        ledger = Ledger(run, self._forms)
        variables = OperationVariables()
        for name in request.conditions():
            ledger.look(Look(variables, (name,), lambda value: value))
        draft = Draft(self._schema, self._declarations, self._forms, request, ledger, limited)
        return compiled(whole(draft, self._dialect), ledger, self._dialect, request)


def fitting(variants: Sequence[Plan], run: Run) -> Plan | None:
    """The first of *variants* that fits this run."""
    for variant in variants:
        if variant.fits(run):
            return variant
    return None
