"""What the pages of a reading have in common: the bar that names the case, the states in words, the links."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask import url_for
from markupsafe import Markup

from casereader import concerns, dated, identifying, readings
from casereader.drawing import unreached
from casereader.instrument import Answer, Answers, Instrument, Missing, Section
from casereader.programmes import contacts
from casereader.readings import Opened
from casereader.vocabulary import CaseStatus, ReadingState, RecordState
from casereader.web.answers import opened_again
from casereader.web.answers.questions import heading_of, named, slug
from casereader.web.clock import now
from casereader.web.request_session import db

SECTION_KINDS = {
    "not started": "not-started",
    "in progress": "in-progress",
    "complete": "done",
    "not applicable": "not-applicable",
}
STATE_KINDS = {
    ReadingState.ASSIGNED: "not-started",
    ReadingState.IN_PROGRESS: "in-progress",
    ReadingState.SUBMITTED: "waiting",
}
NEXT = {
    ReadingState.ASSIGNED: "Start reading",
    ReadingState.IN_PROGRESS: "Go on",
    ReadingState.SUBMITTED: "You have nothing more to do here: the moderator looks at it and signs it off",
    ReadingState.COUNTERSIGNED: "You have nothing more to do here: the moderator looks at it and signs it off",
}
RECORDS_COME = {
    RecordState.SUPPLIED: "supplied",
    RecordState.REQUESTED: "asked for, not here yet",
    RecordState.CHASED: "asked for, not here yet",
    RecordState.PROBLEM: "not here, with a problem",
    RecordState.EXPECTED: "not asked for yet",
}


def frame(
    opened: Opened, instrument: Instrument, *, answers: Answers | None = None, is_of_one: bool = True
) -> dict[str, Any]:
    """What every page of the reading shows: the case, its stratum, the reading period, the records supplied.

    Until the reading begins, how far the records have come, where anybody has said so; from then on what the reviewer
    has answered for each agency. `answers`: as typed, where they are not those stored. A page that is not of one
    reading says which records were expected, since two readers may have answered differently.
    """
    stratum = opened.stratum(instrument)
    code = instrument.stratum_code(stratum)
    label = next((one.label for one in instrument.strata if one.code == code), opened.sample_case.stratum)
    agencies = {agency.value: agency.label for agency in instrument.agencies}
    inspection = opened.place.inspection
    facts = [
        {"key": "Stratum", "value": label},
        {
            "key": "Reading period",
            "value": dated.period(inspection.period_from, inspection.period_to),
        },
    ]
    expected = instrument.records_expected(stratum)
    come = readings.arrived_of(db(), opened)
    if come:
        facts.append({"key": "Records", "value": records_come(agencies, expected, come)})
    elif is_of_one and instrument.filled_from("agency"):
        said = answers_of(opened, instrument) if answers is None else answers
        facts.append({"key": "Records", "value": records_supplied(instrument, said), "name": "records"})
    elif expected:
        facts.append({"key": "Records expected", "value": ", ".join(agencies[value] for value in expected)})
    if opened.reading.begun_by_id is not None:
        begun_by = readings.begun_by(db(), opened=opened)
        facts.append({"key": "Begun by", "value": f"{begun_by}, whose answers you go on with"})
    facts += opened_again.facts(opened)
    return {
        "opened": opened,
        "reading": opened.reading,
        "public_id": opened.reading.public_id,
        "place": opened.place,
        "reference": opened.case_ref,
        "facts": facts,
        "instrument": instrument,
        "contacts": contacts.contacts(db(), inspection=inspection, at=now()),
        "signs": Markup(identifying.signs_text().replace("<", "\\u003c")),  # noqa: S704 - JSON that cannot end its element
    }


def records_come(agencies: Mapping[str, str], expected: Sequence[str], come: Mapping[str, RecordState]) -> str:
    """The agencies whose records are expected, or came all the same, by how far they have come into the room."""
    by_words: dict[str, list[str]] = {words: [] for words in RECORDS_COME.values()}
    for agency, label in agencies.items():
        state = come.get(agency, RecordState.EXPECTED)
        if agency in expected or state is RecordState.SUPPLIED:
            by_words[RECORDS_COME[state]].append(label)
    return "; ".join(f"{words}: {', '.join(names)}" for words, names in by_words.items() if names)


def records_supplied(instrument: Instrument, answers: Answers) -> str:
    """The agencies by what was answered of their records, those expected that nothing was said of last."""
    said: dict[str, list[str]] = {choice.label: [] for choice in instrument.filled_from("agency")[0].choices}
    unsaid = []
    for part in instrument.filled_from("agency"):
        answer = answers.get(part.key)
        choice = part.choice(answer.value) if answer else None
        if choice is None:
            unsaid.append(part.label)
        elif choice.value != readings.NOT_EXPECTED:
            said[choice.label].append(part.label)
    found = [*said.items(), ("Not said yet", unsaid)]
    return "; ".join(f"{label.lower()}: {', '.join(names)}" for label, names in found if names)


def answers_of(opened: Opened, instrument: Instrument) -> dict[str, Answer]:
    """The reading's answers as its reviewer sees them, with what is known before the first save."""
    stored = readings.answers_of(db(), opened.key)
    return readings.with_known_facts(instrument, opened, stored, records=readings.arrived_of(db(), opened))


