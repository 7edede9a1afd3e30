"""The one blueprint of these pages, and who may open them."""

from __future__ import annotations

from flask import Blueprint

from casereader.vocabulary import Role

blueprint = Blueprint("evaluation", __name__)

SEES = (Role.COORDINATOR, Role.LEAD, Role.MODERATOR)
EXPORTS = (Role.COORDINATOR, Role.LEAD)
