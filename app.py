"""The application object that flask, waitress and gunicorn find."""

import sys

from casereader import create_app
from casereader.config import ConfigError

try:
    app = create_app()
except ConfigError as error:
    print(f"casereader did not start: {error}", file=sys.stderr)  # noqa: T201 - before there is any other way to say it
    sys.exit(2)
