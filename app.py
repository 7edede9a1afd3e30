"""The application object that flask, waitress and gunicorn find."""

import gc

gc.disable()  # nothing that is imported goes again: to look for what might takes a fifth of the start

from click import get_current_context  # noqa: E402

from casereader.cli.program import start  # noqa: E402

is_command = get_current_context(silent=True) is not None

app = start(makes=not is_command)  # a command that sets up makes what is not there, and no other

gc.freeze()
gc.enable()
