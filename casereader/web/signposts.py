"""What comes next in an inspection, for the person looking: the same signposts on the home page and on its own page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from flask import url_for

from casereader.inspections import Place
from casereader.stages import Standing
from casereader.vocabulary import Role, Stage

ORDER = list(Stage)
CONFIRMS = {Role.LEAD, Role.MODERATOR}
RUNS = {Role.COORDINATOR, Role.LEAD}
SEEN_BY_MODERATORS = {"progress.show"}


@dataclass(frozen=True)
class Signpost:
    """One thing to do, and where."""

    heading: str
    text: str
    href: str
    waits: bool = True  # something stands still until it is done


STEPS: tuple[tuple[str, str, Stage], ...] = (
    ("The partnership’s list is checked", "frames.show", Stage.CHECKED),
    ("The sample is planned, and list and plan are fixed", "plans.show", Stage.FIXED),
    ("A second person confirms list and plan", "plans.show", Stage.CONFIRMED),
    ("The public value is entered and the sample is drawn", "draws.show", Stage.DRAWN),
    ("Cases are given to reviewers", "draws.show", Stage.READING),
    ("Records are read", "progress.show", Stage.MODERATING),
    ("Readings are looked over and signed off", "progress.show", Stage.EVALUATING),
    ("The figures are rolled up and evaluations written", "evaluation.show", Stage.EVALUATED),
    ("The report is published", "programmes.inspection", Stage.PUBLISHED),
)


def next_step(place: Place, standing: Standing, roles: Collection[Role], *, me: int) -> Signpost | None:
    """The one thing that a person, of the key `me`, should do next in the inspection, if it is theirs to do."""
    key = place.inspection.public_id
    if standing.n_handed_back and Role.COORDINATOR in roles:
        return _give_again(key, standing.n_handed_back)
    if standing.n_to_confirm and CONFIRMS & set(roles):
        return _confirm_ineligible(key, standing.n_to_confirm)
    if standing.draw_asked_by_id not in (None, me) and RUNS & set(roles):
        text = "Somebody asks that the sample be extended, or its draw voided. It takes a second person to agree."
        return Signpost("Look at what is asked of the draw", text, url_for("draws.show", public_id=key))
    if Role.COORDINATOR in roles:
        found = _coordinator(key, standing)
        if found is not None:
            return found
    if Role.LEAD in roles:
        found = _lead(key, standing, me)
        if found is not None:
            return found
    if Role.MODERATOR in roles and standing.n_to_sign_off:
        n = standing.n_to_sign_off
        text = f"{n} submitted reading{'s' if n != 1 else ''} can be looked over, settled and signed off."
        return Signpost("Moderate the readings", text, url_for("moderation.index", public_id=key))
    return None


def _give_again(key: str, n: int) -> Signpost:
    says = f"{n} readings were" if n != 1 else "1 reading was"
    text = f"{says} handed back by the reviewer, with the reason. Second readings are on a page of their own."
    return Signpost("Give a case to another reviewer", text, url_for("progress.show", public_id=key))


def _confirm_ineligible(key: str, n: int) -> Signpost:
    says = f"{n} cases are" if n != 1 else "1 case is"
    text = f"{says} said to be ineligible. A case that you confirm is replaced by the next reserve."
    return Signpost("Look at ineligible cases", text, url_for("progress.show", public_id=key))


def _coordinator(key: str, standing: Standing) -> Signpost | None:
    match standing.stage:
        case Stage.LIST_AWAITED:
            text = "Send the list that the partnership returned; it is checked at once."
            return Signpost("Send the list of cases", text, url_for("frames.show", public_id=key))
        case Stage.CHECKED:
            text = "Choose strata and size, see the margin of error, and fix list and plan."
            if standing.sent_back:
                text = "The lead sent list and plan back and says what should be changed before they are fixed again."
            return Signpost("Plan the sample", text, url_for("plans.show", public_id=key))
        case Stage.CONFIRMED:
            text = "When the public value is known, enter it: the seed and the sample follow from it."
            return Signpost("Draw the sample", text, url_for("draws.show", public_id=key))
        case Stage.DRAWN:
            text = "Share the sampled cases among the reviewers."
            return Signpost("Assign the cases", text, url_for("assigning.show", public_id=key))
        case Stage.READING:
            text = f"{standing.n_submitted} of {standing.n_readings} readings are submitted."
            return Signpost("Watch the reading", text, url_for("progress.show", public_id=key), waits=False)
        case _:
            return None


def _lead(key: str, standing: Standing, me: int) -> Signpost | None:
    match standing.stage:
        case Stage.FIXED if standing.fixed_by_id != me:
            text = "The coordinator fixed them. The sample can be drawn only after a second person has confirmed."
            return Signpost("Confirm list and plan", text, url_for("plans.show", public_id=key))
        case Stage.MODERATING | Stage.EVALUATING:
            text = "Every assigned record is read: look at the figures and write the evaluation."
            return Signpost("Evaluate the partnership", text, url_for("evaluation.show", public_id=key))
        case Stage.EVALUATED:
            text = "Every quality indicator has its final evaluation. When the report is out, say on which day."
            return Signpost("Say when it was published", text, url_for("dates.published", public_id=key))
        case _:
            return None


def since_the_draw(place: Place, standing: Standing) -> list[dict[str, str]]:
    """The pages that there are once the sample is drawn, for whoever runs the inspection."""
    if ORDER.index(standing.stage) < ORDER.index(Stage.DRAWN):
        return []
    href = url_for("records.show", public_id=place.inspection.public_id)
    return [{"text": "Records for the reading room", "href": href}]


def steps_of(place: Place, standing: Standing, roles: Collection[Role]) -> list[dict[str, object]]:
    """The whole way, each step done, now or later, with a link where there is something to see."""
    reached = ORDER.index(standing.stage)
    found: list[dict[str, object]] = []
    for text, endpoint, done_at in STEPS:
        needed = ORDER.index(done_at)
        state = "done" if reached >= needed else "now" if reached == needed - 1 else "later"
        may_see = state != "later" and (endpoint in SEEN_BY_MODERATORS or bool(set(roles) & RUNS))
        href = url_for(endpoint, public_id=place.inspection.public_id) if may_see else None
        found.append({"text": text, "state": state, "href": href})
    return found
