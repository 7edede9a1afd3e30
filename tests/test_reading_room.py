"""The reading room's laptop behind nginx: the configuration and the certificate of the guide, asked over TLS."""

import http.client
import os
import pwd
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ports import HOST
from tests.programs import find_nginx
from tests.source import ROOT
from tests.web.app import make_app
from tests.web.served import behind_the_server

pytestmark = pytest.mark.slow
NAME = "room.home.arpa"
SHOWN = (ROOT / "docs" / "deployment" / "room-nginx.conf").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "offline-weeks.md").read_text(encoding="utf-8")
MAIN = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/errors.log; events {{}}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi; include {folder}/room.conf;
}}
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of a user without rights, who runs nginx."""
    made = Path(tempfile.mkdtemp(prefix="casereader-room-"))
    yield made
    shutil.rmtree(made)


def test_the_room_is_served_over_tls_as_the_guide_shows(folder: Path, sqlite_url: str, tmp_path: Path) -> None:
    certify(folder)
    tls, plain = free_port(), free_port()
    app = make_app(sqlite_url, tmp_path, TRUSTED_HOSTS=f"127.0.0.1,{NAME}", PROXY_HOPS="1")
    with behind_the_server(app) as (host, port):
        shown = SHOWN.replace("/etc/casereader/", f"{folder}/").replace("/var/log/nginx/", f"{folder}/")
        shown = shown.replace("127.0.0.1:8000", f"{host}:{port}")
        shown = shown.replace("listen 443 ssl", f"listen {HOST}:{tls} ssl").replace(
            "listen 80;", f"listen {HOST}:{plain};"
        )
        (folder / "room.conf").write_text(shown, encoding="utf-8")
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder), encoding="utf-8")
        command = [str(find_nginx()), "-c", f"{folder}/nginx.conf", "-p", str(folder), "-e", f"{folder}/errors.log"]
        subprocess.run([*command, "-t"], check=True, capture_output=True, **as_nobody(folder))
        server = subprocess.Popen(command, **as_nobody(folder))
        try:
            sent_on = ask(http.client.HTTPConnection(HOST, answering(plain), timeout=10), "/sign-in")
            assert (sent_on.status, sent_on.headers["Location"]) == (301, f"https://{NAME}/sign-in")
            page = ask(over_tls(folder / "room.crt", answering(tls)), "/sign-in?next=/readings")
            assert page.status == 200
            assert "__Host-casereader=" in page.headers["Set-Cookie"] and "Secure" in page.headers["Set-Cookie"]
        finally:
            server.terminate()
            server.wait(timeout=20)
        log = (folder / "room.log").read_text(encoding="utf-8")
        assert re.search(r"^\S+ GET 200 \d+ ", log, re.MULTILINE), "that it was asked is kept"
        assert HOST not in log and "/sign-in" not in log, "and neither by whom nor for what"


def certify(folder: Path) -> None:
    """Make the certificate as the guide says, in this folder."""
    written = re.search(r"^openssl req (?:.*\\\n)*.*$", GUIDE, re.MULTILINE)
    assert written is not None
    command = written[0].replace("\\\n", " ").replace("/etc/casereader", str(folder))
    subprocess.run(shlex.split(command), check=True, capture_output=True)


def as_nobody(folder: Path) -> dict[str, Any]:
    """How to run nginx as somebody without rights, to whom the folder belongs."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def answering(port: int) -> int:
    """The port, once something listens there."""
    for _ in range(100):
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return port
        except OSError:
            time.sleep(0.1)
    raise AssertionError("nginx does not listen")


def over_tls(certificate: Path, port: int) -> http.client.HTTPSConnection:
    """A connection that trusts the room's certificate alone, and holds it to the room's name."""
    trusted = ssl.create_default_context(cafile=str(certificate))
    connection = http.client.HTTPSConnection(NAME, port, timeout=10, context=trusted)
    connection.sock = trusted.wrap_socket(socket.create_connection((HOST, port)), server_hostname=NAME)
    return connection


def ask(connection: http.client.HTTPConnection, path: str) -> http.client.HTTPResponse:
    connection.request("GET", path, headers={"Host": NAME})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer
