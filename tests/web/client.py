"""The web tests' client: it looks over every page that it is given, and fills in forms as a browser would."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from flask.testing import FlaskClient
from sqlmodel import col, func, select
from werkzeug.test import TestResponse

from casereader.db import snapshot, transaction
from casereader.models import Account, RecoveryCode
from casereader.people import sessions
from casereader.vocabulary import Factor
from casereader.web.signed_in import FULLY, TOKEN
from tests.second_steps import line
from tests.web.page import Page


class UnsoundPageError(AssertionError):
    """A page came back whose HTML or headers are not sound."""


class PageClient(FlaskClient):
    """A browser without a screen; an unsound page fails the test that asked for it, whatever it asked for."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request and look over the page that comes back."""
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.status_code not in range(300, 400):
            faults = [*page_of(response).faults(), *_header_faults(response)]
            if faults:
                path = response.request.path
                listed = "\n".join(f"- {fault}" for fault in faults)
                raise UnsoundPageError(f"{path} ({response.status_code}) is unsound:\n{listed}")
        return response

    def page(self, path: str, *, status: int = 200) -> Page:
        """The page at `path`, which must come with `status`."""
        response = self.get(path)
        assert response.status_code == status, f"{path} gave {response.status_code}, not {status}"
        return page_of(response)

    def submit(
        self,
        path: str,
        values: Mapping[str, object] | None = None,
        *,
        action: str | None = None,
        button: str | None = None,
    ) -> TestResponse:
        """Open `path`, fill its form (the one posting to `action`) with `values`, and press `button`.

        What the page filled in stays; a value of `None` takes a field out; a field that the form lacks is an error.
        """
        form = self.page(path).form(action)
        filled: dict[str, Any] = dict(filled_in(form))
        known = {field.get("name") for tag in ("input", "select", "textarea") for field in form.iter(tag)}
        for name, value in (values or {}).items():
            assert name in known, f"the form on {path} has no field {name}"
            filled[name] = value
        if button is not None:
            pressed = [each for each in form.iter("button") if each.get("value") == button]
            assert pressed, f"the form on {path} has no button {button}"
            filled[pressed[0].get("name", "")] = button
        filled = {name: value for name, value in filled.items() if value is not None}
        return self.post(form.get("action") or path, data=filled)

    def sign_in(self, email: str, password: str) -> TestResponse:
        """Sign in through the sign-in page; where a second step is asked for, with the next line of their sheet."""
        response = self.submit("/sign-in", {"email": email, "password": password})
        assert response.status_code in (302, 303), f"{email} could not sign in: {response.status_code}"
        if urlsplit(response.location or "").path != "/second-step":
            return response
        step = self.submit(response.location or "", {"line": self._next_line(email)}, action="/second-step/line")
        assert step.status_code == 303, f"{email} could not take the second step: {step.status_code}"
        return step

    def sit_down(self, account: Account) -> None:
        """Be signed in as somebody, both steps taken, without the pages: hundreds of tests are about other things."""
        with transaction(self.application.extensions["casereader_engine"]) as session:
            token = sessions.begin(session, account=account, at=datetime.now(UTC), factor=Factor.RECOVERY_CODE)
        with self.session_transaction() as cookie:
            cookie[TOKEN], cookie[FULLY] = token, int(time.time())

    def _next_line(self, email: str) -> str:
        with snapshot(self.application.extensions["casereader_engine"]) as session:
            left = select(func.min(RecoveryCode.number)).join(Account)
            left = left.where(Account.email == email, col(RecoveryCode.used_at).is_(None))
            return line(session.exec(left).one())

    def saved(self, asked: TestResponse) -> TestResponse:
        """The file that was asked for, as the button on its page gives it out; the answer itself where none is made."""
        if asked.status_code != 303:
            return asked
        return self.submit(asked.location, action=f"{asked.location}/save")

    def csrf_token(self, path: str) -> str:
        """The token that the page at `path` would send, for requests that a script makes."""
        fields = self.page(path).root.iter("input")
        return next(field.get("value", "") for field in fields if field.get("name") == "csrf_token")


def page_of(response: TestResponse) -> Page:
    """The page that came with a response, read once."""
    known: Page | None = getattr(response, "page", None)
    if known is None:
        known = Page(response.get_data(as_text=True), status=response.status_code)
        response.page = known  # type: ignore[attr-defined]
    return known


def links_of(response: TestResponse) -> list[str]:
    """Where a response leads: its links, or where it sends the browser on to; nothing for a file."""
    if response.location is not None:
        return [response.location]
    return page_of(response).links if response.mimetype == "text/html" else []


def filled_in(form: Element) -> dict[str, str | list[str]]:
    """What a browser would send for a form left as it came: name to value, or values if there are several."""
    sent: list[tuple[str, str]] = []
    for field in form.iter():
        name = field.get("name")
        if not name or field.get("disabled") is not None:
            continue
        if field.tag == "textarea":
            sent.append((name, field.text or ""))
        elif field.tag == "select":
            sent += [(name, value) for value in _chosen(field)]
        elif field.tag == "input" and _is_sent(field):
            sent.append((name, field.get("value", "")))
    together: dict[str, str | list[str]] = {}
    for name, value in sent:
        earlier = together.get(name)
        if earlier is None:
            together[name] = value
        else:
            together[name] = [*([earlier] if isinstance(earlier, str) else earlier), value]
    return together


def _is_sent(field: Element) -> bool:
    kind = field.get("type", "text")
    if kind in ("radio", "checkbox"):
        return field.get("checked") is not None
    return kind not in ("submit", "button", "reset", "image", "file")


def _chosen(select: Element) -> list[str]:
    options = list(select.iter("option"))
    chosen = [option for option in options if option.get("selected") is not None]
    if not chosen and select.get("multiple") is None:
        chosen = options[:1]
    return [option.get("value", option.text or "") for option in chosen]


def _header_faults(response: TestResponse) -> list[str]:
    policy = response.headers.get("Content-Security-Policy", "")
    faults = []
    if "default-src 'none'" not in policy or "unsafe" in policy:
        faults.append(f"a content security policy that is not strict: “{policy}”")
    if "no-store" not in response.headers.get("Cache-Control", ""):
        faults.append("a page that may be kept in a cache")
    if response.headers.get("X-Content-Type-Options") != "nosniff":
        faults.append("no nosniff header")
    return faults
