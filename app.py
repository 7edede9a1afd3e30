"""The application object that flask, waitress and gunicorn find."""

import sys

from casereader import create_app
from casereader.config import ConfigError
from casereader.instrument import InstrumentError
from casereader.web import logs

try:
    app = create_app()
except (ConfigError, InstrumentError) as error:
    print(f"casereader did not start: {error}", file=sys.stderr)  # noqa: T201 - before there is any other way to say it
    sys.exit(2)

logs.as_json_lines()
