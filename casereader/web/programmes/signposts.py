"""What comes next in an inspection, for the person looking: the same signposts on the home page and on its own page."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flask import url_for

from casereader.programmes.inspections import Place
from casereader.stages.stages import ENDING, ISSUING, UNLOCKING, Ask, Standing
from casereader.vocabulary import Role, Stage
from casereader.web.programmes import own_steps
from casereader.web.programmes.signpost import Signpost, Urgency

CONFIRMS = {Role.LEAD, Role.MODERATOR}
RUNS = {Role.COORDINATOR, Role.LEAD}
INELIGIBLE = "Look at ineligible cases"


def all_steps(place: Place, standing: Standing, roles: Collection[Role], *, me: int) -> list[Signpost]:
    """All that is theirs to do in the inspection, what is most urgent first: none hides another."""
    key = place.inspection.public_id
    found: list[Signpost] = []
    if standing.n_handed_back and Role.COORDINATOR in roles:
        found.append(_give_again(key, standing.n_handed_back))
    if standing.n_conflicts and Role.COORDINATOR in roles:
        found.append(_conflicts(key, standing.n_conflicts))
    if standing.n_to_confirm and CONFIRMS & set(roles):
        found.append(_confirm_ineligible(key, standing.n_to_confirm))
    agreed = [pair for pair in standing.agreed if me not in pair.not_by]
    if agreed and CONFIRMS & set(roles):
        found.append(_confirm_agreed(key, agreed[0].reading_id, len(agreed)))
    found += [_agree(key, ask) for ask in standing.asks if me in ask.waits_for]
    if standing.wave and Role.LEAD in roles and all(ask.what != ENDING for ask in standing.asks):
        found.append(_wave(key, standing.wave))
    if (to_name := own_steps.to_name(place, standing, roles)) is not None:
        found.append(to_name)
    own = own_steps.of_coordinator(place, standing, roles, me=me)
    if (own is None or own.urgency is Urgency.OTHERS) and Role.LEAD in roles:
        own = own_steps.of_lead(place, standing, roles, me=me) or own
    if own is not None:
        found.append(own)
    if (own is None or own.urgency >= Urgency.WATCH) and Role.MODERATOR in roles and standing.n_to_sign_off:
        n = standing.n_to_sign_off
        text = f"{n} submitted reading{'s' if n != 1 else ''} can be looked over, settled and signed off."
        found.append(
            Signpost("Moderate the readings", text, url_for("moderation.index", public_id=key), Urgency.FOR_ME)
        )
    if standing.n_challenges and (CONFIRMS | RUNS) & set(roles):
        found.append(_challenges(key, standing.n_challenges, answers=Role.LEAD in roles))
    if standing.opened_again and (CONFIRMS | RUNS) & set(roles):
        found.append(_opened_again(key, standing.opened_again))
    if standing.stage is Stage.READING and standing.n_submitted and CONFIRMS & set(roles):
        found.append(_briefing(key))
    return sorted(found, key=lambda post: post.urgency)


def for_me(place: Place, standing: Standing, roles: Collection[Role], *, me: int) -> list[Signpost]:
    """What others wait for until this person acts."""
    found = all_steps(place, standing, roles, me=me)
    return [post for post in found if post.urgency in (Urgency.SENT_BACK, Urgency.FOR_ME)]


def _agree(key: str, ask: Ask) -> Signpost:
    if ask.what == UNLOCKING:
        text = "Somebody asks that a reading go back to its reader. It takes a second person: grant it or refuse it."
        href = url_for("unlocking.index", public_id=key)
        return Signpost("Decide whether a signed-off reading is opened again", text, href, Urgency.FOR_ME)
    if ask.what == ISSUING:
        text = "It is prepared, and takes a second person: see what is withheld and why, and how the rest will read."
        href = url_for("issuing.inspection_issue", public_id=key, issue=ask.of)
        return Signpost("Look over an issue, then issue it", text, href, Urgency.FOR_ME)
    text = "Somebody asks for it, and it takes a second person: look at the reason, then agree or turn it down."
    if ask.what == ENDING:
        href = url_for("after_waves.show", public_id=key)
        return Signpost("An ending waits for you: agree to it, or not", text, href, Urgency.FOR_ME)
    return Signpost(f"Agree to the {ask.what}, or not", text, url_for("draws.show", public_id=key), Urgency.FOR_ME)


def _wave(key: str, number: int) -> Signpost:
    text = "See whether the questions that were named before the draw are settled, and what another wave would settle."
    return Signpost(f"Wave {number} is complete: look", text, url_for("after_waves.show", public_id=key))


def _opened_again(key: str, readers: Sequence[str]) -> Signpost:
    heading = f"{len(readers)} readings were opened again" if len(readers) != 1 else "A reading was opened again"
    text = f"It counts once it is submitted again. It waits for {', '.join(dict.fromkeys(readers))}."
    return Signpost(heading, text, url_for("progress.show", public_id=key), Urgency.WATCH)


def _challenges(key: str, n: int, *, answers: bool) -> Signpost:
    href = url_for("evaluation.accuracy", public_id=key)
    if answers:
        text = (
            "The partnership says that something in the findings is wrong. The final evaluation waits for your answer."
        )
        heading = f"Answer {n} challenges of the partnership" if n != 1 else "Answer a challenge of the partnership"
        return Signpost(heading, text, href, Urgency.FOR_ME)
    heading = f"{n} challenges of the partnership are open" if n != 1 else "A challenge of the partnership is open"
    return Signpost(
        heading, "It waits for the lead’s answer, and the final evaluation waits for it.", href, Urgency.WATCH
    )


def _give_again(key: str, n: int) -> Signpost:
    says = f"{n} readings were" if n != 1 else "1 reading was"
    text = f"{says} handed back by the reviewer, with the reason. Second readings are on a page of their own."
    href = url_for("progress.show", public_id=key)
    return Signpost("Give a case to another reviewer", text, href, Urgency.SENT_BACK)


def _conflicts(key: str, n: int) -> Signpost:
    says = f"{n} readings stand" if n != 1 else "1 reading stands"
    text = f"{says} still: the reader, or the inspector who would countersign, has a conflict of interest."
    href = url_for("conflicts.show", public_id=key)
    return Signpost("Settle what a conflict of interest stops", text, href, Urgency.SENT_BACK)


def _confirm_agreed(key: str, first: str, n: int) -> Signpost:
    says = f"The readers of {n} cases agreed" if n != 1 else "The two readers of a case agreed"
    text = f"{says} how their readings are settled. The consensus counts once you confirm it."
    href = url_for("settling.show", public_id=key, reading=first)
    return Signpost("Confirm what readers agreed", text, href, Urgency.FOR_ME)


def _confirm_ineligible(key: str, n: int) -> Signpost:
    says = f"{n} cases are" if n != 1 else "1 case is"
    text = f"{says} said to be ineligible. A case that you confirm is replaced by the next reserve."
    return Signpost(INELIGIBLE, text, url_for("progress.show", public_id=key), Urgency.FOR_ME)


def _briefing(key: str) -> Signpost:
    text = "What the readers should talk over, question by question: no rating and no name is on the page."
    return Signpost("Prepare the morning briefing", text, url_for("briefing.show", public_id=key))


def own_instrument(place: Place, standing: Standing, roles: Collection[Role]) -> Signpost | None:
    """The way to the partnership's own instrument, for a lead once the reading is over and until the end."""
    if Role.LEAD not in roles or standing.stage not in (Stage.MODERATING, Stage.EVALUATING, Stage.EVALUATED):
        return None
    text = "What you say of the partnership as a whole, each answer with its reason and the kinds of evidence."
    href = url_for("evaluation.own", public_id=place.inspection.public_id)
    return Signpost("Answer the partnership’s own instrument", text, href)
