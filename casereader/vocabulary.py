"""The words with a fixed meaning in code and database: enums only, imports nothing of ours."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person may do in one inspection."""

    REVIEWER = "reviewer"
    LOCAL_REVIEWER = "local reviewer"  # staff of the partnership, always paired with an inspector
    MODERATOR = "moderator"
    COORDINATOR = "coordinator"
    LEAD = "lead"
    DEPUTY = "deputy"  # stands in for the lead where a matter of concern is raised


READER_ROLES = (Role.REVIEWER, Role.LOCAL_REVIEWER)


class Factor(StrEnum):
    """What proves who somebody is, beside the password."""

    APP = "app"  # six digits that change every thirty seconds
    PASSKEY = "passkey"  # a key held by the computer, a telephone or a token
    RECOVERY_CODE = "recovery code"  # a line of the printed sheet, once
    OUTSIDE = "outside sign-in"  # the organisation's own sign-in service


class FrameState(StrEnum):
    """How far a partnership's list has come."""

    CHECKED = "checked"  # read without faults; may still be replaced by another upload
    COMMITTED = "committed"  # its digest is fixed; nothing in it changes any more
    SUPERSEDED = "superseded"  # another list was uploaded before commitment


class JobState(StrEnum):
    """How far a long piece of work has come."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # its process ended before it did


class ReturnState(StrEnum):
    """How far a partnership's return has come on its way to a list."""

    RECEIVED = "received"  # its tabs, columns and values wait to be mapped, or its faults to be mended
    TAKEN = "taken"  # it became the list
    DROPPED = "dropped"  # another file came, or time ran out; nothing of it is kept


class RecordState(StrEnum):
    """How far one agency's record of one case has come on its way into the room."""

    EXPECTED = "expected"
    REQUESTED = "requested"
    CHASED = "chased"
    SUPPLIED = "supplied"
    PROBLEM = "problem"


class Comparability(StrEnum):
    """Whether a figure published earlier answers the same question as one of ours."""

    SAME = "same"
    SIMILAR = "similar"
    NOT_COMPARABLE = "not comparable"


class SampleRole(StrEnum):
    """Why a case is in the draw."""

    MAIN = "main"
    RESERVE = "reserve"


class CaseStatus(StrEnum):
    """What became of a sampled case."""

    WAITING = "waiting"  # not decided yet, or a reserve not called on
    READ = "read"  # a counting reading exists
    NOT_PRODUCED = "not produced"  # the partnership could not supply the record; never replaced
    INELIGIBLE = "ineligible"  # should not have been on the list; replaced by the next reserve
    NOT_REACHED = "not reached"  # time ran out


NOT_TO_BE_READ = (CaseStatus.NOT_PRODUCED, CaseStatus.INELIGIBLE, CaseStatus.NOT_REACHED)


class ReadingKind(StrEnum):
    """Whose independent view of a case a reading is."""

    FIRST = "first"
    SECOND = "second"  # blind, by another reader
    CONSENSUS = "consensus"  # what counts where two readings were settled


class QueryKind(StrEnum):
    """Who began a conversation about an answer."""

    QUERY = "query"  # a moderator asked
    DISCUSS = "discuss"  # the reader's own mark


class QueryState(StrEnum):
    """How far a conversation about an answer has come, in order."""

    OPEN = "open"  # waits for whoever did not begin it
    ANSWERED = "answered"  # waits for whoever began it
    RESOLVED = "resolved"


class ActionState(StrEnum):
    """How far something that must be put right has come, in order."""

    RECORDED = "recorded"
    GIVEN = "given"  # somebody is to do it by a date
    DONE = "done"  # they say that it is
    CLOSED = "closed"  # whoever follows it saw that it is, or why it need not be


class Coefficient(StrEnum):
    """The coefficient of agreement that a programme's threshold is for."""

    AC = "ac"  # Gwet's AC1, AC2 on the six-point scale
    KAPPA = "kappa"  # Cohen's
    ALPHA = "alpha"  # Krippendorff's


class ReadingState(StrEnum):
    """The steps of a reading, in order."""

    ASSIGNED = "assigned"
    IN_PROGRESS = "in progress"
    SUBMITTED = "submitted"
    COUNTERSIGNED = "countersigned"
    SIGNED_OFF = "signed off"
    SETTLED = "settled"
    LOCKED = "locked"


OPEN_STATES = (ReadingState.ASSIGNED, ReadingState.IN_PROGRESS)  # its reader still writes


class Begun(StrEnum):
    """What becomes of a reading that is begun when it goes to somebody else."""

    KEEP = "keep the answers"  # the next reader goes on with them
    ANEW = "start anew"  # only the history keeps them


class EvaluationStage(StrEnum):
    """Who rated a quality indicator, in order."""

    PROPOSED = "proposed"
    PANEL = "panel"
    FINAL = "final"


class Stage(StrEnum):
    """How far an inspection has come, in order."""

    LIST_AWAITED = "list awaited"
    CHECKED = "list checked"
    FIXED = "awaiting confirmation"  # list and plan fixed by one person, not yet confirmed by another
    CONFIRMED = "confirmed"
    DRAWN = "drawn"
    READING = "reading"
    MODERATING = "moderating"  # every assigned record is read, and not every reading signed off
    EVALUATING = "evaluating"  # every reading is signed off, and not every quality indicator finally rated
    EVALUATED = "evaluated"
    PUBLISHED = "published"


class ConcernKind(StrEnum):
    """Why a reviewer raised a matter of concern."""

    IMMEDIATE = "immediate risk"
    PROLONGED = "prolonged poor practice"


class ToldHow(StrEnum):
    """How whoever raised a matter of concern told the lead or the deputy."""

    IN_PERSON = "in person"
    TELEPHONE = "by telephone"
    MESSAGE = "by message"
    NOBODY = "nobody answered"  # tried, and must not wait until somebody looks


class ConcernState(StrEnum):
    """How far a matter of concern has come, in order."""

    RAISED = "raised"
    RECEIVED = "received"  # the lead or the deputy knows of it
    PASSED_ON = "with the partnership"
    CLOSED = "closed"


class Side(StrEnum):
    """Where an inspection is held during an offline week."""

    OFFICE = "office"
    LAPTOP = "laptop"  # the reading room's own


class DataKind(StrEnum):
    """What a programme's records are, said on every page and export."""

    RECORDS = "records"  # real record reading
    DEMO = "demo"  # invented
    PUBLISHED = "published"  # real published evaluations of services


class RetentionReason(StrEnum):
    """Why the content of an inspection is kept until the day it is."""

    PROPOSED = "as proposed"
    SCHEDULE = "the organisation’s schedule"
    AGREED = "agreed with the partnership"
    HOLD = "held for an inquiry or a court"
    SOONER = "no longer needed"


class Preference(StrEnum):
    """How a person wants their own pages to look."""

    LIST = "list"  # the answers of a scale one under the other
    SPACING = "spacing"  # more space between letters, words and lines
    LARGE = "large"  # larger text
    STILL = "still"  # no movement


INELIGIBLE_REASONS: tuple[str, ...] = (
    "Outside the reading period",
    "Not in the group the list says",
    "Child of another partnership",
    "Listed twice under two references",
    "Aged 18 or over throughout the reading period",
)
"""The listed reasons for which a case may be replaced."""

BANNERS: dict[DataKind, str] = {
    DataKind.DEMO: "Demonstration: every partnership, child and figure here is invented.",
    DataKind.PUBLISHED: "Real published evaluations; not record reading",
}
"""What stands on every page and export of a programme that is not real record reading."""
