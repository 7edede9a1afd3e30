"""The figures of one inspection as files: the workbook and questions.csv, with what the data are said in them."""

from __future__ import annotations

import io

from flask import make_response, send_file
from werkzeug.wrappers import Response

from casereader.exports import covers, finding_sheets, spreadsheet, tables, workbook
from casereader.exports.workbook import Cover
from casereader.figures import reader_effects, results
from casereader.figures.whole_results import WholeResults, whole_results
from casereader.instrument import Instrument
from casereader.web import objects
from casereader.web.access import allow, counted_as_work
from casereader.web.evaluation.blueprint import EXPORTS, blueprint
from casereader.web.installed import instruments
from casereader.web.proved import proved_first
from casereader.web.request_session import db

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ZIP = "application/zip"


@blueprint.get("/inspections/<public_id>/roll-up/tables.xlsx")
@allow(*EXPORTS)
@proved_first("Save the tables")
@counted_as_work
def tables_xlsx(public_id: str) -> Response:
    """Every table as a workbook."""
    found, instrument, cover, name = _figures(public_id)
    book = io.BytesIO()
    more = finding_sheets.of_findings(found, instrument)
    workbook.write(book, found.results.figures, instrument, cover, more=more)
    book.seek(0)
    return send_file(book, mimetype=XLSX, as_attachment=True, download_name=f"{name}-tables.xlsx")


@blueprint.get("/inspections/<public_id>/roll-up/tables.ods")
@allow(*EXPORTS)
@proved_first("Save the tables")
@counted_as_work
def tables_ods(public_id: str) -> Response:
    """The same as an OpenDocument spreadsheet."""
    found, instrument, cover, name = _figures(public_id)
    more = finding_sheets.of_findings(found, instrument)
    made = io.BytesIO(spreadsheet.write(found.results.figures, instrument, cover, more=more))
    return send_file(made, mimetype=ODS, as_attachment=True, download_name=f"{name}-tables.ods")


@blueprint.get("/inspections/<public_id>/roll-up/tables.zip")
@allow(*EXPORTS)
@proved_first("Save the tables")
@counted_as_work
def tables_csv(public_id: str) -> Response:
    """Each of them as a CSV file, in one archive."""
    found, instrument, cover, name = _figures(public_id)
    more = finding_sheets.of_findings(found, instrument)
    made = io.BytesIO(spreadsheet.csv_files(found.results.figures, instrument, cover, more=more))
    return send_file(made, mimetype=ZIP, as_attachment=True, download_name=f"{name}-tables.zip")


@blueprint.get("/inspections/<public_id>/roll-up/questions.csv")
@allow(*EXPORTS)
@proved_first("Save the figures of every question")
@counted_as_work
def questions_csv(public_id: str) -> Response:
    """Every figure of every question and group, unrounded: the very bytes that the command `rollup` writes."""
    place = objects.inspection(public_id, *EXPORTS)
    instrument = objects.instrument_of(place.programme)
    found, _ = results.drawn_results(db(), place, instrument)
    text = io.StringIO(newline="")
    tables.write_questions(text, found.figures.questions)
    response = make_response(text.getvalue())
    response.mimetype = "text/csv"
    name = objects.file_name(place.programme, f"{place.programme.slug}-{place.partnership.slug}-questions.csv")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _figures(public_id: str) -> tuple[WholeResults, Instrument, Cover, str]:
    """The inspection's figures with their cover, and what a file of them is called."""
    place = objects.inspection(public_id, *EXPORTS)
    instrument = objects.instrument_of(place.programme)
    found = whole_results(db(), place, instrument)
    said = reader_effects.moved(db(), place.programme, instrument, instruments())
    cover = covers.cover_of(place, found, reader_notes=said)
    name = objects.file_name(place.programme, f"{place.programme.slug}-{place.partnership.slug}")
    return found, instrument, cover, name
