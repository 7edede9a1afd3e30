"""Planted: a save that comes again is taken for a new one, and every save whatever version it was made against."""

from planted_mark import stop_elsewhere

stop_elsewhere()

from sqlmodel import delete

from casereader import create_app, readings  # noqa: F401
from casereader.models import SavedReply
from casereader.readings import saving

careful, keep = readings.save, saving.keep_reply


def save(session, *, opened, version, **more):
    return careful(session, opened=opened, version=opened.reading.version, **more)


def keep_reply(session, *, key, **more):
    session.execute(delete(SavedReply).where(SavedReply.idempotency_key == key))
    keep(session, key=key, **more)


saving.reply_of = lambda *_, **__: None
saving.keep_reply = keep_reply
readings.save = save
