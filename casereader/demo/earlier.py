"""The round before: two of the invented partnerships, looked at two years earlier by a programme of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from casereader.demo.invented.partnerships import Invented, Reach
from casereader.vocabulary import EvaluationStage, Stage

PROGRAMME = "Demonstration programme, first round"
REACH = Reach(Stage.PUBLISHED, evaluated=EvaluationStage.FINAL, weeks=104)
MARGINS = {"Balquhane": "0.2", "Brackenside": "0.15"}
FEWER = {"C9": 0.22, "D11": 0.15}  # good or better than in the round that follows, so that something changed


def as_they_were(invented: Sequence[Invented]) -> list[Invented]:
    """Those that were inspected before, with their lists and shares of then."""
    return [
        replace(
            one,
            code=f"{one.code}1",
            margin=MARGINS[one.name],
            good={key: max(share - FEWER.get(key, 0.0), 0.1) for key, share in one.good.items()},
            reach=REACH,
        )
        for one in invented
        if one.name in MARGINS
    ]
