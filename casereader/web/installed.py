"""What `create_app` put on the application, for the pages and the commands alike: engine, settings, instruments."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import Engine

from casereader.config import Settings
from casereader.errors import AbsentError
from casereader.factors.keys import FactorKeys
from casereader.instrument import Instrument, Library
from casereader.sealing import SealingKeys


def engine() -> Engine:
    """The application's engine."""
    found: Engine = current_app.extensions["casereader_engine"]
    return found


def settings() -> Settings:
    """The application's settings."""
    found: Settings = current_app.extensions["casereader_settings"]
    return found


def outside_name() -> str | None:
    """What people call the account with which they may sign in from outside, where there is such a service."""
    service = settings().outside
    return service.name if service else None


def instruments() -> Library:
    """The instruments that are installed: by id the newest version, and any by `find`."""
    found: Library = current_app.extensions["casereader_instruments"]
    return found


def sealing_keys() -> SealingKeys:
    """The keys that rescue files are sealed to."""
    found: SealingKeys = current_app.extensions["casereader_sealing_keys"]
    return found


def factor_keys() -> FactorKeys:
    """The keys that the secrets of code apps are sealed under."""
    found: FactorKeys = current_app.extensions["casereader_factor_keys"]
    return found


def search_keys() -> FactorKeys:
    """The keys that what was looked for is sealed under, where an address names it."""
    found: FactorKeys = current_app.extensions["casereader_search_keys"]
    return found


def installed(name: str, version: str) -> Instrument:
    """The instrument of that id and version; AbsentError, with words for the administrator, where it is not there."""
    found = instruments().find(name, version)
    if found is None:
        raise AbsentError(
            f"The instrument {name} {version} is not installed here: "
            "whoever runs the service adds its file to data/instruments."
        )
    return found
