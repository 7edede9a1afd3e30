"""The application object that flask, waitress and gunicorn find."""

import sys

from click import get_current_context

from casereader import create_app
from casereader.config import ConfigError
from casereader.instrument import InstrumentError
from casereader.web import logs

is_command = get_current_context(silent=True) is not None

try:
    app = create_app(makes=not is_command)  # a command that sets up makes what is not there, and no other
except (ConfigError, InstrumentError) as error:
    print(f"casereader did not start: {error}", file=sys.stderr)  # noqa: T201 - before there is any other way to say it
    sys.exit(2)

logs.as_json_lines()
