"""The whole way of an inspection: its steps from list to publication, and the papers that are printed on it."""

from __future__ import annotations

from collections.abc import Collection

from flask import url_for

from casereader.programmes.inspections import Place
from casereader.stages.stages import Standing
from casereader.vocabulary import Role, Stage

ORDER = list(Stage)
RUNS = {Role.COORDINATOR, Role.LEAD}
SEEN_BY_MODERATORS = {"progress.show"}
FOR_COORDINATORS = {"assigning.show": "draws.show"}  # and where others are led instead

STEPS: tuple[tuple[str, str, Stage], ...] = (
    ("The partnership’s list is checked", "frames.show", Stage.CHECKED),
    ("The sample is planned, and list and plan are fixed", "plans.show", Stage.FIXED),
    ("A second person confirms list and plan", "plans.show", Stage.CONFIRMED),
    ("The public value is entered and the sample is drawn", "draws.show", Stage.DRAWN),
    ("Cases are given to reviewers", "assigning.show", Stage.READING),
    ("Records are read", "progress.show", Stage.MODERATING),
    ("Readings are looked over and signed off", "progress.show", Stage.EVALUATING),
    ("The figures are rolled up and evaluations written", "evaluation.show", Stage.EVALUATED),
    ("The findings are published", "issuing.inspection_issues", Stage.PUBLISHED),
)

PAPERS: tuple[tuple[str, str, Stage, set[Role]], ...] = (
    ("certificate", "certificates.show", Stage.DRAWN, RUNS),
    ("list for the link officer", "link_officer.show", Stage.DRAWN, RUNS),
    ("cover sheets", "link_officer.covers", Stage.DRAWN, RUNS),
    ("timetable", "timetable.sheets", Stage.READING, {Role.COORDINATOR}),
)


def is_drawn(standing: Standing) -> bool:
    """Whether there is a sample."""
    return ORDER.index(standing.stage) >= ORDER.index(Stage.DRAWN)


def since_the_draw(place: Place, standing: Standing) -> list[dict[str, str]]:
    """The pages that there are once the sample is drawn, for whoever runs the inspection."""
    if not is_drawn(standing):
        return []
    key = place.inspection.public_id
    found = [{"text": "Records for the reading room", "href": url_for("records.show", public_id=key)}]
    if ORDER.index(standing.stage) >= ORDER.index(Stage.READING):
        found.append({"text": "Signed-off readings to open again", "href": url_for("unlocking.index", public_id=key)})
    return found


def papers(place: Place, standing: Standing, roles: Collection[Role]) -> tuple[dict[str, str], ...]:
    """What is printed at the stage that it has reached, one press from wherever the next step is told."""
    key = place.inspection.public_id
    return tuple(
        {"text": text, "href": url_for(endpoint, public_id=key)}
        for text, endpoint, stage, who in PAPERS
        if stage is standing.stage and set(roles) & who
    )


def steps_of(place: Place, standing: Standing, roles: Collection[Role]) -> list[dict[str, object]]:
    """The whole way, each step done, now or later, with a link where there is something to see."""
    reached = ORDER.index(standing.stage)
    found: list[dict[str, object]] = []
    for text, endpoint, done_at in STEPS:
        needed = ORDER.index(done_at)
        state = "done" if reached >= needed else "now" if reached == needed - 1 else "later"
        may_see = state != "later" and (endpoint in SEEN_BY_MODERATORS or bool(set(roles) & RUNS))
        where = endpoint if Role.COORDINATOR in roles else FOR_COORDINATORS.get(endpoint, endpoint)
        href = url_for(where, public_id=place.inspection.public_id) if may_see else None
        found.append({"text": text, "state": state, "href": href})
    return found
