"""Erasing the content of an inspection for good: a lead asks, an administrator does it, a receipt is what remains.

All that is taken out of the database goes in one transaction; what it leaves in files goes after, and again each time
that the command is given again.
"""

from casereader.erasing.asking import Asked, ask, asked, asked_for, withdraw
from casereader.erasing.copies import copies_left
from casereader.erasing.doing import NOBODY_ASKED, draws, erase, erase_again, receipt_of, unerased
from casereader.erasing.fates import FATES, Blanked, Kept, Removed, words_of
from casereader.erasing.traces import clear

__all__ = [
    "FATES",
    "NOBODY_ASKED",
    "Asked",
    "Blanked",
    "Kept",
    "Removed",
    "ask",
    "asked",
    "asked_for",
    "clear",
    "copies_left",
    "draws",
    "erase",
    "erase_again",
    "receipt_of",
    "unerased",
    "withdraw",
    "words_of",
]
