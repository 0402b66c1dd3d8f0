"""The client portal's pages: their addresses, and who answers there."""

from __future__ import annotations

from starlette.routing import Route

from portal import accounts, activation, joining, passwords, sessions, settings, sign_ups
from portal.assets import asset_routes
from portal.door import Door, VisitBeside
from portal.guest import SessionCookie
from resolvers.unit import Deployment
from schema.direct import Reading


def portal_routes(
    deployment: Deployment,
    reading: Reading,
    *,
    visit_beside: VisitBeside,
    session_cookie: SessionCookie,
) -> list[Route]:
    """The routes below `/p`.

    *reading* is what the API's queries are read with, *visit_beside* tells who is asking, and
    *session_cookie* makes the header that gives a browser its session (or, with None, takes it
    away).
    """
    door = Door(deployment, reading, visit_beside=visit_beside, session_cookie=session_cookie)
    return [
        *asset_routes(deployment),
        door.route("", get=sessions.show_landing),
        door.route("/sign-in", get=sessions.show_landing, post=sessions.sign_in),
        door.route("/sign-out", get=sessions.show_landing, post=sessions.sign_out),
        door.route("/accounts", get=accounts.show_all),
        door.route("/accounts/{id}", get=accounts.show_one),
        door.route("/switch", get=sessions.show_landing, post=accounts.switch),
        door.route("/sessions", get=sessions.show_sessions),
        door.route("/sessions/end", get=sessions.show_landing, post=sessions.end_session),
        door.route("/password", get=passwords.show_change, post=passwords.change),
        door.route("/language", get=settings.show_language, post=settings.change_language),
        door.route("/activate", get=activation.show, post=activation.activate),
        door.route("/activate/again", get=activation.show, post=activation.ask_again),
        door.route("/join", get=joining.show, post=joining.join),
        door.route("/join/again", get=joining.show, post=joining.ask_again),
        door.route("/joined", get=joining.joined),
        door.route("/forgotten", get=passwords.show_forgotten, post=passwords.ask_for_link),
        door.route("/sent", get=passwords.sent),
        door.route("/reset", get=passwords.show_reset, post=passwords.reset),
        door.route("/sign-up", get=sign_ups.show, post=sign_ups.sign_up),
        door.route("/sign-up/sent", get=sign_ups.sent),
        door.route("/sign-up/finish", get=sign_ups.show_finish, post=sign_ups.finish),
        Route("/p/{slug}/{rest:path}", door.nowhere),
    ]
