"""What every answer says to the browser: nothing from elsewhere, nothing inline, nothing kept."""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.wrappers import Response as BaseResponse

from casereader.config import Settings

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
# A file or a reply to a script is no page: were it ever shown as one, it could load nothing, send nothing, run nothing.
NO_PAGE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
UNUSED = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "serial", "usb")
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED),
}
ONE_YEAR = "max-age=31536000; includeSubDomains"
EVERYTHING_KEPT = '"cache", "storage"'


def install(app: Flask, settings: Settings) -> None:
    """Set the headers on every answer, errors and files included."""

    @app.after_request
    def _headers(response: Response) -> Response:
        headers = response.headers
        is_static = request.endpoint == "static" and response.status_code < 400  # an error page names who is signed in
        is_page = response.mimetype == "text/html"
        headers.update(EVERYWHERE)
        headers["Content-Security-Policy"] = POLICY if is_page or is_static else NO_PAGE
        headers["Cache-Control"] = "no-cache" if is_static else "no-store"
        if not settings.on_loopback:
            headers["Strict-Transport-Security"] = ONE_YEAR
        return response


def keep_nothing(response: BaseResponse) -> BaseResponse:
    """Have the browser forget what it holds of ours: the session in it has ended.

    Browsers do so over https, and over plain http on this machine's own address. Where one does not, nothing of a page
    is left all the same: none is kept in the first place.
    """
    response.headers["Clear-Site-Data"] = EVERYTHING_KEPT
    return response
