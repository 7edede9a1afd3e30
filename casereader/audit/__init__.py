"""The trail: what was done, by whom and when, in a chain in which nothing can be changed unseen."""

from casereader.audit.chain import FIRST, hash_of, head
from casereader.audit.comparing import compare
from casereader.audit.deeds import Deed, deeds
from casereader.audit.heads import FILE_TAKEN, LOOKS, Mark, head_of, head_of_programme, mark, moved_since, written
from casereader.audit.history import COMMAND_LINE, Entry, Line, Reader, entries, history_of, history_within
from casereader.audit.recording import UnrecordedChangeError, record, record_of_inspection, write
from casereader.audit.searching import AT_ONCE, Wanted, actions, called, count, last, search, times
from casereader.audit.verification import verify
from casereader.audit.watching import WatchedSession

__all__ = [
    "AT_ONCE",
    "COMMAND_LINE",
    "FILE_TAKEN",
    "FIRST",
    "LOOKS",
    "Deed",
    "Entry",
    "Line",
    "Mark",
    "Reader",
    "UnrecordedChangeError",
    "Wanted",
    "WatchedSession",
    "actions",
    "called",
    "compare",
    "count",
    "deeds",
    "entries",
    "hash_of",
    "head",
    "head_of",
    "head_of_programme",
    "history_of",
    "history_within",
    "last",
    "mark",
    "moved_since",
    "record",
    "record_of_inspection",
    "search",
    "times",
    "verify",
    "write",
    "written",
]
