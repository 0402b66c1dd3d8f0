"""A firm's logo: a small picture of a kind that holds no scripts, told by its first bytes."""

from __future__ import annotations

import hashlib

from resolvers.refusal import ErrorCode, Place, Problems

LARGEST = 65_536  # Bytes.


def media_type(octets: bytes) -> str | None:
    """The kind of picture that *octets* are, whatever a file's name says; None for any other."""
    if octets.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if octets.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if octets[:4] == b"RIFF" and octets[8:12] == b"WEBP":
        return "image/webp"
    return None


def check_logo(problems: Problems, place: Place, octets: bytes) -> None:
    """Refuses what is too large, and what is no PNG, JPEG or WebP (an SVG may hold scripts)."""
    if len(octets) > LARGEST:
        problems.add(
            place, ErrorCode.TOO_LONG, "A logo has at most {most} kB.", most=LARGEST // 1024
        )
    elif media_type(octets) is None:
        problems.add(place, ErrorCode.INVALID, "A logo is a PNG, JPEG or WebP picture.")


def digest_of(octets: bytes) -> str:
    """What tells this logo from another one in its address."""
    return hashlib.sha256(octets).hexdigest()[:16]
