"""The blueprint of what people do about their own signing in."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("signing", __name__)
