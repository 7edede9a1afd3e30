"""What an issue's page shows, as rows and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from casereader import dated
from casereader.disclosure import Figure
from casereader.instrument import code_of
from casereader.issues import Scope, reads, scale_of
from casereader.issues.saying import NOT_SHOWN, Reads, is_divided
from casereader.models import Issue
from casereader.places import COMMAND
from sampling.digest import json_digest

Content = Mapping[str, Any]
KINDS = {
    "nothing": "Not shown at all",
    "less": "Shown as less than it might be",
    "records": "Of which only the number of records shows less",
}


def withheld(row: Issue) -> list[dict[str, Any]]:
    """What shows less than it might, what stands instead, why, and which numbers that protects; the most first.

    The number of records is told as less of nearly every question, so that it comes last, in a table of its own.
    """
    labels = {one["key"]: one["label"] for one in row.content["questions"]}
    found: dict[str, list[list[object]]] = {"nothing": [], "less": [], "records": []}
    for one in row.withheld:
        kind = "nothing" if one["instead"] == "nothing" else "records" if "number of records" in one["what"] else "less"
        found[kind].append(
            [
                {"text": _of(one), "hint": labels.get(one["question"], "")},
                one["what"],
                one["instead"],
                {"text": one["why"], "hint": _protects(one["protects"])},
            ]
        )
    return [
        {"id": f"withheld-{kind}", "caption": f"{KINDS[kind]} ({len(rows)})", "rows": rows}
        for kind, rows in found.items()
        if rows
    ]


def sections(content: Content) -> list[dict[str, Any]]:
    """The figures of the whole section by section, each as it reads."""
    questions = {one["key"]: one for one in content["questions"]}
    found: dict[str, dict[str, Any]] = {}
    for record in content["findings"]["figures"]:
        if is_divided(content, Figure.of(record)):
            continue
        figure, asked = Figure.of(record), questions[record["question"]]
        section = found.setdefault(
            asked["section"],
            {"id": f"section-{asked['section']}", "title": asked["heading"], "rows": [], "tells": False},
        )
        section["rows"].append([f"{code_of(asked['key'])} {asked['label']}", *_told(figure, asked)])
        section["tells"] |= reads(figure) != Reads(NOT_SHOWN, NOT_SHOWN)
    return list(found.values())


def divided(content: Content) -> list[dict[str, Any]]:
    """Each headline question by groups, and by partnership; none in the issue of a partnership."""
    kinds = {(one["by"], one["level"]): one for one in content.get("groups", [])}
    names = {one["path"]: one["partnership"] for one in content["inspections"]}
    found: dict[str, dict[str, Any]] = {}
    for asked in content["questions"]:
        tables: dict[str, dict[str, Any]] = {}
        for record in content["findings"]["figures"]:
            if record["question"] != asked["key"] or not is_divided(content, Figure.of(record)):
                continue
            by, group = record["domain"], kinds.get((record["domain"], record["level"]))
            first, name = (group["kind"], group["label"]) if group else ("Partnership", names[record["inspection"]])
            made: dict[str, Any] = {
                "id": f"divided-{asked['key']}-{by}",
                "first": first,
                "caption": f"{asked['key']} by {first.lower()}",
                "rows": [],
            }
            tables.setdefault(by, made)["rows"].append([name, *_told(Figure.of(record), asked)])
        if tables:
            title = f"{asked['key']} {asked['label']}"
            found[asked["key"]] = {"id": f"divided-{asked['key']}", "title": title, "tables": list(tables.values())}
    return list(found.values())


def _told(figure: Figure, asked: Mapping[str, Any]) -> list[object]:
    """On how many records it rests, and how many of them count."""
    said, scale = reads(figure), scale_of(figure, asked["choices"])
    stands = f"as in issue {figure.as_in}" if figure.as_in else ""
    return [said.records, {"text": said.share, "hint": "; ".join(one for one in (scale, stands) if one)}]


def _of(one: Mapping[str, Any]) -> str:
    """The question of what is withheld, and of which records."""
    return ", ".join(said for said in (one["question"], one.get("of", "")) if said)


def inspections_read(content: Content) -> list[list[object]]:
    """The partnerships whose records were read, for which period, and how many."""
    return [
        [
            one["partnership"],
            f"{dated.day(date.fromisoformat(one['from']))} to {dated.day(date.fromisoformat(one['to']))}",
            one["read"],
        ]
        for one in content["inspections"]
    ]


def policy(row: Issue) -> list[str]:
    """The rules of the issue, in sentences."""
    threshold, base = row.policy["threshold"], row.policy["base"]
    shows = (
        "The whole sample only: a word and the words its interval also touches, or near none and near all a range of "
        "words that is the same for every count in it, and the number of records. No count or "
        "percentage of those that count, no group, no division over the scale."
        if row.policy["shows"] == "words"
        else f"Counts rounded to {base}, and percentages of them from {row.policy['least_n_for_percent']} records on; "
        "the scale where there are records enough for each of its answers."
    )
    return [
        shows,
        f"A number under {threshold} is small, none included, and is never found more closely than {threshold}. The "
        f"number of records is rounded to {base}.",
    ]


def proof(row: Issue) -> list[str]:
    """What the attack on the issue found, in sentences."""
    found = row.proof["proof"]["found"]
    small = [one for one in found if one[3] is not None]
    widths = [high - low for _, low, high, _ in small if low is not None and high is not None]
    said = [
        f"{len(small)} small numbers lie behind these figures. The least and the greatest value of each that agree "
        f"with all that is published here{_n_earlier(row)} were worked out, as an attacker would."
    ]
    if widths:
        said.append(f"The one found most closely can still have values {min(widths)} apart.")
    narrow = sum(one[3] < row.policy["threshold"] for one in small)
    if narrow:
        said.append(
            f"Of {narrow} of them both sides know so much without the issue that they were less than "
            f"{row.policy['threshold']} apart before: the issue tells nothing more of these."
        )
    return said


def rebuilt_from(scope: Scope, row: Issue) -> list[dict[str, object]]:
    """What the issue says it is made of."""
    of = f"--inspection {scope.path}" if scope.place else f"--programme {scope.path}"
    names = {place.path: place.partnership.name for place in scope.places}
    return [
        {"key": "Data", "value": row.data_digest},
        {"key": "Data as of", "value": dated.moment(row.data_time)},
        {"key": "Instrument", "value": f"{row.instrument_id}, version {row.instrument_version}"},
        *(
            {"key": f"Certificate of the draw: {names.get(path, path)}", "value": digest}
            for path, digest in sorted(row.certificates.items())
        ),
        {"key": "Software", "value": row.software},
        {"key": "Head of the audit trail at that time", "value": row.audit_head},
        {"key": "What is published", "value": json_digest(row.content)},
        {"key": "Rebuild it", "value": f"{COMMAND} rollup --issue {row.number} --compare {of}"},
    ]


def _protects(names: list[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"Protects {names[0]}{more}"


def _n_earlier(row: Issue) -> str:
    n = len(row.proof["met"]["earlier"])
    return f" and in {n} earlier issue{'s' if n != 1 else ''}" if n else ""
