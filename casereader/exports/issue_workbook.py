"""An issue as a workbook laid out as UK government statistics guidance asks; `[c]` stands where nothing is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import IO, Any

from casereader import dated
from casereader.disclosure import Figure, Shown
from casereader.exports.sheets import AUDIT_HEAD, NO_FIGURE, NO_WORD, Column, Sheet
from casereader.exports.workbook import Cover, write_sheets
from casereader.issues.saying import SUPPRESSED, is_divided, records_of, why_not_shown, words_of

Content = Mapping[str, Any]
Cell = str | int | float
Asked = Mapping[str, Any]

_QUESTION = (Column("Question", "text"), Column("What it asks", "text"))
_NUMBERS = (Column("How many count", "count"), Column("Share", "share"))
_LAST = (
    Column("In words", "text"),
    Column("Other words the interval allows", "text"),
    Column("Stands as in issue", "text"),
)


def write_issue_workbook(target: IO[bytes], content: Content, *, data_time: datetime) -> None:
    """What is published and no more; numbers are numbers, rounded as they were."""
    name = content["partnership"] or content["programme"]
    facts = [
        *([("About these data", content["data"])] if content["data"] else []),
        ("Programme", content["programme"]),
        ("Issue", str(content["number"])),
        *([("Replaces issue", str(content["replaces"]))] if content["replaces"] else []),
        *([("Correction", content["correction"])] if content["correction"] else []),
        ("Instrument", f"{content['instrument']['id']}, version {content['instrument']['version']}"),
        *([(AUDIT_HEAD, content["audit_head"])] if "audit_head" in content else []),
        ("Publication", "Published: small numbers, and those with which one could be worked out, are not in it."),
    ]
    cover = Cover(f"{name}: issue {content['number']}, figures from record reading", data_time, content["data"])
    write_sheets(target, cover, facts=facts, tables=_tables(content), notes=_notes(content))


def _notes(content: Content) -> list[str]:
    found = [f"{SUPPRESSED} stands where a figure is not shown. {why_not_shown(content)}"]
    found += [note for note in content["notes"] if SUPPRESSED not in note]
    return [
        *found,
        "Counts are rounded, and each alike wherever it stands: totals need not add up, and should not be made to. "
        "Shares give each record the weight of its stratum, so that they may differ from the count over the records; "
        "they are rounded as counts are. A word is true of the share printed beside it, and of the count where there "
        "is none.",
        f"{NO_FIGURE} stands where there are too few records for a share. {NO_WORD} stands where nothing applies.",
        "A figure that stands as in an earlier issue changed little or not at all.",
    ]


def _tables(content: Content) -> list[Sheet]:
    asked = {one["key"]: one for one in content["questions"]}
    figures = [(Figure.of(one), asked[one["question"]]) for one in content["findings"]["figures"]]
    whole = [one for one in figures if not is_divided(content, one[0])]
    groups = {(one["by"], one["level"]): one for one in content.get("groups", [])}
    names = {one["path"]: one["partnership"] for one in content["inspections"]}
    counts = not content["partnership"]
    found = [
        _read(content),
        Sheet("evaluations", "Evaluations", _EVALUATIONS, [tuple(one.values()) for one in content["evaluations"]]),
        _figures("questions", "Every question, all records", whole, counts=counts),
    ]
    for kind in dict.fromkeys(one["by"] for one in groups.values()):
        mine = [one for one in figures if one[0].domain == kind]
        label = next(one["kind"] for one in groups.values() if one["by"] == kind)
        title = f"The headline questions, by {label.lower()}"
        of: Callable[[Figure], str] = lambda figure: groups[figure.domain, figure.level]["label"]  # noqa: E731
        found.append(_figures(f"by_{kind}", title, mine, counts=counts, of=(label, of)))
    each = [one for one in figures if is_divided(content, one[0]) and one[0].inspection]
    of_one = ("Partnership", lambda figure: names[figure.inspection])
    found.append(_figures("partnerships", "The headline questions, by partnership", each, counts=False, of=of_one))
    scales = [
        (one["key"], one["label"], one["choices"].get(value, value), SUPPRESSED if count is None else count)
        for figure, one in whole
        for value, count in figure.scale
        if any(held is not None for _, held in figure.scale)
    ]
    columns = (*_QUESTION, Column("Answer", "text"), Column("Records", "count"))
    found.append(Sheet("scales", "How the answers divide, all records", columns, scales))
    return [one for one in found if one.rows]


_EVALUATIONS = (Column("Quality indicator", "text"), Column("Its name", "text"), Column("Evaluation", "text"))


def _read(content: Content) -> Sheet:
    columns = (
        Column("Partnership", "text"),
        Column("Reading period from", "text"),
        Column("Reading period to", "text"),
        Column("Records read", "count"),
    )
    rows: list[tuple[Any, ...]] = [
        (one["partnership"], *(dated.day(date.fromisoformat(one[end])) for end in ("from", "to")), one["read"])
        for one in content["inspections"]
    ]
    return Sheet("records_read", "Records read", columns, rows)


def _figures(
    name: str,
    title: str,
    figures: list[tuple[Figure, Asked]],
    *,
    counts: bool,
    of: tuple[str, Callable[[Figure], str]] | None = None,
) -> Sheet:
    """Figures under one head: with `counts` numbers stand beside words; `of` names and tells the group."""
    group = (Column(of[0], "text"),) if of else ()
    columns = (*_QUESTION, *group, Column("Records", "count"), *(_NUMBERS if counts else ()), *_LAST)
    rows: list[tuple[Any, ...]] = []
    for figure, asked in figures:
        which = (of[1](figure),) if of else ()
        numbers = _numbers(figure) if counts else ()
        rows.append((asked["key"], asked["label"], *which, _records(figure), *numbers, *_words(figure)))
    return Sheet(name, title, columns, rows)


def _records(figure: Figure) -> Cell:
    if figure.records.shown is Shown.COUNT and figure.records.number is not None:
        return figure.records.number
    return records_of(figure.records, hidden=SUPPRESSED)


def _numbers(figure: Figure) -> tuple[Cell, Cell]:
    number, percent = figure.share.number, figure.share.percent
    if figure.share.shown is not Shown.COUNT or number is None:
        return SUPPRESSED, SUPPRESSED
    return number, NO_FIGURE if percent is None else percent / 100


def _words(figure: Figure) -> tuple[str, str, str]:
    also = "; ".join(figure.share.also) or NO_WORD
    return words_of(figure.share, hidden=SUPPRESSED), also, figure.as_in or NO_WORD
