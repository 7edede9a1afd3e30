"""Planted: a save is taken whatever version of the reading it was made against."""

from planted_mark import stop_elsewhere

stop_elsewhere()

from casereader import create_app, readings  # noqa: F401

careful = readings.save


def save(session, *, opened, version, **more):
    return careful(session, opened=opened, version=opened.reading.version, **more)


readings.save = save
