"""Tables: for a terminal, or in Markdown for a page."""

from __future__ import annotations

from collections.abc import Sequence


def render(head: Sequence[str], rows: Sequence[Sequence[str]], *, markdown: bool = False) -> str:
    """The rows under their head. The first column is words, and the others end at the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    gap = " | " if markdown else "  "

    def line(cells: Sequence[str]) -> str:
        first, *others = (
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        text = gap.join([first, *others])
        return f"| {text} |" if markdown else text.rstrip()

    rule = [
        "-" * width if place == 0 or not markdown else "-" * (width - 1) + ":"
        for place, width in enumerate(widths)
    ]
    return "\n".join([line(head), line(rule), *(line(row) for row in rows)])
