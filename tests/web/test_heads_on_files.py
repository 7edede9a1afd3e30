"""Every file that is taken away carries the head of the trail it stands on, or says here why it carries none."""

from __future__ import annotations

from flask import Flask

from tests.web.signing.test_confirming import hands_out_a_file

WITH_HEAD = {
    "actions.export",
    "evaluation.export_challenges",
    "evaluation.save_file",  # answers and reports, made with it
    "evaluation.tables_csv",
    "evaluation.tables_ods",
    "evaluation.tables_xlsx",
    "progress.cases_csv",
    "progress.cases_xlsx",
    "replacements.log_csv",
    "replacements.log_json",
    "trail.as_csv",  # the hash of every event in it
}
CERTIFICATE = "its fields are fixed by contract, and its digest stands in the trail: its page prints the heads"
LIST = "a list to fetch records by; the certificate that it follows has its digest in the trail"
WITHOUT = {
    "certificates.as_json": CERTIFICATE,
    "certificates.longer_as_json": CERTIFICATE,
    "certificates.voided_as_json": CERTIFICATE,
    "opened.addendum_json": CERTIFICATE,
    "opened.certificate_json": CERTIFICATE,
    "certificates.list_csv": LIST,
    "certificates.voided_list_csv": LIST,
    "link_officer.list_csv": LIST,
    "link_officer.list_xlsx": LIST,
    "evaluation.questions_csv": "its columns are fixed by contract; the workbook of the same figures has the head",
    "list_papers.template": "an empty form",
    "returns.example": "invented rows",
    "returns.faults_xlsx": "the partnership's own list with its faults marked, before anything of it is kept",
    "subject.give": "what is held of one child, table by table; that it was given is a deed of its own",
    "workbooks.download": "it goes out to a reader and comes back; its facts are digested in the trail when given out",
}


def test_every_file_has_the_head_or_a_reason_to_have_none(app: Flask) -> None:
    files = {name for name, view in app.view_functions.items() if hands_out_a_file(view, set())} - {"static"}

    assert files == WITH_HEAD | WITHOUT.keys()
    assert not WITH_HEAD & WITHOUT.keys()
