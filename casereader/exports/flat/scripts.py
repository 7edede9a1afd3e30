"""Labels that R and SPSS read: a script for each that reads wide.csv and names its variables and their answers."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import pandas as pd

from casereader.exports.flat.tables import Tables
from casereader.exports.flat.variables import Variable

LABELS = {
    "case_ref": "Reference of the record",
    "stratum": "Stratum it was drawn in",
    "population": "Children of the stratum on the list (N)",
    "weight": "N over the cases decided in the stratum; blank where the case is not decided",
    "status": "What became of the case",
    "age_band": "Age band",
    "legal_basis": "Legal basis",
    "living": "Living arrangement",
    "deprivation": "Deprivation fifth",
    "reading": "Which reading it is; blank where there is none",
    "reader": "A code for the reader, the same within this inspection",
    "read_on": "Day the reading was handed in",
    "withheld": "1 where whoever saved the files may not see the readings of this record",
    "about": "What these data are",
}
LONGEST_LABEL, LONGEST_VALUE_LABEL = 250, 120  # bytes, in SPSS
LONGEST_TEXT = 32_767  # bytes of a string, in SPSS
LONGEST_LINE = 80  # bytes of a line of syntax, in whichever way it is run
A_REMARK = 72  # signs of a comment on one line
A_PIECE = 66  # bytes of a string on one line, its quotes doubled


def r_script(tables: Tables, *, banner: str) -> str:
    """Base R that reads wide.csv into `answers`: factors with levels and labels, and a label on each variable."""
    names = [*_given(tables), *([] if not banner else ["about"])]
    numbers = _numbers(tables)
    texts = [name for name in names if name not in numbers]
    lines = [
        "# Reads wide.csv into `answers`. Needs no package: run it in the folder that holds the files.",
        f"# {_ascii(banner)}" if banner else "#",
        "# A survey design, with the package survey, is then",
        "#   decided <- subset(answers, !is.na(weight) & withheld == 0)",
        "#   survey::svydesign(ids = ~1, strata = ~stratum, weights = ~weight, fpc = ~population, data = decided)",
        f"texts <- c({', '.join(_r(name) for name in texts)})",
        'answers <- read.csv("wide.csv", encoding = "UTF-8", check.names = FALSE, na.strings = "",',
        '                    colClasses = setNames(rep("character", length(texts)), texts))',
        "labelled <- function(name, label, levels = NULL, labels = NULL) {",
        "  if (!is.null(levels)) answers[[name]] <<- factor(answers[[name]], levels = levels, labels = labels)",
        '  attr(answers[[name]], "label") <<- label',
        "}",
        *(f"labelled({_r(name)}, {_r(LABELS[name])})" for name in names if name in LABELS),
        *(_r_line(one) for one in tables.variables),
    ]
    return "\n".join(lines) + "\n"


def spss_syntax(tables: Tables, *, banner: str) -> str:
    """SPSS syntax that reads wide.csv and labels it; *not applicable* and *cannot be evaluated* are user-missing."""
    names = [*_given(tables), *([] if not banner else ["about"])]
    formats = {name: _format(tables.wide[name]) for name in _given(tables)}
    if banner:
        formats["about"] = f"A{len(banner.encode()) + 1}"
    labels = LABELS | {one.name: one.label for one in tables.variables}
    lines = [
        "* Encoding: UTF-8.",
        *_remark("Reads wide.csv and labels it. Run it in the folder that holds the files."),
        *(_remark(banner) if banner else []),
        *(
            line
            for name in _cut(tables)
            for line in _remark(f"{name}: SPSS cuts long texts. They are whole in wide.csv.")
        ),
        "GET DATA /TYPE=TXT",
        "  /FILE='wide.csv'",
        "  /ENCODING='UTF8'",
        "  /DELCASE=LINE /DELIMITERS=',' /QUALIFIER='\"'",
        "  /ARRANGEMENT=DELIMITED /FIRSTCASE=2",
        "  /VARIABLES=",
        *(f"    {name} {formats[name]}" for name in names),
        "  .",
        "VARIABLE LABELS",
        *(
            _labelled(f"  {'/' if place else ''}{name}", labels[name], LONGEST_LABEL)
            for place, name in enumerate(names)
        ),
        "  .",
        *(line for one in tables.variables if one.levels for line in _value_labels(one)),
        *_missing(tables),
        "EXECUTE.",
    ]
    return "\ufeff" + "\r\n".join(lines) + "\r\n"


def _given(tables: Tables) -> list[str]:
    return [str(name) for name in tables.wide.columns]


def _numbers(tables: Tables) -> set[str]:
    return {str(name) for name, kind in tables.wide.dtypes.items() if pd.api.types.is_numeric_dtype(kind)}


def _r_line(one: Variable) -> str:
    if not one.levels:
        return f"labelled({_r(one.name)}, {_r(one.label)})"
    levels = ", ".join(str(level.code) for level in one.levels)
    labels = ", ".join(_r(level.label) for level in one.levels)
    return f"labelled({_r(one.name)}, {_r(one.label)},\n         c({levels}),\n         c({labels}))"


def _r(text: str) -> str:
    """A string of R in plain ASCII, whatever the machine's own encoding is."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return '"' + "".join(sign if " " <= sign <= "~" else f"\\U{ord(sign):08x}" for sign in plain) + '"'


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode()


def _format(values: pd.Series) -> str:
    if str(values.dtype) == "Float64":
        return "F16.8"
    if pd.api.types.is_numeric_dtype(values):
        return "F8.0"
    longest = max((len(f"'{value}".encode()) for value in values), default=1)
    return f"A{min(max(longest, 1), LONGEST_TEXT)}"


def _value_labels(one: Variable) -> Iterator[str]:
    yield f"VALUE LABELS {one.name}"
    for level in one.levels:
        yield _labelled(f"  {level.code}", level.label, LONGEST_VALUE_LABEL)
    yield "  ."


def _missing(tables: Tables) -> Iterator[str]:
    for one in tables.variables:
        codes = ", ".join(str(level.code) for level in one.levels if level.is_missing)
        if codes:
            yield f"MISSING VALUES {one.name}"
            yield f"  ({codes})."


def _cut(tables: Tables) -> list[str]:
    """The columns of which some text is longer than a string of SPSS."""
    return [
        name
        for name in _given(tables)
        if pd.api.types.is_string_dtype(tables.wide[name])
        and any(len(text.encode()) > LONGEST_TEXT for text in tables.wide[name])
    ]


def _remark(text: str) -> Iterator[str]:
    """Comments, each ended on its own line: one that goes on would swallow what follows it."""
    for line in textwrap.wrap(text, A_REMARK):
        yield f"* {line.rstrip('.')}."


def _labelled(before: str, text: str, longest: int) -> str:
    """A label, cut to so many bytes, after what it is of; in pieces joined by + where a line would grow too long."""
    plain = " ".join(text.split()).encode()[:longest].decode(errors="ignore")
    pieces = [""]
    for sign in plain:  # a quote, which is doubled, stays in one piece
        said = "''" if sign == "'" else sign
        if len((pieces[-1] + said).encode()) > A_PIECE:
            pieces.append("")
        pieces[-1] += said
    is_short = len(f"{before} '{pieces[0]}' +".encode()) <= LONGEST_LINE
    return before + (" " if is_short else "\r\n    ") + " +\r\n    ".join(f"'{piece}'" for piece in pieces)
