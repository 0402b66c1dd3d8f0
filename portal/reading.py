"""Reading for pages: a query over what clients see, planned once, and read in one round trip.

The pages read the API's own types, so that nothing can be seen on a page that a client could not
see there, and no page holds a lock.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import orjson
from graphql import FieldNode, OperationDefinitionNode, parse, validate
from graphql.execution.values import VariableValues, get_variable_values

from planner import Selection
from schema.context import identity
from schema.direct import Reading
from tenancy.caller import Caller

VIEWER = """
viewer {
  ... on PortalUser {
    email firstName lastName locale
    accounts { id name type }
  }
}
"""
"""What the head of every page needs to know of a client."""


class Question:
    """A query of a page's own, over `viewer` and what else a client may ask for."""

    def __init__(self, reading: Reading, text: str) -> None:
        """Raises ValueError for a text that does not fit the schema."""
        document = parse(text)
        if errors := validate(reading.schema, document):
            raise ValueError(errors[0].message)
        self._reading = reading
        self._operation = cast("OperationDefinitionNode", document.definitions[0])
        self._roots = cast("list[FieldNode]", self._operation.selection_set.selections)
        self._plans: dict[Any, Any] = {}

    async def ask(self, caller: Caller, **variables: str) -> dict[str, Any]:
        """What *caller*, a client, sees. Raises what the database raises."""
        reading = self._reading
        values = get_variable_values(
            reading.schema, self._operation.variable_definitions or (), dict(variables)
        )
        assert isinstance(values, VariableValues)
        constants = {
            "firm_id": caller.firm_id,
            "now": datetime.now(UTC),
            "base_url": reading.base_url,
            **identity(caller),
        }
        statements = [
            reading.planner.statement(
                self._selection(root, values), constants=constants, plans=self._plans
            )
            for root in self._roots
        ]
        found = await reading.database.fetch_together([each for each in statements if each])
        return {
            root.name.value: None if text is None else orjson.loads(text)
            for root, text in zip(self._roots, found, strict=True)
        }

    def _selection(self, root: FieldNode, values: VariableValues) -> Selection:
        schema = self._reading.schema
        assert schema.query_type is not None
        return Selection(
            schema=schema,
            fragments={},
            operation=self._operation,
            variables=values.coerced,
            parent=schema.query_type,
            nodes=[root],
        )


class Questions:
    """What the pages ask, each planned once for the life of the deployment."""

    def __init__(self, reading: Reading) -> None:
        self.viewer = Question(reading, f"{{ {VIEWER} }}")
        self.account = Question(
            reading,
            f"""
            query ($id: ID!) {{
              {VIEWER}
              portalAccount(id: $id) {{
                id type name companyName
                folders {{ path access }}
                assignees {{ firstName lastName }}
              }}
            }}
            """,
        )
        self.sessions = Question(
            reading,
            f"{{ {VIEWER} sessions {{ id createdAt lastUsedAt userAgent ipAddress current }} }}",
        )
