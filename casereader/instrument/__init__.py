"""The questionnaire as data: read from TOML, asked which parts are open, what is missing and what warns.

Pure: no database, no web, and no code that knows a particular instrument.
"""

from casereader.instrument.answers import (
    Answer,
    Answers,
    Evidence,
    evidence_of,
    faults_of,
    points_to,
    refused_in,
    text_faults,
    tidied,
)
from casereader.instrument.codebook import Chapter, Entry, appendix, codebook
from casereader.instrument.completeness import (
    Missing,
    SectionState,
    how_full,
    missing,
    open_keys,
    section_states,
    warnings,
)
from casereader.instrument.errors import InstrumentError, InstrumentFault
from casereader.instrument.library import Library
from casereader.instrument.load import InstrumentFile, between, load, load_all, loads, read, read_each
from casereader.instrument.logic import Band, Contradiction, Derived, Rating, Rule, Standard
from casereader.instrument.model import (
    CANNOT_BE_EVALUATED,
    NOT_APPLICABLE,
    Choice,
    Instrument,
    Listed,
    Opening,
    Part,
    Question,
    Scale,
    Section,
    Stratum,
    code_of,
    version_of,
)
from casereader.instrument.ratings import Rated, ratings_of
from casereader.instrument.versions import same_questions, text_before
from casereader.instrument.warning import Warned

__all__ = [
    "CANNOT_BE_EVALUATED",
    "NOT_APPLICABLE",
    "Answer",
    "Answers",
    "Band",
    "Chapter",
    "Choice",
    "Contradiction",
    "Derived",
    "Entry",
    "Evidence",
    "Instrument",
    "InstrumentError",
    "InstrumentFault",
    "InstrumentFile",
    "Library",
    "Listed",
    "Missing",
    "Opening",
    "Part",
    "Question",
    "Rated",
    "Rating",
    "Rule",
    "Scale",
    "Section",
    "SectionState",
    "Standard",
    "Stratum",
    "Warned",
    "appendix",
    "between",
    "code_of",
    "codebook",
    "evidence_of",
    "faults_of",
    "how_full",
    "load",
    "load_all",
    "loads",
    "missing",
    "open_keys",
    "points_to",
    "ratings_of",
    "read",
    "read_each",
    "refused_in",
    "same_questions",
    "section_states",
    "text_before",
    "text_faults",
    "tidied",
    "version_of",
    "warnings",
]
