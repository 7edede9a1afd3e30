"""How gunicorn runs the program: a worker that looks before it serves, as `serve` does, and loses nothing as it stops.

`gunicorn -k casereader.web.gunicorn_worker.Worker app:app` is all it takes; docs/deployment/gunicorn.conf.py has the
rest. A worker has a connection to the database, threads and children of its own: nothing is shared over a fork.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from flask import Flask
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from casereader.web import logs, readiness, starting
from casereader.web.background import wind_down

# What gunicorn says of its own addresses, processes and signals; nothing of a request stands in these.
OF_THE_SERVER = (
    "Starting gunicorn %s",
    "Listening at: %s (%s)",
    "Listening at: %s",
    "Using worker: %s",
    "Booting worker with pid: %s",
    "Handling signal: %s",
    "Worker exiting (pid: %s)",
    "WORKER TIMEOUT (pid:%s)",
    "Worker (pid:%s) exited with code %s.",
    "Worker (pid:%s) was sent %s!",
    "Shutting down: %s",
)


class Worker(ThreadWorker):
    """Threads that answer requests; told to stop, it answers what came, then what is at work, and ends its children."""

    alive: bool
    _until: float | None = None  # when it stops taking requests, once it was told to stop

    def load_wsgi(self) -> None:
        """Load the program and look whether it may serve. Where not, gunicorn ends, rather than try for ever."""
        try:
            super().load_wsgi()
        except SystemExit:  # what is wrong was said
            sys.exit(Arbiter.WORKER_BOOT_ERROR)
        program: Flask = self.wsgi
        # Nothing is connected before: where the program was loaded ahead of the fork, what it holds is not ours.
        program.extensions["casereader_engine"].dispose(close=False)
        with program.app_context():
            found = starting.look()
        for line in found.says:
            print(line, file=sys.stderr, flush=True)  # noqa: T201 - as on the command line
        if not found.may_serve:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)
        starting.begin(program)

    def handle_exit(self, _sig: int, _frame: Any) -> None:
        """Told to stop: say so to whoever asks, and take requests for as long as the settings say."""
        if self._until is not None or not self.alive:
            return
        readiness.stop(self.wsgi)
        self._until = time.monotonic() + self.wsgi.extensions["casereader_settings"].drain_seconds
        self.method_queue.defer(lambda: None)  # wakes the loop

    def notify(self) -> None:
        """Called at every turn of the loop."""
        super().notify()
        if self.alive and self._until is not None and time.monotonic() >= self._until:
            self.alive = False
            self.method_queue.defer(lambda: None)

    def set_accept_enabled(self, enabled: bool) -> None:
        """Where it stops taking connections for good, take those that wait, so that none is broken off unanswered."""
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        for listener in self.sockets:
            before = -1
            while self.nr_conns != before:
                before = self.nr_conns
                self.accept(listener)
            listener.close()
        wind_down(self.wsgi)


class Log(Logger):
    """What gunicorn itself says, as lines of JSON without anybody's address or words."""

    def setup(self, cfg: Any) -> None:
        """As gunicorn does, in our form."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(logs.JsonLines(whole=OF_THE_SERVER))
