"""One invented child's record: what is true of it before anybody rates it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from casereader.demo.invented.chance import Chance
from casereader.instrument import NOT_APPLICABLE, Answer, Instrument, Part, faults_of

CANNOT_BE_PRODUCED = {"social_work": 0.05, "health": 0.09, "education": 0.08, "police": 0.15, "scra": 0.07}
"""How often an agency's record does not come, though it is expected."""
PRESENT = {
    "H1": 0.5, "H2": 0.55, "H3": 0.3, "H4": 0.5, "H5": 0.35, "H6": 0.45, "H7": 0.4, "H8": 0.4, "H9": 0.25,
    "H10": 0.25, "H11": 0.4,
}  # fmt: skip
INDICATED, CONSIDERED = 0.07, 0.2
COMMUNITY_HARM, OLDER = "H8", ("12-15", "16-17")
GROUND_HOLDS = {
    "discussion_not_needed": 0.05,
    "no_safety_plan_needed": 0.12,
    "referrer_unknown": 0.1,
    "no_significant_change": 0.15,
    "no_risk_assessed": 0.06,
    "no_legal_question": 0.35,
    "plan_working": 0.2,
    "no_dissent": 0.45,
    "no_particular_needs": 0.5,
    "no_parent_or_carer": 0.03,
    "no_decision_made": 0.04,
    "no_need_assessed": 0.25,
    "theme_not_for_plan": 0.05,
    "too_early_for_difference": 0.06,
    "no_parent_support_needed": 0.1,
    "home_good_enough": 0.45,
    "does_not_arise": 0.02,
}
"""How often each ground for *not applicable* is true where it is offered; the others follow from the record."""


@dataclass(frozen=True)
class Record:
    """A record as it is. `facts` are what list and tracker hold; `present` the themes; `quality` is standard normal."""

    stratum: str
    facts: Mapping[str, Answer]
    present: Mapping[str, str]
    involvement: str
    since_review: str
    quality: float
    has_concern: bool = False

    @property
    def age_band(self) -> str | None:
        """The child's age band, where the list has it."""
        return self.facts["A2"].value if "A2" in self.facts else None

    @property
    def at_home(self) -> bool:
        """Whether the child lives at home on a compulsory supervision order."""
        return "A3" in self.facts and self.facts["A3"].value == "CSO at home"

    @property
    def harmed_in_community(self) -> bool:
        """Whether an older child meets harm in the community."""
        return self.age_band in OLDER and self.present[COMMUNITY_HARM] in ("yes", "indicated")

    def ground(self, part: Part, chance: Chance) -> str | None:
        """The ground on which a part is not applicable here; None where it is applicable."""
        for ground in part.na_grounds:
            if self._holds(ground.value, chance):
                return ground.value
        return None

    def _holds(self, ground: str, chance: Chance) -> bool:
        match ground:
            case "under_3_months" | "plan_too_new" | "order_too_new":
                return self.involvement == "under_3_months"
            case "first_review_not_due":
                return self.since_review in ("no_review_yet", "no_plan")
            case "no_plan_needed":
                return self.since_review == "no_plan"
            case "too_young_for_advocacy":
                return self.age_band == "0-4" or (self.age_band == "5-11" and chance.happens(0.2))
            case "not_of_school_age":
                return self.age_band == "0-4"
            case _:
                return chance.happens(GROUND_HOLDS.get(ground, 0))


def record_of(facts: Mapping[str, Answer], *, stratum: str, chance: Chance, has_concern: bool = False) -> Record:
    """A record for a case whose row on the list gives `facts`."""
    involvement = chance.weighted(
        {"under_3_months": 0.07, "3_to_12_months": 0.38, "1_to_3_years": 0.33, "over_3_years": 0.2, "cannot_tell": 0.02}
    )
    if stratum in ("a", "c") and chance.happens(0.1):
        since_review = "no_plan"
    elif involvement == "under_3_months":
        since_review = "no_review_yet"
    else:
        since_review = chance.weighted(
            {"under_3_months": 0.5, "3_to_6_months": 0.38, "over_6_months": 0.1, "cannot_tell": 0.02}
        )
    return Record(
        stratum=stratum,
        facts=facts,
        present={theme: _presence(share, chance) for theme, share in PRESENT.items()},
        involvement=involvement,
        since_review=since_review,
        quality=chance.normal(),
        has_concern=has_concern,
    )


def refusing_na(instrument: Instrument, *, stratum: str) -> frozenset[str]:
    """The keys of parts that refuse *not applicable* in a stratum, or do not offer it."""
    found = Answer(NOT_APPLICABLE)
    return frozenset(key for key in instrument.parts if faults_of(instrument, key, found, stratum=stratum))


def _presence(share: float, chance: Chance) -> str:
    if chance.happens(share):
        return "yes"
    return chance.weighted({"indicated": INDICATED, "no": CONSIDERED, "not_indicated": 1 - INDICATED - CONSIDERED})
