"""The tables of a results workbook beside those of the roll-up: what each results page tells, in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from casereader.exports.sheets import ABOUT, FIGURES, Column, Sheet, finished
from casereader.figures import topics
from casereader.figures.results import plain_rows, sampled_by_stratum
from casereader.figures.whole_results import WholeResults
from casereader.instrument import Instrument
from casereader.rollup import WHOLE
from casereader.rollup.peers import LEAST_N, Verdict
from casereader.rollup.records import NOT_PRODUCED, NOT_SUPPLIED, agency_parts
from casereader.rollup.themes import INDICATED, PRESENT, asked_of_all, themes_of
from casereader.vocabulary import CaseStatus

Row = Mapping[str, Any]

ALL = "All"
_SHARE = {name: FIGURES[name] for name in ("share", "lower", "upper", "word", "also")}
_STATUSES = {
    CaseStatus.READ: "Read",
    CaseStatus.NOT_PRODUCED: "Not produced",
    CaseStatus.INELIGIBLE: "Ineligible",
    CaseStatus.NOT_REACHED: "Not reached",
    CaseStatus.WAITING: "Still to be read",
}
_SAMPLED = {
    "stratum": Column("Stratum", "text"),
    "population": FIGURES["population"],
    "n": Column("Records sampled", "count"),
} | {status.value: Column(header, "count") for status, header in _STATUSES.items()}
_PRODUCED = {
    "stratum": Column("Stratum", "text"),
    "population": FIGURES["population"],
    "n": Column("Eligible records decided (n)", "count"),
    "k": Column("Of them not produced (k)", "count"),
    **_SHARE,
}
_SUPPLIED = {
    "agency": Column("Agency", "text"),
    "stratum": Column("Stratum", "text"),
    "n": Column("Records expected (n)", "count"),
    "k": Column("Of them supplied (k)", "count"),
    **_SHARE,
    "not_supplied": Column("Asked, not supplied", "count"),
    "not_expected": Column("Not expected", "count"),
    "lowest": Column("Share if none of the records not produced had come", "share"),
    "highest": Column("Share if all of them had", "share"),
}
_MET = {
    "theme": Column("Theme", "text"),
    "question": ABOUT["question"],
    **FIGURES,
    "n": Column("Records asked (n)", "count"),
    "k": Column("Of them that met the theme (k)", "count"),
    "present": Column("Present", "count"),
    "indicated": Column("Indicated but not considered", "count"),
}
_DONE = {
    "theme": Column("Theme", "text"),
    "answer": Column("What was done", "text"),
    "question": ABOUT["question"],
    **FIGURES,
}
_ASKED = {name: ABOUT[name] for name in ("section", "question", "asks")}
_IMPROVED = {
    "label": Column("Asked about", "text"),
    "question": ABOUT["question"],
    **FIGURES,
    "k": Column("Of them with a clear improvement (k)", "count"),
    "some": Column("Some improvement", "count"),
    "some_share": Column("Weighted share with some improvement", "share"),
    "too_early": Column("Too early to say", "count"),
    "no_need": Column("No need assessed", "count"),
}
_DERIVED = {"label": Column("Counted", "text"), **FIGURES}
_TOPICS = {
    "named": Column("Asked for", "text"),
    "topic": Column("Topic", "text"),
    "typical": Column("Records that mention it", "count"),
    "atypical": Column("Atypical records that mention it, apart", "count"),
}
_PEERS = {
    **_ASKED,
    "n_group": Column("Records of the group (n)", "count"),
    "k_group": Column("Of the group counted as 1 (k)", "count"),
    "share_group": Column("Weighted share of the group", "share"),
    "n_peers": Column("Records of their peers (n)", "count"),
    "k_peers": Column("Of the peers counted as 1 (k)", "count"),
    "share_peers": Column("Weighted share of the peers", "share"),
    "difference": Column("The group’s share less that of its peers", "difference"),
    "lower": Column("Interval of the difference from", "difference"),
    "upper": Column("Interval of the difference to", "difference"),
    "p_adjusted": Column("P value, corrected for all questions compared", "decimal"),
    "verdict": Column("What can be said", "text"),
    "read_group": Column("Records of the group to read for 15 points to show", "count"),
    "read_peers": Column("Records of the peers to read for 15 points to show", "count"),
}
_NOTES = {
    "not_produced": "Not produced is a finding of its own: a share of the eligible records that are decided, read or "
    "not produced.",
    "supplied": "Supplied is a share of the records read in which that agency’s record was expected.",
    "themes_met": "A theme is met where it is present, or indicated and not considered. What was done about it is a "
    "share of the records in which it was met, and of no other.",
    "improvement": "Improvement is a share of the records in which a need was assessed and it is not too early to say. "
    "Demonstrated is worked out for each record from several of its answers.",
    "topics": "A topic counts once for a record, however often its reading gives it, as the lead has named it.",
    "peers": f"Nothing is compared where fewer than {LEAST_N} records of either side are read. The verdicts hold for "
    "all questions of the table together (Holm).",
}


def of_findings(found: WholeResults, instrument: Instrument) -> list[Sheet]:
    """A sheet for each; what the instrument does not ask, or nobody answered, has none."""
    asks = {key: instrument.part(key).text for key in instrument.parts}
    whole = {row["question"]: row for row in plain_rows(found.results.figures.questions) if row["domain"] == WHOLE}
    peers = found.peers.comparison.name if found.peers.comparison else ""
    sheets = [
        _sheet("sampled", "Records sampled, by stratum and what became of them", _SAMPLED, _sampled(found)),
        _sheet("not_produced", "Records not produced, by stratum", _PRODUCED, _produced(found)),
        _sheet("supplied", "Records supplied, by agency and stratum", _SUPPLIED, _supplied(found, instrument)),
        _sheet("themes_met", "Records in which each theme was met", _MET, _met(found, instrument)),
        _sheet("themes_done", "What was done about each theme, where it was met", _DONE, _done(whole, instrument)),
        _sheet(
            "on_every_record",
            "Questions asked on every record, relationships among them",
            _ASKED | FIGURES,
            [
                {**whole[part.key], "asks": asks[part.key]}
                for section in asked_of_all(instrument)
                for part in section.parts
                if part.key in whole
            ],
        ),
        _sheet("improvement", "What difference was made: clear improvement", _IMPROVED, _improved(found, instrument)),
        _sheet(
            "demonstrated", "What the records demonstrate, from several answers", _DERIVED, _derived(found, instrument)
        ),
        _sheet(
            "topics", "Topics that readers name, by how many records mention them", _TOPICS, _topics(found, instrument)
        ),
        _sheet("peers", f"The group “{peers}” against its peers", _PEERS, _peers(found, asks)),
    ]
    return [one for one in sheets if one.rows]


def comparison_in_words(found: WholeResults, path: str) -> str:
    """Whom the plan sets against their peers, or why nobody is."""
    why_not = found.peers.why_not.get(path, "")
    if why_not or found.peers.comparison is None:
        return why_not
    group, peers, neither = found.peers.listed[path]
    unknown = f"; {neither} more of whom the list does not say it" if neither else ""
    return f"“{found.peers.comparison.name}”: {group} children on the list, against {peers} peers{unknown}."


def _sheet(name: str, title: str, columns: Mapping[str, Column], rows: Sequence[Row]) -> Sheet:
    table = [finished([row.get(key) for row in rows], column) for key, column in columns.items()]
    notes = (_NOTES[name],) if name in _NOTES else ()
    return Sheet(name, title, tuple(columns.values()), list(zip(*table, strict=True)), notes)


def _sampled(found: WholeResults) -> list[Row]:
    return [
        {"stratum": one.stratum, "population": one.population, "n": one.n}
        | {status.value: n for status, n in one.by_status.items()}
        for one in sampled_by_stratum(found.results)
    ]


def _produced(found: WholeResults) -> list[Row]:
    """All records first, then each stratum, one without a record decided too."""
    rows = {row["level"]: row for row in plain_rows(found.records) if row["question"] == NOT_PRODUCED}
    if not rows:
        return []
    by_stratum = [
        {**rows.get(one.stratum, {"n": 0, "k": 0, "population": one.population}), "stratum": one.stratum}
        for one in sampled_by_stratum(found.results)
    ]
    return [{**rows[""], "stratum": ALL}, *by_stratum]


def _supplied(found: WholeResults, instrument: Instrument) -> list[Row]:
    rows: dict[tuple[str, str], Row] = {(row["question"], row["level"]): row for row in plain_rows(found.records)}
    divided = _counts(found)
    strata = [one.stratum for one in sampled_by_stratum(found.results)]
    made: list[Row] = []
    for part in agency_parts(instrument):
        counts = divided.get(part.key, {})
        for level in ("", *strata):
            row = rows.get((part.key, level))
            if row is None:
                continue
            said: dict[str, Any] = {"agency": part.label, "stratum": level or ALL}
            if not level:
                said |= {
                    "not_supplied": counts.get(NOT_SUPPLIED, 0),
                    "not_expected": sum(counts.values()) - row["n"],
                }
            made.append({**row, **said})
    return made


def _met(found: WholeResults, instrument: Instrument) -> list[Row]:
    rows = {row["question"]: row for row in plain_rows(found.themes)}
    divided = _counts(found)
    return [
        {
            **rows[theme.presence.key],
            "theme": f"{theme.question.id} {theme.question.label}",
            "present": divided.get(theme.presence.key, {}).get(PRESENT, 0),
            "indicated": divided.get(theme.presence.key, {}).get(INDICATED, 0),
        }
        for theme in themes_of(instrument)
        if theme.presence.key in rows
    ]


def _done(whole: Mapping[str, Row], instrument: Instrument) -> list[Row]:
    return [
        {**whole[part.key], "theme": f"{theme.question.id} {theme.question.label}", "answer": part.label}
        for theme in themes_of(instrument)
        for part in theme.done
        if part.key in whole
    ]


def _improved(found: WholeResults, instrument: Instrument) -> list[Row]:
    return [{**row, "label": instrument.part(row["question"]).label} for row in plain_rows(found.difference.indicators)]


def _derived(found: WholeResults, instrument: Instrument) -> list[Row]:
    labels = {one.id: one.label for one in instrument.derived}
    return [{**row, "label": labels[row["question"]]} for row in plain_rows(found.difference.derived)]


def _topics(found: WholeResults, instrument: Instrument) -> list[Row]:
    return [
        {"named": named.title, "topic": one.label, "typical": one.n_typical, "atypical": one.n_atypical}
        for named in topics.named_together(instrument)
        for one in topics.most_often_first(found.mentions, named)
    ]


def _peers(found: WholeResults, asks: Mapping[str, str]) -> list[Row]:
    """As the page has it: under the least number neither side's share is given."""
    made: list[Row] = []
    for row in plain_rows(found.peers.figures):
        few = {f"share_{side}": None for side in ("group", "peers") if row[f"n_{side}"] < LEAST_N}
        if row["verdict"] == Verdict.TOO_FEW:
            few |= dict.fromkeys(("difference", "lower", "upper"))
        made.append({**row, **few, "asks": asks[row["question"]]})
    return made


def _counts(found: WholeResults) -> dict[str, dict[str, int]]:
    """How often each answer was given, by question."""
    counted: dict[str, dict[str, int]] = {}
    for row in plain_rows(found.results.figures.distributions):
        counted.setdefault(row["question"], {})[row["value"]] = row["count"]
    return counted
