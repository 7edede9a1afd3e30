"""The form's script and the server come to the same: what is asked, missing and in doubt, how far each section is."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Page

from casereader.instrument import (
    Answer,
    Instrument,
    Part,
    load_all,
    missing,
    open_keys,
    section_states,
    tidied,
    warnings,
)
from casereader.instrument.expressions import parse
from casereader.instrument.rules import compiled, rules_of
from tests.browser.harness import Browsing, page_of_nothing
from tests.source import ROOT
from tests.truths import TRUTHS

CASES = 12  # readings made up for each stratum of each instrument
NOTES = ("", "", "", "Short.", "The record shows this in entries of May.", "see C9", "see B6.", "see Z1")
DECIDE = """async ({module, table}) => {
  const {decide} = await import(module);
  return table.map(([condition, answers, stratum]) => decide(condition, new Map(Object.entries(answers)), stratum));
}"""
FOLLOW = """async ({module, rules, readings}) => {
  const {Rules} = await import(module);
  const made = new Rules(rules);
  return readings.map(answers => {
    const found = made.of(answers);
    return {
      asked: [...found.asked],
      missing: found.missing.map(one => [one.key, one.section, one.says]),
      warnings: found.warnings.map(one => [one.keys[0], one.says]),
      states: Object.fromEntries(found.states),
    };
  });
}"""
MODULE = "/static/js/rules.js"


@pytest.fixture
def page(browsing: Browsing) -> Page:
    """A page of no instrument, from which the module can be had."""
    return page_of_nothing(browsing)


def test_the_script_decides_as_the_table_of_truths_says(page: Page) -> None:
    table = [[compiled(parse(condition)), answers, stratum] for condition, answers, stratum, _ in TRUTHS]

    decided = page.evaluate(DECIDE, {"module": MODULE, "table": table})

    assert decided == [holds for *_, holds in TRUTHS]


def test_the_script_and_the_server_follow_the_same_rules(page: Page) -> None:
    random = Random("rules")
    for instrument in load_all(ROOT / "data" / "instruments").all:
        for stratum in (None, *(one.code for one in instrument.strata)):
            made = [_reading(instrument, random) for _ in range(CASES)]

            found = page.evaluate(
                FOLLOW,
                {
                    "module": MODULE,
                    "rules": json.loads(json.dumps(rules_of(instrument, stratum))),
                    "readings": [{key: _sent(answer) for key, answer in answers.items()} for answers in made],
                },
            )

            for answers, by_script in zip(made, found, strict=True):
                assert by_script == _by_server(instrument, answers, stratum), (instrument.id, stratum)


def _by_server(instrument: Instrument, answers: dict[str, Answer], stratum: str | None) -> dict[str, Any]:
    answers = {key: tidied(answer) for key, answer in answers.items()}
    return {
        "asked": list(open_keys(instrument, answers, stratum=stratum)),
        "missing": [[one.key, one.section, one.says] for one in missing(instrument, answers, stratum=stratum)],
        "warnings": [[one.keys[0], one.says] for one in warnings(instrument, answers, stratum=stratum)],
        "states": dict(section_states(instrument, answers, stratum=stratum)),
    }


def _reading(instrument: Instrument, random: Random) -> dict[str, Answer]:
    """Answers to some of the questions, or to nearly all, some of them with faults."""
    share = random.choice((0.1, 0.5, 0.9, 1.0))
    leaning = random.choice((None, "yes", "no", "not_applicable", "5", "1"))
    return {
        key: _answer(instrument, instrument.part(key), leaning, random)
        for key in instrument.parts
        if instrument.part(key).rating is None and random.random() < share
    }


def _answer(instrument: Instrument, part: Part, leaning: str | None, random: Random) -> Answer:
    offered = [choice.value for choice in part.choices]
    value: str | None
    if part.scale.kind == "count":
        value = random.choice(["0", str(part.scale.maximum), str(part.scale.maximum + 1), "many", " 1 "])
    elif not offered:
        value = random.choice(["Words.", None])
    else:
        value = leaning if leaning in offered and random.random() < 0.9 else random.choice([*offered, None])
    grounds = {"not_applicable": part.na_grounds, "cannot_be_evaluated": part.cbe_grounds}.get(value or "", ())
    sources = [source.value for source in instrument.sources]
    return Answer(
        value,
        note=random.choice(NOTES),
        sources=tuple(random.sample(sources, random.choice((0, 1, 2)))) if sources else (),
        ground=random.choice([None, grounds[0].value]) if grounds else None,
        discuss=random.random() < 0.05,
    )


def _sent(answer: Answer) -> dict[str, Any]:
    return {
        "value": answer.value,
        "note": answer.note,
        "sources": list(answer.sources),
        "ground": answer.ground,
        "discuss": answer.discuss,
    }
