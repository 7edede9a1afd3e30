"""The figures of one inspection as files: the workbook and questions.csv, with what the data are said in them."""

from __future__ import annotations

import io

from flask import make_response, send_file
from werkzeug.wrappers import Response

from casereader import reader_effects, results
from casereader.exports import covers, tables, workbook
from casereader.vocabulary import BANNERS
from casereader.web import objects
from casereader.web.access import allow
from casereader.web.evaluation.blueprint import EXPORTS, blueprint
from casereader.web.installed import instruments
from casereader.web.request_session import db

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/inspections/<public_id>/roll-up/tables.xlsx")
@allow(*EXPORTS)
def tables_xlsx(public_id: str) -> Response:
    """Every table as a workbook."""
    place = objects.inspection(public_id, *EXPORTS)
    instrument = objects.instrument_of(place.programme)
    found, data_time = results.drawn_results(db(), place, instrument)
    book = io.BytesIO()
    said = reader_effects.moved(db(), place.programme, instrument, instruments())
    workbook.write(book, found.figures, instrument, covers.cover_of(place, found, data_time, reader_notes=said))
    book.seek(0)
    name = f"{place.programme.slug}-{place.partnership.slug}-tables.xlsx"
    return send_file(book, mimetype=XLSX, as_attachment=True, download_name=name)


@blueprint.get("/inspections/<public_id>/roll-up/questions.csv")
@allow(*EXPORTS)
def questions_csv(public_id: str) -> Response:
    """Every figure of every question and group, unrounded."""
    place = objects.inspection(public_id, *EXPORTS)
    instrument = objects.instrument_of(place.programme)
    found, _ = results.drawn_results(db(), place, instrument)
    text = io.StringIO(newline="")
    tables.write_questions(text, found.figures.questions, banner=BANNERS.get(place.programme.data_kind, ""))
    response = make_response(text.getvalue())
    response.mimetype = "text/csv"
    name = f"{place.programme.slug}-{place.partnership.slug}-questions.csv"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
