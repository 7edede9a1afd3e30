"""What a partnership needs to make its return: an empty workbook, and a guide of one page."""

from __future__ import annotations

import io

from flask import Blueprint, Response, render_template, send_file

from casereader.exports import list_template
from casereader.places import COMMAND
from casereader.vocabulary import BANNERS, Role
from casereader.web import objects
from casereader.web.access import allow
from casereader.web.clock import now

blueprint = Blueprint("list_papers", __name__)

SEES = (Role.COORDINATOR, Role.LEAD)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/inspections/<public_id>/list/template.xlsx")
@allow(*SEES)
def template(public_id: str) -> Response:
    """The empty workbook."""
    place = objects.inspection(public_id, *SEES)
    made = io.BytesIO()
    list_template.write(
        made,
        objects.instrument_of(place.programme),
        title=f"{place.partnership.name}: list of cases",
        banner=BANNERS.get(place.programme.data_kind, ""),
        at=now(),
    )
    name = objects.file_name(place.programme, "list-template.xlsx")
    made.seek(0)
    return send_file(made, mimetype=XLSX, as_attachment=True, download_name=name)


@blueprint.get("/inspections/<public_id>/list/guide")
@allow(*SEES)
def guide(public_id: str) -> str:
    """The guide, to print or to send."""
    place = objects.inspection(public_id, *SEES)
    instrument = objects.instrument_of(place.programme)
    return render_template(
        "sampling/list-guide.html",
        place=place,
        command=COMMAND,
        groups=[[one.code, one.label] for one in instrument.strata],
        columns=[
            [one.name, "Needed" if one.is_needed else "If you can", one.says]
            for one in list_template.columns_of(instrument)
            if one.name != "stratum"
        ],
    )
