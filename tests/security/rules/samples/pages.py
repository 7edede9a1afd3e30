"""Bad and good lines for the rules about pages, addresses, files and logs; scanned, never run."""

import logging
import os
from pathlib import Path

import flask
import jinja2
import markupsafe
from flask import redirect, render_template, render_template_string, request, send_file, url_for
from markupsafe import Markup, escape

LOG = logging.getLogger("sample")


def bad(form, account, upload, Account, row):
    # ruleid: template-from-words
    render_template_string("Good morning " + request.args["name"])
    # ruleid: template-from-words
    jinja2.Template(request.args["name"])
    # ruleid: template-from-words
    flask.current_app.jinja_env.from_string("Good morning")
    # ruleid: markup-made
    Markup("<b>" + account.name)
    # ruleid: markup-made
    markupsafe.Markup(account.name)
    # ruleid: redirect-to-what-was-sent
    redirect(request.args["next"])
    going = request.form.get("next", "/")
    # ruleid: redirect-to-what-was-sent
    redirect(going, 303)
    # ruleid: path-from-what-was-sent
    open(request.args["name"])
    # ruleid: path-from-what-was-sent
    upload.save(os.path.join("data", upload.filename))
    # ruleid: path-from-what-was-sent
    send_file(request.args["name"])
    # ruleid: path-from-what-was-sent
    Path("data") / request.args["name"]
    # ruleid: fields-taken-as-they-come
    form.populate_obj(account)
    # ruleid: fields-taken-as-they-come
    Account(**request.form)
    # ruleid: fields-taken-as-they-come
    Account(**request.get_json())
    # ruleid: sent-words-in-the-log
    LOG.warning("signed in: %s", request.form["email"])
    typed = form.data
    # ruleid: sent-words-in-the-log
    LOG.info("typed: %s", typed)
    # ruleid: format-from-what-was-sent
    request.args["words"].format(account)
    pattern = request.form["pattern"]
    # ruleid: format-from-what-was-sent
    row.saved_at.strftime(pattern)
    # ruleid: whole-row-answered
    flask.jsonify(row.model_dump())
    # ruleid: debug-on
    flask.current_app.run(debug=True)
    # ruleid: debug-on
    flask.current_app.debug = True


def good(form, account, upload, row, safe_next):
    # ok: template-from-words
    render_template("home.html", name=request.args["name"])
    # ok: markup-made
    escape(account.name)
    # ok: markup-made
    Markup("<b>{}</b>").format(account.name)
    # ok: redirect-to-what-was-sent
    redirect(safe_next(request.args.get("next")))
    # ok: redirect-to-what-was-sent
    redirect(url_for("home.index", name=request.args["name"]))
    # ok: path-from-what-was-sent
    upload.save(Path("data") / "sent")
    # ok: fields-taken-as-they-come
    account.name = form.name.data
    # ok: sent-words-in-the-log
    LOG.warning("a sign-in failed on %s", request.endpoint)
    # ok: format-from-what-was-sent
    "Good morning {}".format(request.args["name"])
    # ok: whole-row-answered
    flask.jsonify(version=row.version)
    # ok: debug-on
    flask.current_app.run()
