"""The catalogue of sentences: English stands in the code, German in `de.po`.

The rooms' sources are searched for sentences by `language.sentences`, and a test fails for
one that has no German.
"""

from __future__ import annotations

from gettext import GNUTranslations
from importlib import resources
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def _german() -> GNUTranslations:
    with resources.files("language").joinpath("de.po").open("rb") as source:
        catalog = read_po(source, locale="de", abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)


_GERMAN = _german()


def say(locale: str, sentence: str, **values: object) -> str:
    """*sentence* in the language *locale* ("DE", anything else is English), with its values.

    *sentence* is English, with `{name}` where a value goes; a sentence without German stays
    English. Raises KeyError for a value that is missing.
    """
    found = _GERMAN.gettext(sentence) if locale == "DE" else sentence
    return found.format_map(values)
