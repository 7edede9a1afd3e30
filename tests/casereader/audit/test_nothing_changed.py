"""What is settled again as it is leaves no event: the trail tells of changes, not of buttons."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from sqlmodel import Session, func, select

from casereader import retention
from casereader.assignments import availability
from casereader.assignments.availability import Given
from casereader.instrument import Instrument, load
from casereader.models import AuditEvent
from casereader.people import local_reviewers, preferences
from casereader.programmes import calendars, contacts, programmes, reader_sign_ins
from casereader.programmes.calendars import Calendar
from casereader.stages.stages import Stage
from casereader.vocabulary import Coefficient, Preference, RetentionReason
from tests.cast import BEGAN, Cast, gather
from tests.source import ROOT

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

AFTER = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
DAY = date(2027, 2, 1)


def _deeds(session: Session, cast: Cast, instrument: Instrument) -> dict[str, Callable[[], object]]:
    programme, inspection = cast.place.programme, cast.place.inspection
    by = {"by": cast.lead, "at": AFTER}
    of_programme = {"session": session, "programme": programme, **by}
    of_inspection = {"session": session, "inspection": inspection, **by}
    of_instrument = {**of_programme, "instrument": instrument}
    period = (inspection.period_from, inspection.period_to)
    places = {one.code: str(n) for n, one in enumerate(reversed(instrument.strata), start=1)}
    group = next(iter(programmes.comparison_groups(instrument)))
    threshold = {"coefficient": Coefficient.KAPPA, "least_coefficient": Decimal("0.50"), "least_per_cent": Decimal(90)}
    reads = [Given(cast.reviewer, [], "6", reads=True)]
    kept = {"until": date(2033, 12, 31), "reason": RetentionReason.PROPOSED}
    calls: dict[str, tuple[Callable[..., object], dict[str, Any]]] = {
        "settings": (
            preferences.prefer,
            {"session": session, "account": cast.lead, "chosen": [Preference.STILL], "at": AFTER},
        ),
        "indicators": (
            programmes.choose_indicators,
            {**of_instrument, "evaluated_qis": [instrument.quality_indicators[0].value]},
        ),
        "order of groups": (programmes.choose_stratum_order, {**of_instrument, "places": places}),
        "comparison": (programmes.choose_comparison, {**of_instrument, "name": group}),
        "agreement": (programmes.choose_threshold, {**of_programme, **threshold}),
        "time to receive a concern": (contacts.set_concern_minutes, {**of_programme, "minutes": 17}),
        "telephone": (
            contacts.set_telephone,
            {**of_inspection, "account": cast.lead, "telephone": "0131 496 0199"},
        ),
        "dates": (
            calendars.agree,
            {**of_inspection, "period": period, "calendar": Calendar(panel_on=date(2027, 1, 4))},
        ),
        "publication": (calendars.record_publication, {**of_inspection, "stage": Stage.EVALUATED, "on": DAY}),
        "reading days": (availability.set_days, {**of_inspection, "given": reads}),
        "last day": (
            local_reviewers.set_last_day,
            {"session": session, "account": cast.reviewer, "until": date(2027, 6, 30), **by},
        ),
        "retention": (retention.agree, {**of_inspection, **kept}),
        "readers' sign-ins": (
            reader_sign_ins.settle,
            {**of_inspection, "idle_minutes": 60, "need_second_step": True},
        ),
    }
    return {what: partial(verb, **given) for what, (verb, given) in calls.items()}


def test_what_is_settled_again_as_it_is_leaves_no_event(session: Session) -> None:
    instrument = load(ROOT / "data" / "instruments" / "crr-1.toml")
    cast = gather(session, instrument=instrument, at=BEGAN)
    session.commit()

    for what, settle in _deeds(session, cast, instrument).items():
        before = _n_events(session)
        settle()
        session.commit()
        assert _n_events(session) == before + 1, what
        settle()
        session.commit()
        assert _n_events(session) == before + 1, what


def _n_events(session: Session) -> int:
    return session.exec(select(func.count()).select_from(AuditEvent)).one()
