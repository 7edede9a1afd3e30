"""The answers of a consensus: what two readings both say, and what was chosen where they differ.

Every difference is chosen by somebody, counts and texts too; two texts may be joined.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session

from casereader import identifying
from casereader.errors import QuestionsError
from casereader.instrument import Answer, Answers, Instrument, Part, faults_of, open_keys, tidied
from casereader.moderating.moderation import Pair, differences
from casereader.moderating.settlements import Chosen
from casereader.naming import LONGEST_REASON
from casereader.readings import answers_of_many


class UnsettledError(QuestionsError):
    """Questions that are not settled yet."""


def checked(
    session: Session,
    pair: Pair,
    instrument: Instrument,
    chosen: Mapping[str, Chosen],
    *,
    agreed: Mapping[str, Chosen] | None = None,
    keep_signs: bool = False,
) -> dict[str, Answer]:
    """The consensus that these choices make. Raises UnsettledError with everything that is wrong with them."""
    found = answers_of_many(session, [pair.first.key, pair.second.key])
    stratum = pair.first.stratum(instrument)
    faults: dict[str, list[str]] = {}
    for key, choice in chosen.items():
        if len(choice.reason) > LONGEST_REASON:
            faults.setdefault(key, []).append(f"Say why in at most {LONGEST_REASON:,} characters.")
        if not keep_signs and (signs := identifying.signs_in(choice.reason)):
            faults.setdefault(key, []).append(f"The reason looks as if it held {' and '.join(signs)}.")
        was = (agreed or {}).get(key)
        if agreed and (was is None or was.what != choice.what) and not choice.reason.strip():
            faults.setdefault(key, []).append("The two readers agreed otherwise: say why you change it.")
    try:
        answers = settled_answers(instrument, found[pair.first.key], found[pair.second.key], chosen, stratum=stratum)
    except UnsettledError as error:
        for key, reasons in error.faults.items():
            faults[key] = [*faults.get(key, ()), *reasons]
    if faults:
        raise UnsettledError({key: faults[key] for key in instrument.parts if key in faults})
    return answers


def settled_answers(
    instrument: Instrument, first: Answers, second: Answers, chosen: Mapping[str, Chosen], *, stratum: str
) -> dict[str, Answer]:
    """The answers of the consensus: what both say, and what was chosen where they differ. Raises UnsettledError."""
    differing = {one.part.key for one in differences(instrument, first, second, stratum=stratum)}
    faults: dict[str, list[str]] = {}
    answers: dict[str, Answer] = {}
    for key in instrument.parts:
        one, other = first.get(key, Answer(None)), second.get(key, Answer(None))
        choice = chosen.get(key)
        if choice is None and key in differing:
            faults[key] = ["Choose one of the two answers, or give another with the reason."]
            continue
        if choice is not None and choice.whose == "both" and instrument.part(key).scale.kind != "text":
            faults[key] = ["Only texts can be joined: choose one of the two answers."]
            continue
        answer = _taken(one, other, choice)
        reasons = faults_of(instrument, key, answer, stratum=stratum) if choice is not None else []
        if choice is not None and choice.whose == "other":
            reasons += _lacks(instrument.part(key), choice, answer)
        if reasons:
            faults[key] = reasons
        answers[key] = answer
    asked = open_keys(instrument, answers, stratum=stratum)
    for key in asked:
        if key not in faults and instrument.part(key).required and answers[key].value is None:
            faults[key] = ["With the answers chosen, this question is asked too: give an answer with the reason."]
    if faults:
        raise UnsettledError({key: faults[key] for key in instrument.parts if key in faults})
    return {key: answers[key] for key in asked if answers[key] != Answer(None)}


def _taken(one: Answer, other: Answer, choice: Chosen | None) -> Answer:
    if choice is not None and choice.whose == "other":
        return tidied(Answer(choice.value, note=choice.reasons, ground=choice.ground))
    if choice is not None and choice.whose == "both":
        return Answer(_joined(one.value, other.value), _joined(one.note, other.note) or "")
    taken = other if choice is not None and choice.whose == "second" else one
    if choice is None and not taken.note:
        taken = other if other.value == one.value and other.note else taken
    return Answer(taken.value, taken.note, taken.sources, taken.ground)


def _joined(one: str | None, other: str | None) -> str | None:
    return "\n\n".join(dict.fromkeys(text for text in (one, other) if text)) or None


def _lacks(part: Part, choice: Chosen, answer: Answer) -> list[str]:
    found = []
    if answer.value is None:
        found.append("Give the answer that you settle on.")
    if not choice.reason.strip():
        found.append("Say why neither reader's answer is taken.")
    grounds = {"not_applicable": part.na_grounds, "cannot_be_evaluated": part.cbe_grounds}.get(answer.value or "", ())
    if len(grounds) > 1 and answer.ground is None:
        found.append("Choose the ground for this answer.")
    return found
