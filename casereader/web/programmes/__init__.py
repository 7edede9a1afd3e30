"""Programmes, their inspections, and who holds which role in them."""

import casereader.web.programmes.pages
import casereader.web.programmes.people  # noqa: F401 - each adds its views to the blueprint
from casereader.web.programmes.blueprint import blueprint

__all__ = ["blueprint"]
