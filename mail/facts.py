"""What letters are made of: the parts of one, and the facts that its words speak of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from language import day, say
from mail.addresses import one_line, visible
from models.enums import Locale


@dataclass(frozen=True)
class Button:
    label: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Letter:
    """The parts of a mail, in the order in which they are read."""

    subject: str
    greeting: str
    paragraphs: tuple[str, ...]
    quote: str | None = None
    button: Button | None = None
    # In small print below the button.
    notes: tuple[str, ...] = ()

    @property
    def preview(self) -> str:
        """What lists of mails show beside the subject."""
        first = self.paragraphs[0]
        # After "Guten Tag Eva," German goes on in small letters.
        return first[:1].upper() + first[1:]


class Facts:
    """What a letter is made of: the mail's content, the firm, and where its links lead."""

    def __init__(
        self,
        content: Mapping[str, Any],
        *,
        locale: Locale,
        firm_name: str,
        time_zone: str,
        link: str | None,
        portal_url: str,
    ) -> None:
        """*link* is the signed link's address, for a content that asks for one."""
        self._content = content
        self.locale = locale
        self.firm = one_line(firm_name)
        self._time_zone = time_zone
        self._link = link
        self.portal_url = portal_url

    @property
    def link(self) -> str:
        """The signed link. Raises KeyError where the content asks for none."""
        if self._link is None:
            raise KeyError("link")
        return self._link

    def text(self, name: str) -> str:
        """A text of the content, on one line. Raises KeyError where it is missing."""
        return one_line(str(self._content[name]))

    def holds(self, name: str) -> bool:
        """Whether the content says so. Mails that waited while this was new say nothing."""
        return bool(self._content.get(name))

    def day(self, name: str) -> str:
        """A moment of the content (ISO 8601) as a day in the firm's time zone."""
        moment = datetime.fromisoformat(self._content[name])
        return day(self.locale, moment, self._time_zone)

    @property
    def account_page(self) -> str:
        """The page of the content's account in the portal."""
        return f"{self.portal_url}/accounts/{self.text('account_id')}"

    @property
    def message(self) -> str | None:
        """The personal message, with its line breaks; None where there is none."""
        return visible(self._content["message"] or "", lines=True).strip() or None

    @property
    def greeting(self) -> str:
        name = one_line(self._content["first_name"] or "")
        return say(self.locale, "Hello {name},", name=name) if name else say(self.locale, "Hello,")

    def say(self, sentence: str, **values: object) -> str:
        """The sentence in the recipient's language; `{firm}` is the firm's name."""
        return say(self.locale, sentence, firm=self.firm, **values)
