"""Planted: a save that comes again with the key of an earlier one is taken for a new save."""

from planted_mark import stop_elsewhere

stop_elsewhere()

from casereader import create_app  # noqa: F401
from casereader.readings import saving

saving.reply_of = lambda *_, **__: None
