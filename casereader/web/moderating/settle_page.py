"""What the pages of settling have in common: the two readings side by side, and what was typed beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template, request
from werkzeug.exceptions import BadRequest

from casereader import dated
from casereader.errors import ConflictError
from casereader.instrument import Instrument
from casereader.models import Account, Reading, Settlement
from casereader.moderating import settlements, settling
from casereader.moderating.moderation import Pair
from casereader.moderating.seen import MovedOnError
from casereader.moderating.settlements import Chosen
from casereader.readings import answers_of
from casereader.web import kept_post
from casereader.web.answers import reading_pages
from casereader.web.answers.questions import slug
from casereader.web.moderating import settle_rows
from casereader.web.moderating.settle_rows import Compared, Typed
from casereader.web.request_session import db

NAMES = ("__choice", "", "__ground", "__reason")  # of the fields of one question, after its key
OPEN_AGAIN = (
    "A reading of this case is open again. Once it is submitted, both stand here beside each other again; what was "
    "proposed lapses if an answer changes."
)
MOST_NAMED = 3  # questions that lack the same, each in a line of its own
NOT_STORABLE = "The text holds a hidden sign that cannot be stored: type it again, without pasting."


def settled_page(pair: Pair, instrument: Instrument) -> dict[str, Any] | None:
    """First, second and consensus side by side, and who settled them when; None until they are settled."""
    consensus = settling.consensus_of(db(), sample_case_id=pair.first.reading.sample_case_id)
    if consensus is None:
        return None
    kept = settlements.standing(db(), sample_case_id=consensus.sample_case_id)
    kept = kept if kept is not None and kept.settled_at is not None else None
    two = settle_rows.compared(pair, instrument)
    return {
        "settled_rows": settle_rows.as_settled(two, answers_of(db(), consensus.id or 0), kept),
        "alike": settle_rows.alike(two),
        "set_aside": settle_rows.earlier(two, settlements.earlier_in(db(), kept)),
        "settled_says": _settled_says(consensus, kept),
    }


def undone_says(pair: Pair) -> list[str]:
    """What was settled of this case before, and by whom it was undone, oldest first."""
    return [
        f"These readings were settled before, on {dated.moment(one.settled_at)}. That was undone on "
        f"{dated.moment(one.undone_at)} by {name}, so that a reading could be opened again; what was settled "
        "is kept."
        for one, name in settlements.undone(db(), sample_case_id=pair.first.reading.sample_case_id)
    ]


def _settled_says(consensus: Reading, kept: Settlement | None) -> str:
    by = db().get_one(Account, consensus.reviewer_id).name
    says = f"Settled by {by} on {dated.moment(consensus.assigned_at)}"
    if kept is None or kept.agreed_at is None:
        return f"{says}."
    names = [db().get_one(Account, key).name for key in (kept.proposed_by_id, kept.agreed_by_id)]
    return f"{says}, as {names[0]} proposed and {names[1]} agreed on {dated.moment(kept.agreed_at)}."


def frame(pair: Pair, instrument: Instrument) -> dict[str, Any]:
    """What every page about the two readings shows."""
    return reading_pages.frame(pair.first, instrument, is_of_one=False) | {"pair": pair}


def rendered(
    pair: Pair,
    instrument: Instrument,
    typed: Mapping[str, Typed],
    faults: Mapping[str, Sequence[str]],
    *,
    agreed: Mapping[str, Chosen],
    standing: Settlement | None,
    moved: ConflictError | None = None,
    **shown: Any,
) -> str:
    """The page on which they are settled, with what was typed, what is wrong with it, and what moved on meanwhile."""
    two = settle_rows.compared(pair, instrument)
    others = _moved_says(moved, two)
    if isinstance(moved, MovedOnError):
        faults = {key: says for key, says in moved.changed.items() if key in two.differing}
    rows = settle_rows.to_choose(two, typed, faults, agreed=agreed)
    return render_template(
        "settling/settle.html",
        **frame(pair, instrument),
        rows=rows,
        n_chosen=settle_rows.n_chosen(rows),
        n_disputed=sum(two.differing.values()),
        alike=settle_rows.alike(two),
        signs_found=any("looks as if it held" in says for reasons in faults.values() for says in reasons),
        errors=[
            *({"text": says, "href": None} for says in others),
            *_told(faults),
        ],
        set_aside=settle_rows.earlier(two, settlements.earlier_in(db(), standing)),
        typed=kept_post.written() if moved is not None else [],
        **shown,
    )


def _told(faults: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """What is wrong, for the top of the page: what many questions lack in one line, with a link to the first."""
    by_text: dict[str, list[str]] = {}
    for key, reasons in faults.items():
        for says in reasons:
            by_text.setdefault(says, []).append(key)
    return [
        {"text": f"{key if len(keys) <= MOST_NAMED else f'{len(keys)} questions'}: {says}", "href": f"#c-{slug(key)}"}
        for says, keys in by_text.items()
        for key in (keys if len(keys) <= MOST_NAMED else keys[:1])
    ]


def _moved_says(moved: ConflictError | None, two: Compared) -> list[str]:
    """What moved on, but what stands beside the answers that changed."""
    if not isinstance(moved, MovedOnError):
        return list(moved.reasons) if moved else []
    alike = [key for key in moved.changed if key not in two.differing]
    says = [f"{key} was changed since you opened the page: both readings answer it alike now." for key in alike]
    return [*moved.others, *says]


def typed_in_form(instrument: Instrument) -> tuple[dict[str, Typed], dict[str, list[str]]]:
    """What was typed for each question, and what of it cannot be taken; 400 where a field comes twice."""
    if any(len(values) > 1 for values in request.form.listvalues()):
        raise BadRequest
    found, faults = {}, {}
    for key in instrument.parts:
        typed = Typed(*(request.form.get(f"{key}{name}", "") for name in NAMES))
        if typed != Typed():
            found[key] = typed
        if any("\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text) for text in _texts(typed)):
            faults[key] = [NOT_STORABLE]
    return found, faults


def _texts(typed: Typed) -> tuple[str, ...]:
    return typed.whose, typed.value, typed.ground, typed.reason


def chosen_from(typed: Mapping[str, Typed]) -> dict[str, Chosen]:
    """What was chosen, of what was typed."""
    found: dict[str, Chosen] = {}
    for key, one in typed.items():
        if one.whose in ("first", "second"):
            found[key] = Chosen("first" if one.whose == "first" else "second", reason=one.reason.strip())
        elif one.whose == "both":
            found[key] = Chosen("both", reason=one.reason.strip())
        elif one.whose == "other":
            found[key] = Chosen("other", one.value.strip() or None, one.ground or None, one.reason.strip())
    return found
