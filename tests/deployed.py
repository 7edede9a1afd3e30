"""The deployment that docs/deployment shows, on this machine: two hosts at two loopback addresses, one PostgreSQL with
the roles of postgresql.sql, and nginx in front, each run by a user without rights in a throw-away folder.
"""

from __future__ import annotations

import http.client
import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from casereader import schema
from casereader.append_only import grant
from casereader.db import make_engine
from tests import readable, readers
from tests.faults.ground import Ground, ground
from tests.ports import HOST
from tests.postgres import PostgresCluster
from tests.programs import find_nginx, find_postgresql
from tests.readers import Seat
from tests.source import ROOT
from tests.throwaway import app_of

NAME = "cases.example.org"
READERS = 8
SHOWN = ROOT / "docs" / "deployment"
PATIENCE = 90.0
HOSTS = ("127.0.0.1", "127.0.0.2")
GUNICORN = ("-m", "gunicorn", "--config", "docs/deployment/gunicorn.conf.py", "app:app")
OVER_HTTP = "proxy_set_header Referer https://$host/;"  # of the door without TLS, which the harness alone has
MAIN = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/errors.log;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
    server {{ {plain} }}
}}
"""


@dataclass
class Host:
    """One host's gunicorn: it can be killed, stopped and started again."""

    address: str
    port: int
    said: Path
    start_again: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        return self.start_again[-1]

    def kill(self) -> None:
        """What the end of a host is to its processes."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """What `systemctl stop` does; the exit code."""
        self.process.terminate()
        return self.process.wait(timeout=PATIENCE)

    def ask(self, path: str) -> int:
        """The status that this host answers with, asked past the proxy."""
        connection = http.client.HTTPConnection(self.address, self.port, timeout=10)
        try:
            connection.request("GET", path, headers={"Host": NAME, "X-Forwarded-Proto": "https"})
            return connection.getresponse().status
        finally:
            connection.close()


@dataclass
class Deployed:
    """The whole of it."""

    ground: Ground
    folder: Path
    settings: dict[str, str]
    owners_url: str
    hosts: list[Host]
    seats: list[Seat]
    plain: int  # the port of nginx for the harness
    secure: int  # the one with TLS
    redirecting: int
    context: ssl.SSLContext

    def start(self, host: Host) -> None:
        """Start a host, and wait until it says that it is ready."""
        told = self.ground.surroundings(host.said.parent) | self.settings
        told |= {"HOST": host.address, "PORT": str(host.port), "CASEREADER_DATA": str(host.said.parent)}
        with host.said.open("a") as said:
            host.start_again.append(
                subprocess.Popen(
                    [self.ground.reader.python, *GUNICORN],
                    cwd=self.ground.program,
                    env=told,
                    stdout=said,
                    stderr=said,
                    start_new_session=True,
                    **self.ground.reader.owner,
                )
            )
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and host.process.poll() is None:
            with suppress(OSError, http.client.HTTPException):
                if host.ask("/readyz") == 200:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"the host does not answer: {host.said.read_text()[-2000:]}")

    def command(self, *words: str, **more: str) -> str:
        """A command of the program, given on the first host."""
        told = self.settings | more
        return self.ground.run(["-m", "flask", "--app", "app", *words], self.hosts[0].said.parent, **told)


@contextmanager
def deployed() -> Iterator[Deployed]:
    """All of it, until the block ends."""
    with ExitStack() as leaving:
        here = leaving.enter_context(ground())
        shutil.copytree(SHOWN, here.program / "docs" / "deployment")
        owners_url, settings = _database(here)
        app = app_of({**settings, "CASEREADER_DATA": str(here.folder / "own")})
        readers.prepare(app, READERS)
        seats = readers.seats(app)
        app.extensions["casereader_engine"].dispose()
        ports = [leaving.enter_context(_held(address)) for address in (*HOSTS, HOST, HOST, HOST)]
        hosts = [
            Host(address, port, here.own_folder(f"host-{number}") / "said.txt")
            for number, (address, port) in enumerate(zip(HOSTS, ports[:2], strict=True))
        ]
        folder = here.own_folder("nginx")
        context = _certified(folder)
        made = Deployed(here, folder, settings, owners_url, hosts, seats, *ports[2:], context)
        leaving.callback(_end, made)
        for host in hosts:
            made.start(host)
        _configure(made)
        leaving.callback(_stop, _nginx(made))
        yield made


def site_of(made: Deployed) -> str:
    """The file of docs/deployment with the hosts, doors and paths of this machine."""
    text = (SHOWN / "nginx.conf").read_text(encoding="utf-8")
    for shown, here in (
        ("10.20.0.11:8000", f"{made.hosts[0].address}:{made.hosts[0].port}"),
        ("10.20.0.12:8000", f"{made.hosts[1].address}:{made.hosts[1].port}"),
        ("listen 443 ssl;", f"listen {HOST}:{made.secure} ssl;"),
        ("listen 80;", f"listen {HOST}:{made.redirecting};"),
        ("/etc/ssl/casereader", str(made.folder)),
        ("/var/log/nginx", str(made.folder)),
    ):
        assert shown in text, f"nginx.conf holds no {shown}"
        text = text.replace(shown, here)
    return text


def checked(made: Deployed) -> str:
    """What nginx says of the configuration."""
    done = subprocess.run(
        [_program(), "-t", "-e", "stderr", "-p", made.folder, "-c", made.folder / "nginx.conf"],
        capture_output=True,
        text=True,
        check=False,
        **made.ground.reader.owner,
    )
    return done.stderr


def as_superuser(cluster: PostgresCluster, file: str, *options: str) -> None:
    """What a file of docs/deployment does to PostgreSQL."""
    programs = find_postgresql()
    assert programs is not None
    where = f"host={cluster.folder} user=casereader dbname=postgres"
    psql = Path(shutil.which("psql") or programs / "psql")
    done = subprocess.run(
        [psql, where, "--set=ON_ERROR_STOP=1", *options, f"--file={SHOWN / file}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def two_roles(cluster: PostgresCluster) -> tuple[str, str]:
    """A migrated database made by the file that is shown: its addresses as the owner and as the program."""
    as_superuser(cluster, "postgresql.sql")
    owners_url, programs_url = (
        f"postgresql+psycopg://casereader_{who}@/casereader?host={cluster.folder}" for who in ("owner", "app")
    )
    schema.upgrade(owners_url, at=datetime.now(UTC))
    engine = make_engine(owners_url)
    grant(engine, role="casereader_app")
    engine.dispose()
    return owners_url, programs_url


def _database(here: Ground) -> tuple[str, dict[str, str]]:
    """The database of the two hosts: its address as the owner, and what the program is told."""
    owners_url, programs_url = two_roles(here.cluster)
    return owners_url, {
        "DATABASE_URL": programs_url,
        "SECRET_KEY": secrets.token_hex(32),
        "TRUSTED_HOSTS": f"127.0.0.1,localhost,{NAME}",
        "PROXY_HOPS": "1",
    }


def _configure(made: Deployed) -> None:
    site = site_of(made)
    (made.folder / "site.conf").write_text(site, encoding="utf-8")
    within = re.search(r"server \{\n(    listen .* ssl;.*?)\n\}\n", site, flags=re.DOTALL)
    assert within is not None
    lines = [line for line in within[1].splitlines() if not line.strip().startswith("ssl_")]
    plain = "\n".join(lines).replace(f"listen {HOST}:{made.secure} ssl;", f"listen {HOST}:{made.plain};")
    plain = plain.replace(f"server_name {NAME};", "").replace(
        "proxy_set_header Forwarded", f"{OVER_HTTP}\nproxy_set_header Forwarded"
    )
    main = MAIN.format(folder=made.folder, plain=plain)
    (made.folder / "nginx.conf").write_text(main, encoding="utf-8")
    readable.give(made.folder, made.ground.reader)


def _nginx(made: Deployed) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [_program(), "-e", "stderr", "-p", made.folder, "-c", made.folder / "nginx.conf"],
        stderr=subprocess.DEVNULL,
        **made.ground.reader.owner,
    )
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection((HOST, made.plain), timeout=1):
            return process
        time.sleep(0.05)
    raise RuntimeError(f"nginx does not answer: {checked(made)}")


def _program() -> Path:
    found = find_nginx()
    if found is None:
        raise RuntimeError("nginx is missing: run `make test-all`, which says what to install.")
    return found


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(timeout=PATIENCE)


def _end(made: Deployed) -> None:
    for host in made.hosts:
        if host.start_again and host.process.poll() is None:
            host.kill()


@contextmanager
def _held(address: str) -> Iterator[int]:
    """A free port of an address, held beside whoever serves there, as `held_port` does."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((address, 0))
        port: int = held.getsockname()[1]
        if sys.platform != "linux":
            held.close()
        yield port


def _certified(folder: Path) -> ssl.SSLContext:
    """A certificate for the name, in the files that the configuration names; whoever trusts it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "chain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return ssl.create_default_context(cafile=str(folder / "chain.pem"))
