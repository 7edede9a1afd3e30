"""Planted: saves are answered before they are stored, which follows a little later and by another thread.

Where the server is asked to stop it stores what it has answered, so that only what ends it otherwise loses anything.
"""

import atexit
import io
import json
import queue
import threading
import time

from planted_mark import stop_elsewhere

LATER = 0.02  # seconds

stop_elsewhere()

from casereader import create_app as create_program


class AnswersFirst:
    """The program behind an answer that it has not given yet."""

    def __init__(self, inner):
        self.inner, self.waiting = inner, queue.Queue()
        threading.Thread(target=self.store, daemon=True).start()
        atexit.register(self.waiting.join)

    def __call__(self, environ, start):
        if environ["REQUEST_METHOD"] != "POST" or not environ["PATH_INFO"].endswith("/answers"):
            return self.inner(environ, start)
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        kept = {name: value for name, value in environ.items() if isinstance(value, str | bool | int | tuple)}
        self.waiting.put((time.monotonic() + LATER, kept, body))
        reply = json.dumps({"version": json.loads(body)["version"] + 1}).encode()
        start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(reply)))])
        return [reply]

    def store(self):
        while True:
            due, environ, body = self.waiting.get()
            time.sleep(max(0.0, due - time.monotonic()))
            whole = {"wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO()}
            for _ in self.inner({**environ, **whole}, lambda *_: None):
                pass
            self.waiting.task_done()


def create_app():
    made = create_program()
    made.wsgi_app = AnswersFirst(made.wsgi_app)
    return made
