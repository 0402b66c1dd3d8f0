"""What a browser says of itself, in two words that its owner knows it by."""

from __future__ import annotations

from language import say
from models.enums import Locale

# The first that is found: others' names stand in most of them.
_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "Windows": "Windows",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS": "Mac",
    "Android": "Android",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def device(locale: Locale, user_agent: str | None) -> str:
    """Such as "Firefox on Windows"; in general words for what is not known."""
    said = user_agent or ""
    browser = next((name for sign, name in _BROWSERS.items() if sign in said), None)
    system = next((name for sign, name in _SYSTEMS.items() if sign in said), None)
    if browser and system:
        return say(locale, "{browser} on {system}", browser=browser, system=system)
    return browser or system or say(locale, "Another program")
