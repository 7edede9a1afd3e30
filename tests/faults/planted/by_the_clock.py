"""Planted: a save is taken for an old one, and left, where the clock says that a newer was there before."""

from planted_mark import stop_elsewhere

stop_elsewhere()

from casereader import create_app, readings  # noqa: F401

careful = readings.save


def save(session, *, opened, version, at, **more):
    saved_at = opened.reading.saved_at
    if saved_at is not None and at <= saved_at:
        return readings.Saved({"version": version, "saved_at": saved_at.isoformat()})
    return careful(session, opened=opened, version=version, at=at, **more)


readings.save = save
