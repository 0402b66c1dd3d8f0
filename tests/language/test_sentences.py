from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from language import day, say
from language.sentences import sentences_in

ROOT = Path(__file__).parents[2]
ROOMS = ("server", "portal", "schema", "resolvers", "planner", "mail", "auth", "tenancy", "models")


@pytest.fixture(scope="module")
def used() -> dict[str, str]:
    """Every sentence of the sources, and a place where it stands."""
    return {sentence: place for room in ROOMS for sentence, place in sentences_in(ROOT / room)}


@pytest.fixture(scope="module")
def german() -> dict[str, str]:
    with (ROOT / "language" / "de.po").open("rb") as source:
        return {
            str(message.id): str(message.string or "")
            for message in read_po(source, locale="de")
            if message.id and not message.fuzzy
        }


def test_every_sentence_has_its_german(used: dict[str, str], german: dict[str, str]) -> None:
    assert {s: place for s, place in used.items() if not german.get(s)} == {}


def test_the_catalogue_holds_no_sentence_that_nobody_says(
    used: dict[str, str], german: dict[str, str]
) -> None:
    assert german.keys() - used.keys() == set()


def test_the_german_takes_the_same_values(german: dict[str, str]) -> None:
    def names(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text)} - {None}

    assert [s for s, translated in german.items() if names(s) != names(translated)] == []


def test_sentences_are_found_where_they_stand(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(
        """
say(locale, "a function's")
facts.say("a method's", name="not this")
problems.add(place, CODE, "a refusal" " in two parts")
refuse(place, CODE if other == "nor this" else CODE, "one" if many else "another")
A_SENTENCE = "a constant"
SENTENCES: dict[str, str] = {"nor a key": "a table's"}
seen.add("nor this one")
"""
    )
    (tmp_path / "page.html.j2").write_text("<p>{{ _('a page\\'s', name=name) }}</p>")
    assert {sentence for sentence, _ in sentences_in(tmp_path)} == {
        "a function's",
        "a method's",
        "a refusal in two parts",
        "one",
        "another",
        "a constant",
        "a table's",
        "a page's",
    }


def test_a_sentence_is_said_in_both_languages() -> None:
    assert say("EN", "Hello {name},", name="Eva") == "Hello Eva,"
    assert say("DE", "Hello {name},", name="Eva") == "Guten Tag Eva,"


def test_a_sentence_without_german_stays_english() -> None:
    assert say("DE", "Nobody has translated this, {name}.", name="Eva") == (
        "Nobody has translated this, Eva."
    )


def test_braces_in_a_value_are_only_text() -> None:
    assert say("EN", "Hello {name},", name="{name.__class__}") == "Hello {name.__class__},"


def test_a_day_is_the_one_in_the_time_zone() -> None:
    evening = datetime(2026, 12, 6, 23, 30, tzinfo=UTC)
    assert day("DE", evening, "Europe/Berlin") == "7. Dezember 2026"
    assert day("EN", evening, "Europe/London") == "6 December 2026"
