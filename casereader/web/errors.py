"""The one place where facts become error pages: plain words, a way back, and a number to quote."""

from __future__ import annotations

import errno
import logging
import sqlite3

from flask import Flask, Response, g, jsonify, render_template, request, url_for
from flask.globals import request_ctx
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError

from casereader.errors import AbsentError, ConflictError, ErasedError, RefusedError, SpentLinkError
from casereader.programmes import inspections
from casereader.vocabulary import Role
from casereader.web import kept_post
from casereader.web.access import person_or_none, refusal
from casereader.web.crossings import CrossedError
from casereader.web.logs import request_id
from casereader.web.request_session import db, only_read
from casereader.web.tries import TooManyTriesError

LEAD_BACK = (403, 409, 413)  # what is refused in an inspection leads to its page
OPENS_INSPECTIONS = (Role.COORDINATOR, Role.LEAD, Role.MODERATOR)
LOG = logging.getLogger("casereader")

PAGES: dict[int, tuple[str, str]] = {
    400: ("The page could not be sent", "Go back, load the page again, and send it once more. Nothing was changed."),
    401: ("You are signed out", "Sign in again. Nothing was changed."),
    403: ("You cannot use this page", "Your role does not open it."),
    404: (
        "Page not found",
        "There is nothing here, or it is not yours. Check the address, or start from your home page.",
    ),
    405: ("This page cannot be used that way", "Start from your home page."),
    409: ("Things have moved on", "Load the page again to see how things stand now."),
    410: ("The content was erased", "What is left of it is on the page of the inspection."),
    413: ("That is too large", "Send a smaller file or a shorter text. Nothing was changed."),
    415: ("That kind of file cannot be read", "Nothing was changed."),
    422: ("That could not be accepted", "Nothing was changed."),
    423: ("Locked", "It opens again with the password. Nothing was changed."),
    429: ("Too many tries", "Go back, wait, and try again. Nothing was changed."),
    500: ("Something went wrong", "The fault is ours. What was saved before is safe. Try again in a minute."),
    503: ("Busy", "The database is busy. Nothing was changed: try again in a minute."),
    507: (
        "No room left to save",
        "Nothing was changed, and what was saved before can still be read. Keep this page open, tell whoever runs the "
        "service that its disk is full, and try again once they have made room.",
    ),
}
SPENT_LINK = "This link no longer opens anything"
OLD_PAGE = "This page was open for too long, or you signed in again elsewhere. Load it again."
# SQLite says that it is full when the disk does; a quota that is used up, it says as a write that failed.
SQLITE_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE}
POSTGRESQL_FULL = "53100"
SYSTEM_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class NoRoomError(Exception):
    """There was no room to keep what was sent; an OSError would be taken for a browser that has left."""


def install(app: Flask) -> None:
    """Answer every error with our own page, or JSON where JSON was sent."""

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        if isinstance(error, CSRFError):
            return _with_words_kept() or page(400, OLD_PAGE)
        response = page(error.code or 500, error.description or "" if isinstance(error, CrossedError) else "")
        for name, value in error.get_headers():
            if name in {"Allow", "Retry-After"}:
                response.headers[name] = value
        return response

    @app.errorhandler(AbsentError)
    def _absent(error: AbsentError) -> Response:
        return page(404, str(error))

    @app.errorhandler(SpentLinkError)
    def _spent(error: SpentLinkError) -> Response:
        return page(404, title=SPENT_LINK, remedy=str(error))

    @app.errorhandler(ErasedError)
    def _erased(error: ErasedError) -> Response:
        return page(410, str(error))

    @app.errorhandler(ConflictError)
    def _conflict(error: ConflictError) -> Response:
        return page(409, str(error))

    @app.errorhandler(RefusedError)
    def _refused(error: RefusedError) -> Response:
        return page(422, *error.reasons)

    @app.errorhandler(TooManyTriesError)
    def _no_tries(error: TooManyTriesError) -> Response:
        return page(429, error.noted())

    @app.errorhandler(StaleDataError)
    @app.errorhandler(IntegrityError)
    def _raced(_error: Exception) -> Response:
        _give_up()
        return page(409, "Somebody else changed this at the same moment. Nothing of yours was saved.")

    @app.errorhandler(OperationalError)
    def _unwritten(error: OperationalError) -> Response:
        only_read()
        LOG.error("database: %s", type(error.orig).__name__)
        response = page(507 if _is_full(error) else 503)
        response.headers["Retry-After"] = "60" if response.status_code == 507 else "5"
        return response

    @app.errorhandler(NoRoomError)
    def _unkept(_error: NoRoomError) -> Response:
        _give_up()
        LOG.error("file: no room for what was sent")
        return page(507)

    @app.errorhandler(InternalServerError)
    def _broken(error: InternalServerError) -> Response:
        match error.original_exception:  # a commit that failed comes here: the view had answered before it
            case OperationalError() as unwritten:
                return _unwritten(unwritten)
            case StaleDataError() | IntegrityError() as raced:
                return _raced(raced)
            case OSError() as unkept if unkept.errno in SYSTEM_FULL:  # a file that was being sent
                _give_up()
                LOG.error("file: %s", errno.errorcode[unkept.errno])
                return page(507)
        _give_up()
        return page(500)


