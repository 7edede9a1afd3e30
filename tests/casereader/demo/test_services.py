"""Real published evaluations: their files as they came, and a few areas through list, draw, readings and figures."""

import csv
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from bench import services_coverage
from casereader import audit, readings
from casereader.db import transaction
from casereader.demo import services
from casereader.demo.invented.services_file import FILE, OUTSIDE, by_area, list_of, readings_of, services_in
from casereader.errors import RefusedError
from casereader.figures import results
from casereader.instrument import Instrument, load
from casereader.models import Case, DrawRecord, Programme
from casereader.programmes import inspections
from casereader.vocabulary import BANNERS, CaseStatus
from tests.casereader.demo.conftest import AT

DATA = Path(__file__).resolve().parents[3] / "data"
SERVICES = DATA / "services"
SOME = ("Orkney Islands", "Na h-Eileanan Siar", "Clackmannanshire")


@pytest.fixture
def instrument() -> Instrument:
    return load(DATA / "instruments" / "services-1.toml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The file with three small areas and a row from outside Scotland."""
    lines = (SERVICES / FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines[1:] if any(name in line for name in (*SOME, OUTSIDE))]
    (tmp_path / FILE).write_text("".join([lines[0], *kept]), encoding="utf-8")
    return tmp_path


def bring_in(session: Session, folder: Path, instrument: Instrument) -> readings.Brought:
    return services.bring_in(session, folder=folder, instrument=instrument, password_hash="none", at=AT)[1]


def test_the_files_are_the_published_ones() -> None:
    for year, n_rows in ((2019, 9_101), (2025, 6_945)):
        with (SERVICES / f"services-{year}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == len({row["case_ref"] for row in rows}) == n_rows
        assert len({row["partnership"] for row in rows} - {OUTSIDE}) == 32


def test_every_column_of_the_files_is_explained() -> None:
    explained = (SERVICES / "README.md").read_text(encoding="utf-8")

    for path in SERVICES.glob("*.csv"):
        header = path.read_text(encoding="utf-8").partition("\n")[0]
        assert [column for column in header.split(",") if f"`{column}`" not in explained] == []
        assert f"`{path.name}`" in explained
    assert "Open Government Licence v3.0" in explained


def test_services_outside_scotland_are_left_out_and_those_never_evaluated_stay(instrument: Instrument) -> None:
    found = services_in(SERVICES / FILE, instrument.parts)

    assert len(found) == 6_942
    assert len(by_area(found)) == 32
    assert sum(not any(one.evaluations.values()) for one in found) > 400
    assert {one.deprivation_fifth for one in found} == {"", "1", "2", "3", "4", "5"}


def test_an_area_goes_from_its_list_to_its_figures(engine: Engine, instrument: Instrument, folder: Path) -> None:
    with transaction(engine) as session:
        brought = bring_in(session, folder, instrument)
        places = inspections.all_places(session)
        found = results.results_for(session, places, instrument)
        listed = session.exec(select(Case.case_ref)).all()
        (programme,) = session.exec(select(Programme))
        trail = audit.verify(session)

    assert [place.partnership.name for place in places] == sorted(SOME)
    assert len(listed) == len(services_in(folder / FILE, instrument.parts))
    assert (trail, list(brought.warnings), brought.passed_over) == ([], [], 0)
    assert BANNERS[programme.data_kind] == "Real published evaluations; not record reading"
    assert brought.readings == len(found.cases)
    assert set(found.cases["status"]) == {CaseStatus.READ}
    assert all(reach.is_complete for reach in found.reach.values())
    assert set(found.figures.questions["question"]) == set(instrument.parts)


def test_a_second_time_changes_nothing_and_another_database_is_refused(
    session: Session, instrument: Instrument, folder: Path
) -> None:
    assert not services.is_there(session)
    bring_in(session, folder, instrument)

    assert services.is_there(session)
    session.exec(select(Programme)).one().name = "Another programme"
    session.flush()
    with pytest.raises(RefusedError, match="a database of their own"):
        services.is_there(session)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_coverage_table_is_of_the_draw_that_the_demonstration_makes(
    session: Session, instrument: Instrument, folder: Path
) -> None:
    bring_in(session, folder, instrument)
    drawn = {
        place.partnership.name: session.exec(
            select(DrawRecord.seed).where(DrawRecord.inspection_id == place.inspection.id)
        ).one()
        for place in inspections.all_places(session)
    }

    everything = services_coverage.population()

    assert drawn == {area.name: area.seed for area in everything.areas if area.name in SOME}


def test_a_file_of_readings_has_a_line_for_each_evaluation_and_one_for_a_service_without(
    instrument: Instrument,
) -> None:
    found = services_in(SERVICES / FILE, instrument.parts)
    evaluated = next(one for one in found if sum(map(bool, one.evaluations.values())) == 4)
    never = next(one for one in found if not any(one.evaluations.values()))

    lines = readings_of([evaluated, never], questions=instrument.parts, reader="a@x.org").decode().splitlines()[1:]

    assert len(lines) == 5
    assert lines[-1].startswith(f"{never.case_ref},first,a@x.org,wellbeing,,,,")
    assert evaluated.last_inspected is not None
    assert all(date.fromisoformat(line[-10:]) <= date(2025, 2, 28) for line in lines)
    assert list_of([never]).decode().splitlines()[0] == "case_ref,service,subtype,sector,deprivation"
