"""Text goes out in short lines, and a reader that knows RFC 3676 has the paragraphs back."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from mail.addresses import one_line
from mail.flowed import WIDTH, flowed, quoted

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=300)


def reflowed(text: str) -> list[tuple[int, str]]:
    """The paragraphs that a reader shows, each with how deep it is quoted (RFC 3676, 4.4-4.5)."""
    paragraphs: list[tuple[int, str]] = []
    goes_on = False
    for line in text.split("\n"):
        marks = re.match(">*", line)
        assert marks
        depth, content = len(marks[0]), line[len(marks[0]) :].removeprefix(" ")
        if goes_on and paragraphs[-1][0] == depth:
            paragraphs[-1] = depth, paragraphs[-1][1] + content
        else:
            paragraphs.append((depth, content))
        goes_on = content.endswith(" ")
    return paragraphs


@given(WORDS)
@example("> somebody else's words")
@example("From here on " * 12)
@example(f"{'x' * 200} and https://portal.example/p/x/activate?token={'y' * 90} and more")
def test_a_paragraph_comes_back_whole(text: str) -> None:
    paragraph = one_line(text)
    assert reflowed(flowed(paragraph)) == [(0, paragraph)]
    for line in flowed(paragraph).split("\n"):
        assert len(line) <= WIDTH or " " not in line.strip(), line


@given(st.lists(WORDS, min_size=1, max_size=5))
@example(["", "> nested", ""])
def test_a_quote_comes_back_line_by_line_and_stays_a_quote(texts: list[str]) -> None:
    lines = [one_line(text) for text in texts]
    found = quoted("\n".join(lines))
    assert reflowed(found) == [(1, line) for line in lines]
    assert all(line.startswith("> ") for line in found.split("\n"))


def test_lines_are_broken_between_words() -> None:
    assert flowed("eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn x") == (
        "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf \ndreizehn x"
    )
