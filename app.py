"""The application object that flask, waitress and gunicorn find."""

from click import get_current_context

from casereader.cli.program import start

is_command = get_current_context(silent=True) is not None

app = start(makes=not is_command)  # a command that sets up makes what is not there, and no other
