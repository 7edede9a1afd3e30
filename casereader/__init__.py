"""casereader: draw a fair sample of case records, read them, and roll up what reviewers scored."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import cache
from types import TracebackType

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from werkzeug.datastructures import ImmutableDict
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter

from casereader import beginning, cli, web
from casereader.config import ConfigError, Settings, load_settings
from casereader.db import make_engine
from casereader.factors.keys import SEARCHES, FactorKeys
from casereader.instrument import Library, load_all
from casereader.places import DATA, TEMPLATES
from casereader.practice import PracticeCase, load_cases
from casereader.private_files import MASK
from casereader.sealing import sealing_keys
from casereader.web import logs

_Caught = tuple[type, BaseException, TracebackType] | tuple[None, None, None]


class _App(Flask):
    """Answers only the methods that a route names; Flask adds its own route, for static files, before any setting."""

    default_config = ImmutableDict({**Flask.default_config, "PROVIDE_AUTOMATIC_OPTIONS": False})

    def log_exception(self, exc_info: _Caught) -> None:
        """Flask names the address, which may name something; ours has the route, and no value."""
        logs.LOG.error("unhandled", exc_info=exc_info)


class _Cookies(SecureCookieSessionInterface):
    """Signs the cookie with HMAC-SHA256; Flask's own is SHA-1."""

    digest_method = staticmethod(hashlib.sha256)


class _Name(BaseConverter):
    """What may stand for a thing in an address: no other text comes as far as the database."""

    regex = "[A-Za-z0-9._~-]{1,100}"


def create_app(overrides: Mapping[str, object] | None = None, *, makes: bool = True) -> Flask:
    """The application, from the environment and `overrides`; touches no table, so it starts without a database.

    Unless it `makes` data folder, secret key and an empty database file where they are not there, a command must do so
    before anything is asked of the database (see `beginning`).
    """
    os.umask(MASK)
    settings = load_settings(overrides, makes=makes)
    app = _App(__name__, template_folder=str(TEMPLATES), instance_path=str(settings.data_folder))
    if app.debug and not settings.on_loopback:
        raise ConfigError(
            "Debug mode shows the program's inside to anybody: it runs on this machine's own address only."
        )
    app.session_interface = _Cookies()
    app.config.update(_flask_settings(settings))
    app.url_map.converters["default"] = _Name
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.extensions["casereader_settings"] = settings
    app.extensions["casereader_sealing_keys"] = sealing_keys(settings.secret_key, *settings.retired_keys)
    keys = (settings.secret_key, *settings.retired_keys)
    app.extensions["casereader_factor_keys"] = FactorKeys(*keys)
    app.extensions["casereader_search_keys"] = FactorKeys(*keys, purpose=SEARCHES)
    try:
        app.extensions["casereader_engine"] = make_engine(settings.database_url, makes=makes)
    except OSError as error:
        raise ConfigError(f"The file of DATABASE_URL cannot be used: {error.strerror}") from error
    if not makes:
        beginning.guard(app.extensions["casereader_engine"], settings)
    app.extensions["casereader_instruments"] = _instruments()
    app.extensions["casereader_practice"] = _practice()
    web.install(app, settings)
    cli.install(app)
    return app


@cache
def _instruments() -> Library:
    """Read once for each process: they are immutable, and tests make many applications."""
    return load_all(DATA / "instruments")


@cache
def _practice() -> dict[str, PracticeCase]:
    return load_cases(DATA / "practice", _instruments())


def _flask_settings(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.retired_keys),
        "TESTING": settings.testing,
        "TRUSTED_HOSTS": list(settings.trusted_hosts),
        "SESSION_COOKIE_NAME": "casereader" if settings.on_loopback else "__Host-casereader",
        "SESSION_COOKIE_SECURE": not settings.on_loopback,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "MAX_CONTENT_LENGTH": 64 * 1024,
        "MAX_FORM_MEMORY_SIZE": 64 * 1024,
        "MAX_FORM_PARTS": 200,
        "WTF_CSRF_TIME_LIMIT": None,  # bound to the session: a reader may sit over one record for hours
    }
