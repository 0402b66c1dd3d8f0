"""The folders that an account starts with."""

from __future__ import annotations

from language import say
from models import Account, Firm, Folder
from models.enums import FolderAccess
from models.folding import fold
from resolvers.unit import Unit


def add_default_folders(unit: Unit, account: Account, firm: Firm) -> None:
    """Gives *account* the firm's default: one folder at the top that its client may upload to."""
    name = say(firm.locale, "Client uploaded documents")
    unit.new(
        Folder,
        account_id=account.id,
        name=name,
        path=name,
        path_key=fold(name),
        access=FolderAccess.UPLOAD,
    )
