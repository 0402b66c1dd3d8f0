from __future__ import annotations

import email
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from mail.delivery import Unreachable, transport

pytestmark = pytest.mark.anyio


def message(text: str) -> EmailMessage:
    made = EmailMessage()
    made["To"] = "eva@kundin.example"
    made.set_content(text)
    return made


async def test_a_mail_becomes_a_file_and_its_second_try_replaces_it(tmp_path: Path) -> None:
    folder = tmp_path / "a folder" / "mail"
    post = transport(f"file://{folder.as_posix().replace(' ', '%20')}")
    for text in ("first", "second"):
        await post.deliver(message(text), recipient="eva@kundin.example", mail_id="mail_1")
    await post.deliver(message("other"), recipient="eva@kundin.example", mail_id="mail_2")
    assert sorted(path.name for path in folder.iterdir()) == ["mail_1.eml", "mail_2.eml"]
    read = email.message_from_bytes((folder / "mail_1.eml").read_bytes(), policy=default)
    assert read.get_content() == "second\n"


async def test_a_folder_that_cannot_be_written_to_means_later(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file is in the way")
    with pytest.raises(Unreachable):
        await transport(f"file://{tmp_path}/mail").deliver(
            message("text"), recipient="eva@kundin.example", mail_id="mail_1"
        )
