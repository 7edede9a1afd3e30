"""The instruments that come with the program, read once, and a short one to break."""

from __future__ import annotations

from pathlib import Path

from casereader.instrument import Answer, Instrument, load, loads

FOLDER = Path(__file__).resolve().parents[3] / "data" / "instruments"
CRR_1 = load(FOLDER / "crr-1.toml")
CRR_P = load(FOLDER / "crr-p.toml")
SERVICES_1 = load(FOLDER / "services-1.toml")
CFSR = load(FOLDER / "cfsr-style.toml")
BANDS = load(FOLDER / "bands-example.toml")
SHIPPED = tuple(sorted(FOLDER.glob("*.toml")))

SHORT = """
id = "SHORT-1"
version = "1.0"
title = "A short reading"
unit = "case"
opening = [{ question = "C9", label = "Assessment" }]

[[sources]]
value = "health"
label = "Health record"
[[agencies]]
value = "health"
label = "Health"
[[strata]]
code = "a"
label = "First group"
also = ["FIRST"]
records = ["health"]
[[strata]]
code = "b"
label = "Second group"
[[quality_indicators]]
value = "5.2"
label = "Assessing risk and need"
[[grounds]]
value = "new"
label = "Too new"
[[grounds]]
value = "silent"
label = "Too little is recorded"

[[scales]]
id = "six"
kind = "six"
judgement = true
cannot_be_evaluated = ["silent", "new"]
choices = [
    { value = "6", label = "Excellent", says = "Leads.", y = 1, need = "note and source" },
    { value = "5", label = "Very good", says = "Strong.", y = 1 },
    { value = "4", label = "Good", says = "Sound.", y = 1 },
    { value = "3", label = "Adequate", says = "Just sound.", y = 0 },
    { value = "2", label = "Weak", says = "Not sound.", y = 0, need = "note and source" },
    { value = "1", label = "Unsatisfactory", says = "Harmful.", y = 0, need = "note and source" },
    { value = "cannot_be_evaluated", label = "Cannot be evaluated" },
    { value = "not_applicable", label = "Not applicable" },
]
[[scales]]
id = "ypn"
kind = "ypn"
judgement = true
not_applicable = ["new"]
choices = [
    { value = "yes", label = "Yes", y = 1, y_reversed = 0 },
    { value = "in_part", label = "In part", y = 0, y_reversed = 0, partly = true },
    { value = "no", label = "No", y = 0, y_reversed = 1, need = "note" },
    { value = "not_applicable", label = "Not applicable" },
]
[[scales]]
id = "number"
kind = "count"
maximum = 50
[[scales]]
id = "words"
kind = "text"
longest = 100

[[part_sets]]
id = "theme"
[[part_sets.parts]]
id = "present"
label = "Present"
scale = "ypn"
[[part_sets.parts]]
id = "seen"
label = "Seen"
scale = "ypn"
shown = '.present = "yes"'

[[sections]]
id = "C"
title = "Assessment"
headline = "C9"
evidence = true
[[sections.questions]]
id = "C1"
label = "Chronology"
text = "Is there a current chronology?"
scale = "ypn"
not_applicable = ["new", "silent"]
not_applicable_refused = 'stratum = "b"'
[[sections.questions]]
id = "C9"
label = "Assessment"
text = "How good is the assessment?"
scale = "six"
qi = "5.2"

[[sections]]
id = "H"
title = "Themes"
layout = "grid"
shown = 'C1 != "no"'
[[sections.questions]]
id = "H1"
label = "Poverty"
text = "Poverty"
part_set = "theme"
[[sections.questions]]
id = "H2"
label = "Workers"
text = "How many?"
required = false
parts = [{ label = "Number", scale = "number" }, { id = "said", label = "In words", scale = "words" }]

[[contradictions]]
says = "No chronology, and yet excellent."
when = 'C1 = "no" and C9 = "6"'
"""


def short(*changes: tuple[str, str]) -> Instrument:
    """The short instrument with each (old, new) replaced once; the old text must be there."""
    return loads(changed(*changes).encode(), name="short.toml")


def changed(*changes: tuple[str, str]) -> str:
    """The text of the short instrument with each (old, new) replaced once."""
    text = SHORT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def given(**values: str) -> dict[str, Answer]:
    """Answers by key, with `__` for the dot: `given(C9="4", H1__present="yes")`."""
    return {key.replace("__", "."): Answer(value) for key, value in values.items()}


NOTE = "Seen in three entries over the spring."
