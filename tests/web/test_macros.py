"""The macros as pages that use all of them: sound HTML, errors wired to their controls, nothing unescaped."""

from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
import wtforms
from flask import Flask, render_template_string
from wtforms.fields.choices import SelectChoice

from casereader import dated
from casereader.web.every_request.chart_files import chart_href
from tests.web.page import Page

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
HEAD = """{% extends "base.html" %}{% block title %}Macros{% endblock %}
{% block tab %}{% if script is defined %} – {{ script }}{% endif %}{% endblock %}
{% import "macros/fields.html" as fields %}{% import "macros/scale.html" as scale with context %}
{% import "macros/tables.html" as tables %}{% import "macros/summary.html" as summary %}
{% import "macros/tasks.html" as tasks %}{% import "macros/steps.html" as steps %}
{% import "macros/charts.html" as charts %}{% import "macros/navigation.html" as navigation %}
{% block content %}"""
SCRIPT = "<script>alert(1)</script>"


class EveryField(wtforms.Form):
    name = wtforms.StringField("Name", description="As it will stand on every page.")
    size = wtforms.IntegerField("Records to read")
    day = wtforms.DateField("List as at")
    why = wtforms.TextAreaField("Reason")
    stratum = wtforms.SelectField(
        "Stratum", choices=[SelectChoice("a", "Register"), SelectChoice("b", "CARM", optgroup="Other")]
    )
    how = wtforms.RadioField("How to draw", choices=[SelectChoice("t", "By ticket"), SelectChoice("s", "Systematic")])
    which = wtforms.SelectMultipleField("Strata", choices=[SelectChoice("a", "Register"), SelectChoice("b", "CARM")])
    checked = wtforms.BooleanField("I have checked the list")
    upload = wtforms.FileField("List of cases")
    email = wtforms.EmailField("E-mail")
    password = wtforms.PasswordField("Password")


FIELDS = """<form method="post" enctype="multipart/form-data">{{ fields.csrf() }}{{ fields.text(form.name) }}
{{ fields.number(form.size, hint="10 to 400") }}{{ fields.date(form.day) }}{{ fields.textarea(form.why) }}
{{ fields.select(form.stratum, blank="Choose one") }}{{ fields.radios(form.how, hints={"t": "Lowest first"}) }}
{{ fields.checkboxes(form.which) }}{{ fields.checkbox(form.checked, hint="By two people") }}
{{ fields.upload(form.upload, accept=".csv") }}{{ fields.email(form.email) }}{{ fields.password(form.password) }}
{{ fields.button("Save") }}</form>"""
SIX = [
    {"value": "6", "label": "Excellent", "mark": "6", "descriptor": "Sector leading"},
    {"value": "not_applicable", "label": "Not applicable", "grounds": [{"value": "new", "label": "Too new"}]},
]


@pytest.fixture
def app() -> Flask:
    app = Flask("macros", template_folder=str(TEMPLATES))
    app.secret_key = "a key for this test"
    app.jinja_env.filters.update(dated.FILTERS)
    app.jinja_env.globals["csrf_token"] = lambda: "a token"
    app.jinja_env.globals["chart_href"] = chart_href
    app.jinja_env.globals["not_here_now"] = str
    return app


def page(app: Flask, body: str, *, status: int = 200, **values: object) -> Page:
    with app.test_request_context():
        return Page(render_template_string(HEAD + body + "{% endblock %}", **values), status=status)


def control(found: Page, name: str) -> Element:
    return next(field for field in found.root.iter() if field.get("name") == name)


def test_every_kind_of_field_is_labelled_and_sound(app: Flask) -> None:
    assert page(app, FIELDS, form=EveryField()).faults() == []


def test_every_error_is_in_the_summary_and_leads_to_its_control(app: Flask) -> None:
    form = EveryField()
    for field in form:
        field.errors = [f"Enter the {field.name}."]
    found = page(app, FIELDS, form=form, status=422)

    assert found.faults() == []
    assert found.errors == [f"Enter the {field.name}." for field in form]
    for field in form:
        assert control(found, field.name).get("id") == field.id
    assert control(found, "size").get("aria-describedby") == "size-hint size-error"
    assert control(found, "size").get("aria-invalid") == "true"


def test_a_fault_that_several_fields_have_is_told_of_each_by_its_label(app: Flask) -> None:
    form = EveryField()
    form.size.errors = form.day.errors = ["It cannot be read."]
    form.why.errors = ["Say why."]

    assert page(app, FIELDS, form=form, status=422).errors == [
        "Records to read: It cannot be read.",
        "List as at: It cannot be read.",
        "Say why.",
    ]


def test_what_was_typed_stands_in_the_form_again_but_never_a_password(app: Flask) -> None:
    form = EveryField(name="Aberlour", size=24, why="One\nTwo", stratum="b", how="s", which=["b"], checked=True)
    form.password.data = "a secret phrase"
    found = page(app, FIELDS, form=form)

    assert control(found, "name").get("value") == "Aberlour"
    assert control(found, "size").get("value") == "24"
    assert control(found, "why").text == "One\nTwo"
    chosen = [field.get("value") for field in found.root.iter() if field.get("checked") is not None]
    assert chosen == ["s", "b", "y"]
    assert [option.get("value") for option in found.root.iter("option") if option.get("selected") is not None] == ["b"]
    assert "a secret phrase" not in found.html


