"""The sample as it stands today, in the same words and counts as its newest certificate."""

from __future__ import annotations

import json
from collections.abc import Sequence

from casereader import dated
from casereader.after_the_draw import extending, reserves
from casereader.in_waves import waves
from casereader.models import Case, DrawRecord, SampleCase
from casereader.vocabulary import SampleRole
from casereader.web.request_session import db


def is_to_read(drawn: SampleCase) -> bool:
    """Whether a case is one of those to read: drawn so, added since, or called on in place of another."""
    return drawn.role is SampleRole.MAIN or drawn.called_on


def sample_rows(record: DrawRecord, sampled: Sequence[tuple[SampleCase, Case]]) -> list[list[object]]:
    """A row a case, with how it came to be read where it was not drawn for that, and its wave where there are any."""
    sizes = {one["stratum"]: one["sample_size"] for one in json.loads(record.certificate)["strata_counts"]}
    in_place = {one.reserve: one.case_ref for one in reserves.replaced(db(), draw_record=record) if one.reserve}
    number = waves.wave_of_cases(db(), draw_record=record)
    longer = [one for one in extending.every(db(), draw_record=record) if one.confirmed_at is not None]

    def role(drawn: SampleCase, ref: str) -> str:
        if not is_to_read(drawn):
            return "Reserve"
        if ref in in_place:
            return f"Main: reserve called on in place of {in_place[ref]}"
        if drawn.order <= sizes.get(drawn.stratum, 0):
            return "Main"
        by = next((one for one in longer if drawn.order <= one.sizes.get(drawn.stratum, 0)), None)
        return f"Main: added by the longer sample of {dated.day(by.confirmed_at)}" if by else "Main: reserve called on"

    def wave(drawn: SampleCase) -> list[object]:
        return [number.get(drawn.id or 0, "")] if number else []

    return [
        [case.case_ref, drawn.stratum, role(drawn, case.case_ref), drawn.order, *wave(drawn)] for drawn, case in sampled
    ]
