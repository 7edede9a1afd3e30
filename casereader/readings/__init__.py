"""Readings: finding one's own, saving answers, submitting, setting cases aside, and which of them count."""

from casereader.readings.bringing_in import Brought, bring_in
from casereader.readings.counting import counting, counting_of, settle_statuses
from casereader.readings.filling import NOT_EXPECTED, known_facts, with_known_facts
from casereader.readings.finding import (
    PUBLIC_ID,
    READER_ROLES,
    Opened,
    Revision,
    answers_of,
    answers_of_many,
    find,
    find_for_pair,
    history,
    mine,
    not_blind,
    stratum_of,
    to_countersign,
)
from casereader.readings.importing import Imported, record_imported
from casereader.readings.locking import lock_all, to_lock
from casereader.readings.notes import NOTES, STORY, Notes, notes_of
from casereader.readings.saving import (
    KEY_LENGTH,
    Change,
    RefusedAnswersError,
    Saved,
    StaleError,
    TooOftenError,
    begin,
    save,
)
from casereader.readings.setting_aside import hand_back, propose_ineligible, say_not_produced, say_turned_up
from casereader.readings.steps import IncompleteError, countersign, reopen, said, submit

__all__ = [
    "KEY_LENGTH",
    "NOTES",
    "NOT_EXPECTED",
    "PUBLIC_ID",
    "READER_ROLES",
    "STORY",
    "Brought",
    "Change",
    "Imported",
    "IncompleteError",
    "Notes",
    "Opened",
    "RefusedAnswersError",
    "Revision",
    "Saved",
    "StaleError",
    "TooOftenError",
    "answers_of",
    "answers_of_many",
    "begin",
    "bring_in",
    "countersign",
    "counting",
    "counting_of",
    "find",
    "find_for_pair",
    "hand_back",
    "history",
    "known_facts",
    "lock_all",
    "mine",
    "not_blind",
    "notes_of",
    "propose_ineligible",
    "record_imported",
    "reopen",
    "said",
    "save",
    "say_not_produced",
    "say_turned_up",
    "settle_statuses",
    "stratum_of",
    "submit",
    "to_countersign",
    "to_lock",
    "with_known_facts",
]
