"""Whether this process should be sent requests: what a proxy or a balancer asks, as monitoring asks `/healthz`.

A process that was told to stop says so at once, while it still answers.
"""

from __future__ import annotations

from threading import Event

from flask import Blueprint, Flask, Response, current_app, jsonify
from sqlalchemy.exc import SQLAlchemyError

from casereader import schema
from casereader.web.access import Door, allow
from casereader.web.installed import engine

blueprint = Blueprint("readiness", __name__)


def install(app: Flask) -> None:
    """Give the application what is set once it was told to stop."""
    app.extensions["casereader_stopping"] = Event()


def stop(app: Flask) -> None:
    """From here on, say that no more requests should come."""
    app.extensions["casereader_stopping"].set()


@blueprint.get("/readyz")
@allow(Door.ANYONE)
def show() -> tuple[Response, int]:
    """Whether to send requests here; where not, whether the database, the schema, or an end that has begun is why."""
    if current_app.extensions["casereader_stopping"].is_set():
        return jsonify(status="stopping", database="unknown", schema="unknown"), 503
    try:
        standing = schema.standing(engine())
    except SQLAlchemyError:
        return jsonify(status="failing", database="failing", schema="unknown"), 503
    if standing is not schema.Standing.CURRENT:
        return jsonify(status="failing", database="ok", schema=standing.value), 503
    return jsonify(status="ready", database="ok", schema="current"), 200
