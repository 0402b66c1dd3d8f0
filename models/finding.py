"""What accounts and contacts are found by: their words, where an index reaches every part of them.

Triggers keep these rows (`migrations/versions/0003_search.py`); nothing else writes them.

On PostgreSQL a row-level policy keeps LIKE from using any index: a condition that is not proven
to leak nothing has to wait until the policy has been looked at, row by row. So the index is asked
by a function, which sees past the policy of these two tables and has the firm's condition inside.

On SQLite the index is FTS5's, over each three letters that follow one another with the firm's id
in front, so that a search reads what its own firm wrote and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from sqlalchemy import BigInteger, Boolean, Index, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.functions import FunctionElement

from models.base import Base, FirmOwned, Unaudited, owned_by_firm, within_firm

GRAM = 3
"""Letters; a shorter word is in no index, on either database."""
_MOST_GRAMS = 12
"""Of one word: what they leave in is looked at anyway."""
FIRM_HERE = "~"


def _indexes(table: str) -> tuple[Index, Index]:
    return (
        Index(
            f"ix_{table}_words",
            "firm_id",
            "text",
            postgresql_using="gin",
            postgresql_ops={"text": "gin_trgm_ops"},
            info={"only": "postgresql"},
        ).ddl_if(dialect="postgresql"),
        Index(f"ix_{table}_place", "place", info={"only": "sqlite"}).ddl_if(dialect="sqlite"),
    )


class AccountText(FirmOwned, Base):
    """The words of an account and of all its contacts, under the account's id."""

    __tablename__ = "account_texts"
    id_prefix = "acct"
    audit = Unaudited("It repeats what others hold, for the search.")

    # SQLite's number of the row, which FTS5 answers with.
    place: Mapped[int | None] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        owned_by_firm(),
        within_firm("id", "accounts", ondelete="CASCADE"),
        *_indexes("account_texts"),
    )


class ContactText(FirmOwned, Base):
    """The words of a contact, under the contact's id."""

    __tablename__ = "contact_texts"
    id_prefix = "cont"
    audit = Unaudited("It repeats what others hold, for the search.")

    place: Mapped[int | None] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        owned_by_firm(),
        within_firm("id", "contacts", ondelete="CASCADE"),
        *_indexes("contact_texts"),
    )


class AmongAccounts(FunctionElement[bool]):
    """Whether an id (the first clause) is of an account whose text has every word.

    The others: the words (`listed`), what FTS5 is asked (`asked`), and the firm's id.
    """

    type = Boolean()
    inherit_cache = True
    subject = "account"


class AmongContacts(AmongAccounts):
    """The same for contacts."""

    inherit_cache = True
    subject = "contact"


def listed(words: Sequence[Sequence[str]]) -> str:
    """Words as `AmongAccounts` takes them; each is one that has to be found in any spelling."""
    return orjson.dumps(words).decode()


def asked(words: Sequence[Sequence[str]]) -> str:
    """The question for FTS5 which rows could have all *words*, with `~` for the firm's id.

    A word with a spelling too short for the index is left out of it; one at least has to stay.
    """
    return " AND ".join(
        f"({' OR '.join(f'({_grams(spelling)})' for spelling in word)})"
        for word in words
        if indexed(word)
    )


def indexed(word: Sequence[str]) -> bool:
    """Whether the index can say where *word* stands."""
    return all(len(spelling) >= GRAM for spelling in word)


def _grams(spelling: str) -> str:
    starts = range(min(len(spelling) - GRAM + 1, _MOST_GRAMS))
    return " AND ".join(
        f'"{FIRM_HERE}x{spelling[start : start + GRAM].encode().hex().upper()}"' for start in starts
    )


def _clauses(element: Any, compiler: Any, options: Any) -> list[Callable[[], str]]:
    # Written out where they stand, in their order: SQLite's placeholders have no numbers.
    return [lambda clause=clause: compiler.process(clause, **options) for clause in element.clauses]


@compiles(AmongAccounts, "postgresql")
def _by_function(element: AmongAccounts, compiler: Any, **options: Any) -> str:
    id_, words, _, _ = _clauses(element, compiler, options)
    return f"{id_()} IN (SELECT found_{element.subject}s({words()}))"


@compiles(AmongAccounts, "sqlite")
def _by_fts5(element: AmongAccounts, compiler: Any, **options: Any) -> str:
    id_, words, question, firm = _clauses(element, compiler, options)
    texts, grams = f"{element.subject}_texts", f"{element.subject}_grams"
    return f"""{id_()} IN (
        SELECT {texts}.id FROM {grams} CROSS JOIN {texts} ON {texts}.place = {grams}.rowid
        WHERE {grams} MATCH replace({question()}, '{FIRM_HERE}', {firm()})
        AND {texts}.firm_id = {firm()}
        AND NOT EXISTS (
            SELECT 1 FROM json_each({words()}) AS word WHERE NOT EXISTS (
                SELECT 1 FROM json_each(word.value) AS spelling
                WHERE instr({texts}.text, spelling.value) > 0
            )
        )
    )"""  # noqa: S608 - of names, and of what the compiler wrote