def _with_words_kept() -> Response | None:
    """The page on which what came with a wrong token can be sent once more; None where nothing is kept."""
    if request.accept_mimetypes.best == "application/json":
        return None
    html = kept_post.page_to_sign_in_again() or kept_post.page_to_send_again()
    return None if html is None else Response(html, status=400, content_type="text/html; charset=utf-8")


def _is_full(error: OperationalError) -> bool:
    """Whether the database could not be written because there is no room, rather than because others write."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code in SQLITE_FULL or getattr(error.orig, "sqlstate", None) == POSTGRESQL_FULL


def _give_up() -> None:
    """Leave a failed transaction, so that the error page itself can still ask who is signed in."""
    session = g.get("db")
    if session is not None:
        session.rollback()


def _inspection_of_address() -> dict[str, str] | None:
    """The inspection that the refused address names, where this person may open its page."""
    found, name = person_or_none(), (request.view_args or {}).get("public_id")
    if found is None or not request.path.startswith("/inspections/"):
        return None
    places = inspections.all_places(db(), account=found.account, roles=OPENS_INSPECTIONS)
    place = next((one for one in places if one.inspection.public_id == name), None)
    if place is None:
        return None
    return {"name": place.name, "href": url_for("programmes.inspection", public_id=place.inspection.public_id)}


def page(status: int, *says: str, title: str = "", remedy: str = "") -> Response:
    """An error page, or its JSON twin for a program; in plain text where not even a page can be made."""
    if request_ctx.url_adapter is None:  # the request named another host: no page of ours can be linked to
        return _plain(status, "This service is not called by that name.")
    usual = PAGES.get(status, PAGES[500] if status >= 500 else PAGES[400])
    title, remedy = title or usual[0], remedy or usual[1]
    try:
        response = _made(status, title, remedy, [text for text in says if text])
    except Exception as error:  # what broke the request may break its page as well: a database that is gone
        LOG.error("error page: %s", type(error).__name__, exc_info=error)
        return _plain(status if status >= 500 else 503, f"{title}. {remedy}")
    response.status_code = status
    return response


def _made(status: int, title: str, remedy: str, says: list[str]) -> Response:
    inspection = None
    if status == 403:
        remedy = refusal()
    if status in LEAD_BACK:
        inspection = _inspection_of_address()
    if request.is_json or request.accept_mimetypes.best == "application/json":
        return jsonify(error=title, says=says or [remedy], request=request_id())
    html = render_template(
        "errors/error.html",
        heading=title,
        says=[] if status == 422 else says,
        remedy=remedy,
        number=request_id(),
        typed=kept_post.written() if status in (403, 404, 409, 422) else [],
        inspection=inspection,
        whom_to_tell=g.get("whom_to_tell", []),
        errors=[{"text": text, "href": None} for text in says or [title]] if status == 422 else None,
    )
    return Response(html, content_type="text/html; charset=utf-8")


def _plain(status: int, text: str) -> Response:
    return Response(f"{text}\nNumber to quote: {request_id()}\n", status=status, mimetype="text/plain")