def state_of(opened: Opened) -> tuple[str, str, str]:
    """The reading's state in words, its kind, and what its reviewer does next."""
    if opened.sample_case.status is CaseStatus.NOT_REACHED:
        return "not reached", "not-applicable", f"You need do nothing here: {unreached.why(opened.sample_case.reason)}"
    if opened.is_set_aside and not opened.is_said_here:
        return "not read", "not-applicable", "You have nothing to do here: this record is not read"
    if opened.replacement is not None or opened.sample_case.status is CaseStatus.INELIGIBLE:
        is_confirmed = opened.sample_case.status is CaseStatus.INELIGIBLE
        says = "not eligible" if is_confirmed else "not eligible, waits to be confirmed"
        return says, "not-applicable", "You have nothing more to do here: it is not read"
    if opened.sample_case.status is CaseStatus.NOT_PRODUCED:
        return "not produced", "not-applicable", "You have nothing to do here, unless it turns up"
    state = opened.reading.state
    if state is ReadingState.SUBMITTED and opened.reading.needs_countersigning:
        return "submitted", "waiting", "You have nothing more to do here: your paired inspector countersigns it"
    return state.value, STATE_KINDS.get(state, "done"), NEXT.get(state, "You have nothing more to do here")


def section_links(opened: Opened, instrument: Instrument, states: Mapping[str, str]) -> list[dict[str, Any]]:
    """The sections in order, each with its state and its page."""
    return [
        {
            "id": section.id,
            "text": heading_of(section),
            "href": url_for("section.show", public_id=opened.reading.public_id, section=section.id),
            "status": states[section.id].capitalize(),
            "kind": SECTION_KINDS[states[section.id]],
        }
        for section in instrument.sections
    ]


def missing_links(opened: Opened, instrument: Instrument, found: Sequence[Missing]) -> list[dict[str, str]]:
    """What is missing, each with a link to the question."""
    return [
        {
            "text": f"{named(instrument, instrument.part(one.key))}: {one.says}",
            "href": anchor(opened, one.section, one.key),
        }
        for one in found
    ]


def missing_by_section(opened: Opened, instrument: Instrument, found: Sequence[Missing]) -> list[dict[str, Any]]:
    """What is missing, section by section: where the first of it is, how much there is, and each with a link."""
    groups = []
    for section in instrument.sections:
        if here := [one for one in found if one.section == section.id]:
            groups.append(
                {
                    "text": heading_of(section),
                    "href": anchor(opened, section.id, here[0].key),
                    "count": len(here),
                    "links": missing_links(opened, instrument, here),
                }
            )
    return groups


def mark_links(opened: Opened, instrument: Instrument, found: Sequence[Missing]) -> list[dict[str, str]]:
    """The answers marked *discuss* among what `missing` found, each with a link."""
    return [
        {
            "text": named(instrument, instrument.part(one.key)),
            "href": anchor(opened, one.section, one.key),
        }
        for one in found
        if one.is_mark
    ]


def naming_links(opened: Opened, instrument: Instrument, answers: Answers) -> list[dict[str, str]]:
    """Notes and texts that look as if they identified somebody, each with a link; a warning, never a bar."""
    found = readings.naming(db(), opened=opened, instrument=instrument, answers=answers)
    return missing_links(opened, instrument, found)


def anchor(opened: Opened, section: str, key: str) -> str:
    """The address of a question on its section's page."""
    return url_for("section.show", public_id=opened.reading.public_id, section=section, _anchor=f"q-{slug(key)}")


def concern_says(opened: Opened) -> str:
    """All that a reading shows of its matters of concern: that there are some."""
    count = concerns.raised_on(db(), reading_id=opened.key)
    return (
        ""
        if not count
        else "A matter of concern was raised."
        if count == 1
        else f"{count} matters of concern were raised."
    )


def next_open_section(instrument: Instrument, after: str, asked: Collection[str]) -> Section | None:
    """The next section in which anything is asked."""
    ids = [section.id for section in instrument.sections]
    later = instrument.sections[ids.index(after) + 1 :]
    return next((section for section in later if any(part.key in asked for part in section.parts)), None)
