"""The trail: what was done, by whom and when, in a chain in which nothing can be changed unseen."""

from casereader.audit.chain import FIRST, hash_of, head, record
from casereader.audit.deeds import Deed, deeds
from casereader.audit.heads import LOOKS, head_of, head_of_programme, written
from casereader.audit.verification import verify

__all__ = [
    "FIRST",
    "LOOKS",
    "Deed",
    "deeds",
    "hash_of",
    "head",
    "head_of",
    "head_of_programme",
    "record",
    "verify",
    "written",
]
