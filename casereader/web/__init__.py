"""The pages: one blueprint per task, each a thin layer that loads, validates, calls one verb and redirects."""

from __future__ import annotations

from importlib import import_module

from flask import Blueprint, Flask
from flask_wtf import CSRFProtect

from casereader.config import Settings
from casereader.web import access, background, crossings, errors, logs, readiness, request_session, tries
from casereader.web.every_request import (
    chart_files,
    compressing,
    crowds,
    files_taken,
    headers,
    layout,
    looked_over,
    refusals,
    unexpected,
)
from casereader.web.signing import outside

BLUEPRINTS = (
    "home",
    "searching",
    "readiness",
    "signing.account",
    "signing",
    "settings",
    "help",
    "admin",
    "trail",
    "programmes",
    "programmes.programme_groups",
    "programmes.indicators",
    "programmes.several",
    "programmes.board",
    "programmes.dates",
    "programmes.reader_sign_ins",
    "retention",
    "subject",
    "programmes.rounds",
    "programmes.text_fixes",
    "programmes.contacts",
    "programmes.joining",
    "programmes.conflicts",
    "lists.frames",
    "lists.list_papers",
    "lists.returns",
    "lists.list_changes",
    "drawing.plans",
    "drawing.draws",
    "drawing.certificates",
    "drawing.opened",
    "drawing.changing_draws",
    "reading_week.assigning",
    "reading_week.timetable",
    "reading_week.progress",
    "drawing.replacements",
    "reading_week.moving",
    "drawing.stopping",
    "drawing.after_waves",
    "reading_week.records",
    "reading_week.link_officer",
    "reading_week.workbooks",
    "reading_week.offline_weeks",
    "readings.reading",
    "readings.section",
    "readings.practice",
    "readings.calibration",
    "readings.autosave",
    "readings.time_spent",
    "readings.notes",
    "readings.rescue",
    "readings.not_readable",
    "follow_up.concerns",
    "follow_up.actions",
    "moderating.countersigning",
    "moderating.moderation",
    "moderating.settling",
    "moderating.settling_by_readers",
    "moderating.unlocking",
    "moderating.briefing",
    "moderating.queries",
    "moderating.my_queries",
    "evaluation",
    "agreement",
    "agreement.severity",
    "issuing",
)


def install(app: Flask, settings: Settings) -> None:
    """Wire log, guard, transaction, error pages and every blueprint; refuse a route that states no roles."""
    logs.install(app)
    headers.install(app, settings)
    compressing.install(app)
    crowds.install(app)
    request_session.install(app)
    unexpected.install(app)
    crossings.install(app)
    access.install(app)
    tries.install(app)
    refusals.install(app)
    files_taken.install(app)
    CSRFProtect(app)
    errors.install(app)
    layout.install(app)
    looked_over.install(app)
    background.install(app)
    readiness.install(app)
    chart_files.install(app)
    access.allow(access.Door.ANYONE)(app.view_functions["static"])
    for name in BLUEPRINTS:
        blueprint: Blueprint = import_module(f"casereader.web.{name}").blueprint
        app.register_blueprint(blueprint)
    outside.install(app, settings)
    access.check_every_route(app)
