"""Planted: a matter of concern that comes again in the same words is taken for another."""

from planted_mark import stop_elsewhere

stop_elsewhere()

from casereader import create_app  # noqa: F401
from casereader.concerns import steps

steps.raised_by = lambda *_, **__: []
