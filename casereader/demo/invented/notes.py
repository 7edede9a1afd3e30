"""Neutral invented notes: what a reader might write, with no name, place, date or child in it."""

from __future__ import annotations

from collections.abc import Mapping

STRONG: Mapping[str, tuple[str, ...]] = {
    "B": (
        "The concern was passed on the same day and agencies decided together what to do.",
        "The discussion between agencies is recorded with who took part and what was decided.",
    ),
    "C": (
        "Risk and need are weighed together, and the assessment says what each means for the child.",
        "The assessment draws on what every agency knew and was brought up to date after changes.",
    ),
    "D": (
        "The plan says what should change, who does what, and by when; each risk has its action.",
        "One plan is shared by all agencies, with a fall-back that was used when it was needed.",
    ),
    "E": (
        "Each outcome was tested against evidence and the plan was changed where it had not worked.",
        "Reviews were held on time with the right people, and actions were followed up.",
    ),
    "F": (
        "The child's views are quoted, and the record shows what was changed because of them.",
        "The child was seen alone, told what was decided, and asked again at each review.",
    ),
    "G": (
        "School attendance and home life are steadier, and both worker and family describe the change.",
        "The record shows a lasting change that several agencies noted on their own.",
    ),
    "H": (
        "The theme was named early, assessed, and met by an action in the plan.",
        "Workers looked at the pattern over time and not only at the latest event.",
    ),
    "R": (
        "One worker stayed throughout, and the record shows that trust grew.",
        "Behaviour is described with what may lie behind it, and the response fits that.",
    ),
    "I": (
        "Contact was as the order needs, and the family could say what the order is for.",
        "Support at home was stepped up when it was needed, and down when it was not.",
    ),
    "J": (
        "A manager's audit is on record, and its actions were signed as done.",
        "The recording is clear, current, and easy to follow from concern to outcome.",
    ),
}
WEAK: Mapping[str, tuple[str, ...]] = {
    "B": (
        "Several days passed before the concern was shared, and no reason for it is recorded.",
        "The discussion left out an agency that held important information.",
    ),
    "C": (
        "Events are listed without saying what they mean, and earlier concerns are not weighed.",
        "The assessment was not brought up to date after a significant change.",
    ),
    "D": (
        "Actions are general, without names or dates, and one assessed risk has no action.",
        "The plan repeats the one before it, although circumstances had changed.",
    ),
    "E": (
        "The review noted what was done, but not whether anything had changed for the child.",
        "A review was late, and actions from the one before were not followed up.",
    ),
    "F": (
        "Views were sought once, but no effect on any decision can be seen.",
        "The child's views are given in the worker's words and only in general terms.",
    ),
    "G": (
        "Much activity is recorded, but little sign of a difference for the child.",
        "Improvement is asserted; nothing in the record bears it out.",
    ),
    "H": (
        "Signs of this are in the record, but nobody brought them together.",
        "The theme is named, but the plan has no action that meets it.",
    ),
    "R": (
        "The worker changed several times, and each time the story had to be told again.",
        "Behaviour is described as a problem, without asking what lies behind it.",
    ),
    "I": (
        "Contact was less than the order needs, with no reason recorded.",
        "It is hard to see from the record what the order is meant to achieve.",
    ),
    "J": (
        "No sign of oversight for several months, and the recording is thin.",
        "An audit was made, but what it asked for was not done.",
    ),
}
PLAIN: tuple[str, ...] = (
    "Looked for in every record that was supplied, and not found.",
    "The record shows this only once, and not later in the period.",
    "Described in several entries of the period.",
)
TOPIC = (
    "Seen in several entries across the reading period.",
    "Plain from the record, and noted by more than one agency.",
    "One clear example within the reading period.",
)


def note_for(section: str, *, strong: bool) -> tuple[str, ...]:
    """The notes that fit an answer of a section."""
    return (STRONG if strong else WEAK).get(section, PLAIN)
