"""The names and words that the demo's firms are filled with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from models.enums import CustomFieldTarget, CustomFieldType, FolderAccess, Locale, Permission


@dataclass(frozen=True)
class DemoFirm:
    slug: str
    name: str
    locale: Locale
    color: str


FIRMS = (
    DemoFirm("kanzlei-nord", "Steuerkanzlei Nord", Locale.DE, "#1f6f61"),
    DemoFirm("harbour-tax", "Harbour Tax Advisers", Locale.EN, "#1e4f92"),
)

FIRST_NAMES = [
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Elif",
    "Felix",
    "Greta",
    "Hannes",
    "Ida",
    "Jonas",
    "Käthe",
    "Leon",
    "Mia",
    "Nils",
    "Olga",
    "Paul",
    "Rosa",
    "Samir",
    "Tilda",
    "Viktor",
]
LAST_NAMES = [
    "Müller",
    "Schmidt",
    "Özdemir",
    "Fischer",
    "Weber",
    "Jäger",
    "Becker",
    "Groß",
    "Nowak",
    "Richter",
    "Klein",
    "Wolf",
    "Schröder",
    "Neumann",
    "Schwarz",
    "Zimmermann",
    "Krüger",
    "Hofmann",
    "Lange",
    "Köhler",
]
TRAINEE: dict[str, Any] = {
    "first_name": "Lina",
    "last_name": "Neu",
    "permissions": [Permission.MANAGE_CONTACTS],
}
"""Who is invited to work at each firm, and sees no more than what is assigned to them."""

COMPANIES = ["Bäckerei", "Tischlerei", "Gärtnerei", "Buchhandlung", "Druckerei", "Schlosserei"]

# What each firm calls its tags, by what they are for.
TAGS = {
    Locale.DE: {
        "tax": "Einkommensteuer",
        "books": "Finanzbuchhaltung",
        "payroll": "Lohnbuchhaltung",
        "urgent": "Eilt",
        "director": "Geschäftsführung",
    },
    Locale.EN: {
        "tax": "Income tax",
        "books": "Bookkeeping",
        "payroll": "Payroll",
        "urgent": "Urgent",
        "director": "Director",
    },
}

TEMPLATES: dict[Locale, dict[str, tuple[tuple[str, FolderAccess], ...]]] = {
    Locale.DE: {
        "Mandant": (
            ("Von Ihnen", FolderAccess.UPLOAD),
            ("Steuern", FolderAccess.VIEW),
            ("Steuern/2025", FolderAccess.VIEW),
            ("Steuern/2026", FolderAccess.VIEW),
            ("Intern", FolderAccess.PRIVATE),
        ),
        "Lohnbuchhaltung": (
            ("Lohn/Meldungen", FolderAccess.UPLOAD),
            ("Lohn/Auswertungen", FolderAccess.UPLOAD),
        ),
    },
    Locale.EN: {
        "Client": (
            ("From you", FolderAccess.UPLOAD),
            ("Taxes", FolderAccess.VIEW),
            ("Taxes/2025", FolderAccess.VIEW),
            ("Taxes/2026", FolderAccess.VIEW),
            ("Internal", FolderAccess.PRIVATE),
        ),
        "Payroll": (
            ("Payroll/Reports from you", FolderAccess.UPLOAD),
            ("Payroll/Payslips", FolderAccess.UPLOAD),
        ),
    },
}
"""Folder templates by their names, for each language; the first is the firm's default."""


@dataclass(frozen=True)
class DemoField:
    """A custom field, and how a value of it is drawn."""

    target: CustomFieldTarget
    type: CustomFieldType
    name: str
    draw: Callable[[Random], Any]
    options: tuple[str, ...] = ()


def _fields(
    form: str,
    forms: tuple[str, ...],
    revenue: str,
    topics: str,
    all_topics: tuple[str, ...],
    birthday: str,
) -> tuple[DemoField, ...]:
    account, contact = CustomFieldTarget.ACCOUNT, CustomFieldTarget.CONTACT
    return (
        DemoField(account, CustomFieldType.SELECT, form, lambda r: r.choice(forms), forms),
        DemoField(
            account,
            CustomFieldType.NUMBER,
            revenue,
            lambda r: f"{r.randrange(20_000, 900_000)}.{r.randrange(100):02d}",
        ),
        DemoField(
            account,
            CustomFieldType.MULTI_SELECT,
            topics,
            lambda r: r.sample(all_topics, r.randint(1, 2)),
            all_topics,
        ),
        DemoField(
            contact,
            CustomFieldType.DATE,
            birthday,
            lambda r: (
                f"{r.randrange(1940, 2005)}-{r.randrange(1, 13):02d}-{r.randrange(1, 29):02d}"
            ),
        ),
    )


CUSTOM_FIELDS: dict[Locale, tuple[DemoField, ...]] = {
    Locale.DE: _fields(
        "Rechtsform",
        ("Einzelunternehmen", "GmbH", "GbR"),
        "Jahresumsatz",
        "Aufträge",
        ("Jahresabschluss", "Lohnbuchhaltung", "Einkommensteuer"),
        "Geburtstag",
    ),
    Locale.EN: _fields(
        "Legal form",
        ("Sole trader", "Limited company", "Partnership"),
        "Annual revenue",
        "Services",
        ("Annual accounts", "Payroll", "Income tax"),
        "Birthday",
    ),
}
"""Custom fields, for each language."""

NOTICE = {
    Locale.DE: (
        "Ihr Steuerbescheid ist da",
        "Das Finanzamt ist der Erklärung gefolgt. Den Bescheid finden Sie in Ihrem Konto.",
    ),
    Locale.EN: (
        "Your tax assessment has arrived",
        "The tax office has followed the return. You find the assessment in your account.",
    ),
}
"""A subject and a text for the contacts of an account."""
