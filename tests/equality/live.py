"""The live schema, bare of its resolvers, and what it declares."""

from __future__ import annotations

from graphql import GraphQLSchema

from schema.build import build_schema, graphql_schema
from schema.declarations import SchemaDeclarations
from tests.equality.reference import bare

SERVED: GraphQLSchema = graphql_schema(build_schema())
BARE = bare(SERVED)
DECLARATIONS = SchemaDeclarations(SERVED)