def test_a_question_is_sound_and_what_a_reading_holds_goes_into_its_places(app: Flask) -> None:
    body = """<form method="post">{{ fields.csrf() }}
{% for item in items %}{{ scale.question(item) }}{% endfor %}</form>"""
    sources = [{"value": "health", "label": "Health"}, {"value": "police", "label": "Police"}]
    held = {
        ("H4.present", "picked", "not_applicable"): " checked",
        ("H4.present", "ground", "new"): " selected",
        ("H4.present", "source", "police"): " checked",
        ("H4.present", "note", ""): "Seen",
        ("H4.present", "discuss", ""): " checked",
        ("F6", "written", ""): "3",
        ("A3", "picked", "police"): " selected",
    }
    shared = {"sources": sources, "of": "it", "hint": "Judge it"}
    items = [
        shared | {"key": "H4.present", "slug": "H4-present", "code": "H4", "label": "Domestic abuse", "cells": SIX},
        shared | {"key": "F6", "slug": "F6", "label": "Changes of worker", "kind": "count", "sources": []},
        shared | {"key": "J3", "slug": "J3", "label": "Strength", "kind": "text"},
        shared | {"key": "A3", "slug": "A3", "label": "Legal basis", "kind": "select", "choices": sources},
    ]
    found = page(app, body, items=items, place=lambda *place: held.get((*place, "", "")[:3], ""))

    assert found.faults() == []
    checked = {
        (field.get("name"), field.get("value"))
        for field in found.root.iter("input")
        if field.get("checked") is not None
    }
    assert checked == {
        ("H4.present", "not_applicable"),
        ("H4.present__sources", "police"),
        ("H4.present__discuss", "yes"),
    }
    assert control(found, "H4.present__note").text == "Seen"
    assert control(found, "H4.present").get("id") == "a-H4-present"
    assert control(found, "F6").get("value") == "3"
    assert control(found, "F6").get("aria-describedby", "").split() == ["h-F6", "e-F6"]


def test_tables_lists_and_charts_are_sound_and_let_nothing_through(app: Flask) -> None:
    body = """{{ tables.data_table("t", script, ["Stratum", {"text": "Cases", "numeric": true}],
  [[script, 12], {"cells": ["All", {"text": script, "href": "#main"}], "kind": "total"}], note=script) }}
{{ tables.data_table("folds", "Faults", ["Row", script, "Remedy"], [[4, {"text": script}, script]], folds=true) }}
{{ tables.data_table("none", "Empty", ["A"], [], empty="Nobody yet.") }}
{{ summary.summary_list([{"key": script, "code": "C9", "value": script, "href": "#main", "error": script}]) }}
{{ tasks.task_groups([{"heading": script, "items": [
  {"text": script, "href": "#main", "status": script, "kind": "done"}]}]) }}
{{ steps.steps([{"text": script, "state": "now", "hint": script}]) }}{{ steps.next_step(script, script, "#main") }}
{{ steps.progress("p", 3, 10, script) }}{{ steps.sending(script) }}{{ navigation.message(script, "warning") }}
{{ navigation.identity_bar(script, [{"key": script, "value": script}], status=true) }}
{% call charts.chart("c", script, script) %}{{ tables.data_table("tc", "Figures", ["A"], [["1"]]) }}{% endcall %}"""
    found = page(app, body, script=SCRIPT)

    assert found.faults() == []
    assert list(found.root.iter("script")) == []
    assert found.rows()[0] == ["Stratum", "Cases"]
    assert "Nobody yet." in found.text


def test_states_begin_with_a_capital_and_pages_that_are_left_out_leave_a_sign(app: Flask) -> None:
    body = """{{ tables.data_table("t", "Cases", ["Case", "State"], [["A1", {"status": "in progress"}]]) }}
{{ navigation.pager(pages) }}"""
    pages = [{"text": str(n), "href": f"/trail?page={n}", "current": n == 1} for n in (1, 2, 79)]
    found = page(app, body, pages=pages)

    assert found.faults() == []
    assert "In progress" in found.text
    assert "1 2 … 79" in found.text


def test_a_table_that_folds_says_in_every_cell_which_column_it_is_of_and_stays_a_table(app: Flask) -> None:
    body = """{{ tables.data_table("f", "Faults", ["Row", "Column", {"text": "Remedy", "width": "wide"}],
  [[4, "stratum", "Use a, b or c."]], folds=true) }}"""
    found = page(app, body)

    cells = list(found.root.iter("td"))
    assert [cell.get("data-label") for cell in cells] == ["Column", "Remedy"]
    roles = [element.get("role") for row in found.root.iter("tr") for element in (row, *row)]
    assert roles == ["row", *["columnheader"] * 3, "row", "rowheader", "cell", "cell"]
