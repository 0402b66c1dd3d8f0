"""The client portal's pages: their addresses, and who answers there."""

from __future__ import annotations

from starlette.routing import Route

from portal import activation, passwords, sessions
from portal.door import Door, SessionCookie, VisitOf
from portal.rendering import STYLESHEET, stylesheet
from resolvers.unit import Deployment


def portal_routes(
    deployment: Deployment, *, visit_of: VisitOf, session_cookie: SessionCookie
) -> list[Route]:
    """The routes below `/p`.

    *visit_of* tells who is asking, *session_cookie* makes the header that gives a browser its
    session (or, with None, takes it away).
    """
    door = Door(deployment, visit_of=visit_of, session_cookie=session_cookie)
    return [
        Route(STYLESHEET, stylesheet),
        door.route("", get=sessions.show_home),
        door.route("/sign-in", get=sessions.show_home, post=sessions.sign_in),
        door.route("/sign-out", get=sessions.show_home, post=sessions.sign_out),
        door.route("/switch", get=sessions.show_home, post=sessions.switch),
        door.route("/activate", get=activation.show, post=activation.activate),
        door.route("/activate/again", get=sessions.show_home, post=activation.ask_again),
        door.route("/forgotten", get=passwords.show_forgotten, post=passwords.ask_for_link),
        door.route("/sent", get=passwords.sent),
        door.route("/reset", get=passwords.show_reset, post=passwords.reset),
    ]
