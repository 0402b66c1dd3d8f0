"""German and English. A sentence is known by its English text: `say("DE", "Hello {name},", …)`."""

from language.catalog import say
from language.dates import day, minute
from language.lists import together

__all__ = ["day", "minute", "say", "together"]
