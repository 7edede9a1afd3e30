"""What the reading form's script talks to: saving answers as they are written, and who is signed in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, jsonify, request
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.wrappers import Response

from casereader import readings
from casereader.errors import ConflictError
from casereader.readings import Change, Opened, RefusedAnswersError, StaleError, TooOftenError
from casereader.vocabulary import READER_ROLES
from casereader.web import errors, strict_json
from casereader.web.access import Door, allow, person, person_or_none
from casereader.web.answers import reading_pages
from casereader.web.clock import now
from casereader.web.every_request import unexpected
from casereader.web.objects import instrument_of_reading, reading
from casereader.web.request_limits import limit_body
from casereader.web.request_session import db
from casereader.web.signed_in import covered, waiting

blueprint = Blueprint("autosave", __name__)

MEGABYTES, FIELDS = 4, 1000
KNOWN = frozenset({"version", "idempotency_key", "answers"})
OF_ANSWER = frozenset({"value", "note", "sources", "ground", "discuss"})
HIGHEST_VERSION = 2**31 - 1
MOST_ASKED = 5
LONGEST_ASKED = 400  # characters: five of the longest keys, and what stands between them


@blueprint.get("/readings/session")
@allow(Door.ANYONE)
def session() -> Response:
    """Who is signed in, if anybody, and a token to go on with: a page that was left open asks before it saves again."""
    found = person_or_none()
    is_in = found is not None and not found.must_set_up
    return jsonify(
        csrf_token=generate_csrf(),
        person=found.account.public_id if found and is_in else None,
        second_step=waiting() is not None,
        locked=covered() is not None,
    )


@blueprint.get("/readings/<public_id>/saves")
@allow(*READER_ROLES)
def saves(public_id: str) -> Response:
    """What is stored, and which of the saves asked about were taken: for a page that was left while it was saving."""
    opened = reading(public_id)
    asked = request.args.get("keys", "")
    if len(asked) > LONGEST_ASKED:
        return errors.page(400, f"“keys” is longer than {LONGEST_ASKED} characters.")
    keys = asked.split(",")[:MOST_ASKED]
    return jsonify(**_held(opened), taken=readings.taken(db(), opened=opened, keys=keys, by=person().account))


@blueprint.post("/readings/<public_id>/answers")
@allow(*READER_ROLES)
@limit_body(MEGABYTES, fields=FIELDS)
def save(public_id: str) -> tuple[Response, int] | Response:
    """Save the answers that changed, all or none."""
    opened = reading(public_id, to_change=True)
    body = request.get_data()
    if request.mimetype != "application/json" or request.headers.get("Content-Encoding", "identity") != "identity":
        raise UnsupportedMediaType
    try:
        sent = strict_json.read(body)
        version, key, answers = _checked(sent)
    except strict_json.UnreadableError as error:
        return errors.page(400, str(error))
    changes, faults = changes_in(answers)
    if faults:
        return _refused(faults)
    unexpected.tell(sent.keys() - KNOWN)
    try:
        saved = readings.save(
            db(),
            opened=opened,
            instrument=instrument_of_reading(opened),
            changes=changes,
            version=version,
            key=key,
            digest=hashlib.sha256(public_id.encode() + b"|" + body).hexdigest(),
            by=person().account,
            at=now(),
        )
    except RefusedAnswersError as error:
        return _refused(error.faults)
    except ConflictError as error:
        return _differs(opened, error)
    except TooOftenError as error:
        reply = jsonify(error="Too many saves", says=[str(error)])
        reply.headers["Retry-After"] = "2"
        return reply, 429
    return jsonify(saved.reply | _signs(opened, changes))


def _signs(opened: Opened, changes: Mapping[str, Change]) -> dict[str, Any]:
    """What in the texts that were saved looks as if it told who a child is: the page says it beside each."""
    found = readings.signs_of_changes(db(), opened=opened, instrument=instrument_of_reading(opened), changes=changes)
    return {"signs": found} if found else {}


def _differs(opened: Opened, error: ConflictError) -> tuple[Response, int]:
    """What the reading holds now, so that the page can set it beside what was typed."""
    body: dict[str, Any] = {"error": "Changed elsewhere", "says": [str(error)], "version": opened.reading.version}
    if isinstance(error, StaleError):
        body |= {**_held(opened), "who": error.who}
    else:
        body["closed"] = True
        body["who"] = person().account.name
    return jsonify(body), 409


def _held(opened: Opened) -> dict[str, Any]:
    """The reading as it is stored: its version, and every answer with the texts of the notes pane."""
    answers = reading_pages.answers_of(opened, instrument_of_reading(opened))
    notes = readings.notes_of(db(), opened.key)
    texts = {readings.NOTES: {"value": notes.notes}, readings.STORY: {"value": notes.story}}
    saved_at = opened.reading.saved_at
    return {
        "version": opened.reading.version,
        "saved_at": saved_at.isoformat() if saved_at else None,
        "answers": {key: asdict(answer) for key, answer in answers.items()} | texts,
    }


def changes_in(answers: Mapping[str, Any]) -> tuple[dict[str, Change], dict[str, list[str]]]:
    """The changes that a JSON object of answers asks for, and what is wrong with any, by key."""
    changes: dict[str, Change] = {}
    faults: dict[str, list[str]] = {}
    for key, sent in answers.items():
        found = _change_faults(sent)
        if found:
            faults[key] = found
            continue
        change: Change = {}
        for name in ("value", "ground"):
            if name in sent:
                change[name] = sent[name]
        if "note" in sent:
            change["note"] = sent["note"]
        if "sources" in sent:
            change["sources"] = tuple(sent["sources"])
        if "discuss" in sent:
            change["discuss"] = sent["discuss"]
        changes[key] = change
    return changes, faults


def _checked(sent: Mapping[str, Any]) -> tuple[int, str, Mapping[str, Any]]:
    version, key, answers = sent.get("version"), sent.get("idempotency_key"), sent.get("answers")
    if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version <= HIGHEST_VERSION:
        raise strict_json.UnreadableError("“version” is not the whole number of a version.")
    if not isinstance(key, str) or len(key) not in readings.KEY_LENGTH or not (key.isascii() and key.isprintable()):
        raise strict_json.UnreadableError("“idempotency_key” is not a text of 16 to 64 plain characters.")
    if not isinstance(answers, dict) or len(answers) > FIELDS:
        raise strict_json.UnreadableError(f"“answers” is not an object of at most {FIELDS} answers.")
    return version, key, answers


def _change_faults(sent: Any) -> list[str]:
    if not isinstance(sent, dict):
        return ["An answer is an object with value, note, sources, ground or discuss."]
    found = [f"“{name[:30]}” is not part of an answer." for name in sent if name not in OF_ANSWER]
    found += [
        f"“{name}” is not a text." for name in ("value", "ground") if not isinstance(sent.get(name, ""), str | None)
    ]
    if not isinstance(sent.get("note", ""), str):
        found.append("“note” is not a text.")
    sources = sent.get("sources", [])
    if not isinstance(sources, list) or not all(isinstance(source, str) for source in sources):
        found.append("“sources” is not a list of texts.")
    if not isinstance(sent.get("discuss", False), bool):
        found.append("“discuss” is neither true nor false.")
    return found


def _refused(faults: Mapping[str, list[str]]) -> tuple[Response, int]:
    says = [f"{key}: {reason}" for key, reasons in faults.items() for reason in reasons]
    clean = {_encodable(key): [_encodable(reason) for reason in reasons] for key, reasons in faults.items()}
    return jsonify(error="Not saved", says=list(map(_encodable, says)), reasons=clean), 422


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")[:300]
