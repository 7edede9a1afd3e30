"""Fields that were sent and that nothing asked for: they change nothing, and the log tells their names.

No page of ours sends them, so somebody tries what they might do. What is in them is never told.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from flask import Flask, Request, Response, request
from werkzeug.datastructures import ImmutableMultiDict

LOG = logging.getLogger("casereader")
MOST_NAMES, LONGEST_NAME = 20, 30


class Fields(ImmutableMultiDict[str, Any]):
    """The fields of a form or an address, which know what was asked of them by name; to walk over all is no asking."""

    @property
    def asked(self) -> set[str]:
        """The names that were asked for."""
        found: set[str] = self.__dict__.setdefault("_asked", set())
        return found

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)

    def get(self, key: str, *args: Any, **more: Any) -> Any:
        """The first value of a field."""
        self.asked.add(key)
        return super().get(key, *args, **more)

    def getlist(self, key: str, *args: Any, **more: Any) -> list[Any]:
        """Every value of a field."""
        self.asked.add(key)
        return super().getlist(key, *args, **more)


class NotingRequest(Request):
    """A request whose fields know what was asked of them."""

    parameter_storage_class = Fields


def install(app: Flask) -> None:
    """After every form that was taken, tell of what came with it and was not asked for."""
    app.request_class = NotingRequest

    @app.after_request
    def _tell(response: Response) -> Response:
        fields = request.form if request.method == "POST" and response.status_code < 400 else None
        if isinstance(fields, Fields):
            tell(fields.keys() - fields.asked)
        return response


def tell(names: Iterable[str]) -> None:
    """Log the names of fields that are not taken."""
    shown = sorted(f"{name[:LONGEST_NAME]!a}" for name in names)
    if shown:
        more = f" and {len(shown) - MOST_NAMES} more" if len(shown) > MOST_NAMES else ""
        LOG.warning("unexpected fields, not taken: %s%s", ", ".join(shown[:MOST_NAMES]), more)
