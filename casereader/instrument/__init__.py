"""The questionnaire as data: read from TOML, asked which parts are open, what is missing and what warns.

Pure: no database, no web, and no code that knows a particular instrument.
"""

from casereader.instrument.answers import Answer, Answers, Evidence, evidence_of, faults_of, points_to, tidied
from casereader.instrument.codebook import Entry, codebook
from casereader.instrument.completeness import (
    Missing,
    SectionState,
    Warned,
    missing,
    open_keys,
    section_state,
    section_states,
    warnings,
)
from casereader.instrument.errors import InstrumentError, InstrumentFault
from casereader.instrument.load import load, load_all, loads
from casereader.instrument.model import (
    CANNOT_BE_EVALUATED,
    NOT_APPLICABLE,
    Choice,
    Contradiction,
    Derived,
    Instrument,
    Listed,
    Opening,
    Part,
    Question,
    Scale,
    Section,
    Stratum,
)

__all__ = [
    "CANNOT_BE_EVALUATED",
    "NOT_APPLICABLE",
    "Answer",
    "Answers",
    "Choice",
    "Contradiction",
    "Derived",
    "Entry",
    "Evidence",
    "Instrument",
    "InstrumentError",
    "InstrumentFault",
    "Listed",
    "Missing",
    "Opening",
    "Part",
    "Question",
    "Scale",
    "Section",
    "SectionState",
    "Stratum",
    "Warned",
    "codebook",
    "evidence_of",
    "faults_of",
    "load",
    "load_all",
    "loads",
    "missing",
    "open_keys",
    "points_to",
    "section_state",
    "section_states",
    "tidied",
    "warnings",
]
