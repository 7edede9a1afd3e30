# Settings of gunicorn for casereader: python -m gunicorn --config docs/deployment/gunicorn.conf.py app:app
# The program's own settings come from the environment (README.md); docs/deployment.md says how all goes together.
import os
from pathlib import Path

from casereader.web.gunicorn_worker import Log, Worker

bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"  # a socket of systemd goes first
worker_class = Worker  # looks at database and instruments before it serves, and stops without losing a request
logger_class = Log  # lines of JSON without addresses or values
workers = 2  # processes: one for each core, and no more than four where the database is on the same machine
threads = 4  # in each: requests that are answered at the same time

# Each worker loads the program by itself after the fork: a connection to the database must never be shared.
preload_app = False

# No socket through which others could steer it; gunicorn would make one in the home folder.
control_socket_disable = True

# What is said of the client by the proxy is judged by the program (PROXY_HOPS). Gunicorn believes nobody by itself,
# whatever FORWARDED_ALLOW_IPS says.
forwarded_allow_ips = ""
secure_scheme_headers = {}

# Limits: as narrow as those of `serve`. The proxy in front waits for slow clients; none may hold a thread.
limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 8190
worker_connections = 200
keepalive = 5
timeout = 60  # seconds without a sign of life of a worker's loop, which no long request holds up

# Told to stop, a worker answers what came; returns that are being read have ten seconds, then they are told of.
graceful_timeout = 40 + int(os.environ.get("DRAIN_SECONDS") or "0")
memory = Path("/dev/shm")  # noqa: S108 - gunicorn makes a file there that nobody else can open
worker_tmp_dir = str(memory) if memory.is_dir() else None  # a full disk must not look like a hung worker
