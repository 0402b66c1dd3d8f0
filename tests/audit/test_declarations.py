"""Each table of firms says whether it is told, and of what is told nothing is left out."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import inspect

from models import Base, FirmOwned
from models.base import Audited, AuditedIn, Unaudited

TABLES = sorted(
    (mapper.class_ for mapper in Base.registry.mappers if "firm_id" in mapper.all_orm_descriptors),
    key=lambda table: table.__tablename__,
)
UNTOLD = {
    "account_texts": "repeats what others hold",
    "audit_events": "the trail itself",
    "contact_authors": "the contact's event says who made it",
    "contact_texts": "repeats what others hold",
    "counters": "the account tells its number",
    "idempotency_keys": "the write itself is told",
    "mails": "what causes them is told",
    "notifications": "tell what is told here",
}
"""What is not told, and why."""
SECRETS = {"password_hash", "token_hash", "counter"}
each_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__tablename__)


def _follows(name: str) -> bool:
    """Whether a column says who and when, as each event does, or repeats another folded."""
    return name in ("firm_id", "id", "created_at", "updated_at", "search_text") or name.endswith(
        "_key"
    )


@each_table
def test_a_table_says_whether_the_trail_tells_of_it(table: Any) -> None:
    audit = table.__dict__.get("audit")
    assert isinstance(audit, Audited | AuditedIn | Unaudited)
    assert isinstance(audit, Unaudited) == (table.__tablename__ in UNTOLD)
    if isinstance(audit, Unaudited):
        assert audit.why.endswith(".")


@each_table
def test_each_column_is_told_or_is_hidden_on_purpose(table: Any) -> None:
    audit = table.audit
    if isinstance(audit, Unaudited):
        return
    said = [*audit.fields, *audit.hidden]
    if isinstance(audit, AuditedIn):
        said.append(audit.of)
        assert set(audit.documents) <= set(audit.fields)
    columns = {column.key for column in inspect(table).column_attrs}
    assert len(said) == len(set(said))
    assert set(said) <= columns
    assert {name for name in columns - set(said) if not _follows(name)} == set()
    assert not SECRETS & set(audit.fields)


def test_what_is_told_has_names_of_its_own() -> None:
    nouns = [table.audit.noun for table in TABLES if isinstance(table.audit, Audited)]
    assert len(nouns) == len(set(nouns))
    parts = [
        (table.audit.of, table.audit.part) for table in TABLES if isinstance(table.audit, AuditedIn)
    ]
    assert len(parts) == len(set(parts))


def test_a_table_of_firms_without_a_word_about_it_cannot_be_written() -> None:
    assert not hasattr(FirmOwned, "audit")
