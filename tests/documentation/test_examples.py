"""Whoever copies a GraphQL document out of the documentation gets an answer."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

import pytest
from graphql import GraphQLSchema, parse, specified_rules, validate
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from server.cost import Costs
from server.limits import Limits, exceeded, measure
from tests.documentation.conftest import ROOT, name_of, pages

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PASTED = re.compile(r"<<'?GRAPHQL'?[^\n]*\n(.*?)^GRAPHQL$", re.MULTILINE | re.DOTALL)
RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


def documents(page: Path) -> list[str]:
    found: list[str] = []
    for language, text in FENCE.findall(page.read_text()):
        if language == "graphql":
            found.append(text)
        elif language == "bash":
            found.extend(PASTED.findall(text))
    return found


@pytest.mark.parametrize("page", [p for p in pages() if documents(p)], ids=name_of)
def test_every_graphql_document_fits_the_schema_and_its_limits(
    page: Path, schema: GraphQLSchema
) -> None:
    for text in documents(page):
        document = parse(text)
        errors = validate(schema, document, RULES)
        assert not errors, f"{errors[0].message}\n{text}"
        assert exceeded(measure(document), Limits()) is None, text
        for cost in Costs(schema).of(document).values():
            assert cost.objects({}) <= Limits().objects, text


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_json_block_is_json(page: Path) -> None:
    for language, text in FENCE.findall(page.read_text()):
        if language == "json":
            json.loads(text)


def test_there_is_something_to_check() -> None:
    assert sum(len(documents(page)) for page in pages()) > 20


def test_the_limits_in_the_documentation_are_the_code_s() -> None:
    page = (ROOT / "docs/api.md").read_text()
    shown = {name: int(most) for name, most in re.findall(r"^\| `(\w+)` \| (\d+) \|$", page, re.M)}
    assert shown == asdict(Limits())
