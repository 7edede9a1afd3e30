"""What is written to the log, one JSON object a line: when, where and by whom; never what was asked or typed.

A line names the route, not the address, since an address may carry a name. Of an error it keeps the kind and where it
came from, not what it says, since that may quote a value. docs/security/logging.md lists what is logged.
"""

from __future__ import annotations

import json
import logging
import secrets
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TextIO

from flask import Flask, Response, g, has_request_context, request, request_finished

OURS = "casereader"
LOG = logging.getLogger(OURS)
ROOT = Path(__file__).resolve().parents[2]
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
HEADER = "X-Request-Id"
MOST_FRAMES = 30


def request_id() -> str:
    """The number of this request: in its answer's header, in each of its log lines, and on its error page."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    number: str = g.request_id
    return number


def install(app: Flask) -> None:
    """Number every request, and write a line when it was answered. First of all, so that every other line has it."""

    @app.before_request
    def _begin() -> None:
        request_id()
        g.began = time.monotonic()

    @app.after_request
    def _number(response: Response) -> Response:
        response.headers[HEADER] = request_id()
        return response

    @request_finished.connect_via(app)
    def _answered(_app: Flask, response: Response, **_: object) -> None:
        is_quiet = request.endpoint == "static" and response.status_code < 400
        took = round((time.monotonic() - g.get("began", time.monotonic())) * 1000, 1)
        LOG.log(
            logging.DEBUG if is_quiet else logging.INFO,
            "answered",
            extra={"status": response.status_code, "ms": took},
        )

    app.extensions["casereader_answered"] = _answered  # a signal holds what it calls but weakly


def as_json_lines() -> None:
    """From here on, let all that this process logs go to standard error as JSON lines, whoever logs it."""
    line = _StandardError()
    line.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [line]
    root.setLevel(logging.WARNING)
    LOG.setLevel(logging.INFO)
    for name in list(root.manager.loggerDict):  # what a server set up for itself would write lines of its own
        other = logging.getLogger(name)
        other.handlers.clear()
        other.propagate = True
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # names whole addresses
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a line for each request that waits for a thread
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    warnings.showwarning = _warned  # type: ignore[assignment]  # its words may quote a value: never taken


class JsonLines(logging.Formatter):
    """One record as one line of ASCII: no sign in it can end the line or steer a terminal.

    `whole`: sentences of others that are written with their values, since these are the machine's own.
    """

    def __init__(self, *, whole: Collection[str] = ()) -> None:
        super().__init__()
        self._whole = frozenset(whole)

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        is_whole = record.name == OURS or record.name.startswith(f"{OURS}.") or str(record.msg) in self._whole
        fields: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            # What others put into their messages may be an address or a value: their words without them.
            "says": record.getMessage() if is_whole else str(record.msg),
        }
        if has_request_context():
            fields |= {
                "request": request_id(),
                "account": g.get("acting"),
                "route": request.endpoint,
                "method": request.method if request.method in METHODS else "other",
            }
        for name in ("status", "ms"):
            if hasattr(record, name):
                fields[name] = getattr(record, name)
        if record.exc_info and record.exc_info[1] is not None:
            fields["error"] = [_kind(error) for error in _chain(record.exc_info[1])]
            fields["where"] = _frames(record.exc_info[1])
        return json.dumps(fields, ensure_ascii=True, default=str)


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to whatever standard error is at that moment."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what it came from, newest first."""
    found: list[BaseException] = []
    step: BaseException | None = error
    while step is not None and step not in found:
        found.append(step)
        step = step.__cause__ or (None if step.__suppress_context__ else step.__context__)
    return found


def _kind(error: BaseException) -> str:
    """The kind of an error, with the database's own code for it: what it says may quote a value."""
    driver = getattr(error, "orig", None) or error
    code = getattr(driver, "sqlstate", None) or getattr(driver, "sqlite_errorname", None)
    return f"{type(error).__module__}.{type(error).__qualname__}" + (f" {code}" if code else "")


def _frames(error: BaseException) -> list[str]:
    """Where each error of the chain passed through: file, line and function, without what the line says."""
    return [
        f"{_short(frame.filename)}:{frame.lineno} {frame.name}"
        for one in _chain(error)
        for frame in traceback.extract_tb(one.__traceback__, limit=-MOST_FRAMES)
    ]


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else "/".join(path.parts[-2:])


def _uncaught(_kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if isinstance(error, KeyboardInterrupt):
        return
    LOG.critical("the process ended by an error", exc_info=(type(error), error, trace))


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        LOG.critical(
            "a thread ended by an error", exc_info=(type(args.exc_value), args.exc_value, args.exc_value.__traceback__)
        )


def _warned(_message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object) -> None:
    LOG.warning("a warning: %s at %s:%d", category.__name__, _short(filename), lineno)
