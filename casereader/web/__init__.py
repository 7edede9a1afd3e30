"""The pages: one blueprint per task, each a thin layer that loads, validates, calls one verb and redirects."""

from __future__ import annotations

from importlib import import_module

from flask import Blueprint, Flask
from flask_wtf import CSRFProtect

from casereader.config import Settings
from casereader.web import (
    access,
    background,
    chart_files,
    compressing,
    crossings,
    crowds,
    errors,
    files_taken,
    headers,
    layout,
    logs,
    looked_over,
    readiness,
    refusals,
    request_session,
    tries,
    unexpected,
)
from casereader.web.signing import outside

BLUEPRINTS = (
    "home",
    "readiness",
    "account",
    "signing",
    "settings",
    "admin",
    "trail",
    "programmes",
    "programme_groups",
    "indicators",
    "several",
    "board",
    "dates",
    "reader_sign_ins",
    "retention",
    "subject",
    "rounds",
    "text_fixes",
    "contacts",
    "joining",
    "conflicts",
    "frames",
    "list_papers",
    "returns",
    "list_changes",
    "plans",
    "draws",
    "certificates",
    "opened",
    "changing_draws",
    "assigning",
    "timetable",
    "progress",
    "replacements",
    "moving",
    "stopping",
    "after_waves",
    "records",
    "link_officer",
    "workbooks",
    "offline_weeks",
    "reading",
    "section",
    "practice",
    "calibration",
    "autosave",
    "time_spent",
    "notes",
    "rescue",
    "not_readable",
    "concerns",
    "actions",
    "countersigning",
    "moderation",
    "settling",
    "settling_by_readers",
    "unlocking",
    "briefing",
    "queries",
    "my_queries",
    "evaluation",
    "agreement",
    "severity",
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
