"""The names and words that the demo's firms are filled with."""

from __future__ import annotations

from models.enums import FolderAccess, Locale

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
