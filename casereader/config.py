"""Settings: read once from the environment, checked, and handed down as one value."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from casereader.errors import RefusedError
from casereader.outside.service import OutsideService, outside_service
from casereader.places import IS_INSTALLED, own_data_folder
from casereader.private_files import OpenToOthersError, check_secret, make_folder, write_private
from casereader.sealed_files import UnreadableKeyError, read_key

WEAK_WORDS = (  # what keys of examples are made of: they count for nothing
    "casereader", "changeme", "change", "default", "development", "dev", "example", "flask", "insecure", "key",
    "letmein", "password", "please", "production", "qwerty", "replace", "sample", "secret", "session", "super", "test",
    "this", "with", "your", "0123456789", "123456789", "abcdefghijklmnopqrstuvwxyz", "abcdef",
)  # fmt: skip
# Printed in the handbook of Flask, and so in many a copy of it.
PRINTED_KEYS = frozenset({"192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf"})
MINIMUM_KEY_LENGTH = 32
LEAST_LEFT = 20  # characters of a key that are none of the words above
LEAST_DIFFERENT = 8
WIDEST = {4: 8, 6: 16}  # the shortest prefix, by version
CANNOT = "The folder CASEREADER_DATA cannot be used: {}"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class ConfigError(Exception):
    """A setting that the program refuses to start with."""


@dataclass(frozen=True)
class RelyingParty:
    """Whom passkeys are made for: a name, and the origin that their answers must come from."""

    id: str
    origin: str


@dataclass(frozen=True)
class Settings:
    """Everything that differs between one installation and another."""

    data_folder: Path
    is_own_folder: bool  # of this user, once installed, because nothing was said of data folder or database
    database_url: str
    secret_key: str
    new_key_file: Path | None  # where the secret key belongs that is new, and kept nowhere yet
    retired_keys: tuple[str, ...]  # secret keys of before, which still open what was sealed and signed under them
    host: str
    port: int
    trusted_hosts: tuple[str, ...]
    proxy_hops: int
    trusted_networks: tuple[IPv4Network | IPv6Network, ...]  # offices in which many people sit behind one address
    drain_seconds: int  # that it goes on taking requests once it was told to stop, while `/readyz` says so
    backup_key_file: Path | None
    demo_password: str | None
    outside: OutsideService | None  # the organisation's own sign-in service
    testing: bool

    @property
    def public_address(self) -> str:
        """Where people reach the service: by the first trusted name that is not of this machine, through the proxy."""
        names = [name.removeprefix(".") for name in self.trusted_hosts if name not in LOOPBACK]
        if names:
            return f"https://{names[0]}"
        # The same machine, by the only name for which browsers make passkeys here.
        host = "localhost" if self.host in ("127.0.0.1", "::1") and "localhost" in self.trusted_hosts else self.host
        return f"http://{host if host in self.trusted_hosts else self.trusted_hosts[0]}:{self.port}"

    @property
    def is_reached_here_alone(self) -> bool:
        """Whether the address that people are given leads to this machine from no other."""
        return urlsplit(self.public_address).hostname in LOOPBACK

    @property
    def own_address(self) -> str:
        """Where the program itself listens, for whoever runs it and for the proxy."""
        if self.on_loopback and self.host == "::1":
            return f"http://localhost:{self.port}"  # no page is answered by a number of IPv6
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def relying_party(self) -> RelyingParty | None:
        """Whom passkeys are made for; None where people reach the service by a number, which no passkey can be for."""
        if self.is_reached_here_alone:
            return RelyingParty("localhost", f"http://localhost:{self.port}")
        name = urlsplit(self.public_address).hostname or ""
        try:
            ip_address(name)
        except ValueError:
            return RelyingParty(name, self.public_address)
        return None

    @property
    def on_loopback(self) -> bool:
        """Whether pages travel only inside this machine, where plain http is acceptable."""
        return self.host in LOOPBACK and self.proxy_hops == 0


def load_settings(overrides: Mapping[str, object] | None = None, *, makes: bool = True) -> Settings:
    """Settings from `overrides`, then the environment, then defaults.

    Data folder and key file are made where they are not there, or left to `keep_key` unless it `makes` anything.
    """
    given = {key: str(value) for key, value in (overrides or {}).items()}
    values = {**os.environ, **given}
    try:
        folder = Path(values.get("CASEREADER_DATA") or own_data_folder()).absolute()
    except RuntimeError as error:
        raise ConfigError("This user has no home folder: name a folder in CASEREADER_DATA.") from error
    try:
        if makes or folder.exists():
            make_folder(folder)
        new_key_file, (secret_key, *retired_keys) = _secret_keys(values, folder, makes=makes)
    except OSError as error:
        raise ConfigError(CANNOT.format(error.strerror)) from error
    except OpenToOthersError as error:
        raise ConfigError(f"The folder CASEREADER_DATA {error}.") from error
    backup_key = values.get("BACKUP_KEY_FILE")
    if backup_key:
        if Path(backup_key).exists() and not Path(backup_key).is_file():
            raise ConfigError("BACKUP_KEY_FILE is no file: the key is read more than once, so no pipe will do.")
        _secret_file("BACKUP_KEY_FILE", Path(backup_key))
        _sealing_key(Path(backup_key))
    hosts = values.get("TRUSTED_HOSTS") or "127.0.0.1,localhost"
    settings = Settings(
        data_folder=folder,
        is_own_folder=IS_INSTALLED and not any(map(values.get, ("CASEREADER_DATA", "DATABASE_URL"))),
        database_url=_database_url(values.get("DATABASE_URL"), folder),
        secret_key=secret_key,
        new_key_file=new_key_file,
        retired_keys=tuple(retired_keys),
        host=values.get("HOST") or "127.0.0.1",
        port=_port(values.get("PORT") or "8000"),
        trusted_hosts=tuple(host.strip() for host in hosts.split(",") if host.strip()),
        proxy_hops=_whole("PROXY_HOPS", values.get("PROXY_HOPS") or "0"),
        drain_seconds=_whole("DRAIN_SECONDS", values.get("DRAIN_SECONDS") or "0"),
        trusted_networks=_networks(values.get("TRUSTED_NETWORKS") or ""),
        backup_key_file=Path(backup_key) if backup_key else None,
        demo_password=values.get("CASEREADER_DEMO_PASSWORD") or None,
        outside=_outside(values),
        testing=given.get("TESTING", "").lower() in {"1", "true", "yes"},
    )
    if any("[" in name or name.count(":") > 1 for name in settings.trusted_hosts):
        raise ConfigError("TRUSTED_HOSTS names a number of IPv6, by which no page is answered: give a name.")
    _refuse_plain_http(settings)
    return settings


def keep_key(settings: Settings) -> None:
    """Make the data folder, and keep a new secret key in its file. ConfigError where neither can be done."""
    make_data_folder(settings)
    path = settings.new_key_file
    if path is None:
        return
    try:
        write_private(path, settings.secret_key + "\n")
    except FileExistsError as error:
        if path.read_text().strip() != settings.secret_key:
            raise ConfigError(f"Something else made {path} meanwhile: give the command again.") from error
    except OSError as error:
        raise ConfigError(CANNOT.format(error.strerror)) from error


def make_data_folder(settings: Settings) -> None:
    """Make the data folder where it is not there. ConfigError where that cannot be done."""
    try:
        make_folder(settings.data_folder)
    except OSError as error:
        raise ConfigError(CANNOT.format(error.strerror)) from error
    except OpenToOthersError as error:
        raise ConfigError(f"The folder CASEREADER_DATA {error}.") from error


def _refuse_plain_http(settings: Settings) -> None:
    """Pages leave this machine through a proxy that speaks https, or not at all."""
    if settings.proxy_hops:
        return
    remedy = "put a proxy that speaks https in front, and set PROXY_HOPS to 1."
    if settings.host not in LOOPBACK:
        raise ConfigError(f"HOST is not of this machine alone, where pages would travel unencrypted: {remedy}")
    if any(name.strip(".") not in LOOPBACK for name in settings.trusted_hosts):
        raise ConfigError(f"TRUSTED_HOSTS names a host by which other machines reach this one: {remedy}")


def _outside(values: Mapping[str, str]) -> OutsideService | None:
    try:
        return outside_service(values, secret_in=lambda name, path: _secret_file(name, Path(path)))
    except RefusedError as error:
        raise ConfigError(str(error)) from error


def _secret_file(name: str, path: Path) -> str:
    """What is in the file of a secret, which nobody else may read."""
    try:
        check_secret(path)
        return path.read_text()
    except OSError as error:
        raise ConfigError(f"{name} cannot be read: {error.strerror}") from error
    except OpenToOthersError as error:
        raise ConfigError(f"{name} {error}.") from error


def _sealing_key(path: Path) -> None:
    try:
        read_key(path)
    except UnreadableKeyError as error:
        raise ConfigError(str(error)) from error


def _database_url(given: str | None, folder: Path) -> str:
    if not given:
        return f"sqlite:///{folder / 'casereader.sqlite3'}"
    if not given.startswith(("sqlite:///", "postgres://", "postgresql://", "postgresql+psycopg://")):
        raise ConfigError("DATABASE_URL names neither SQLite (sqlite:///FILE) nor PostgreSQL (postgresql://…).")
    for plain in ("postgres://", "postgresql://"):
        if given.startswith(plain):
            return "postgresql+psycopg://" + given.removeprefix(plain)
    return given


def _secret_keys(values: Mapping[str, str], folder: Path, *, makes: bool) -> tuple[Path | None, list[str]]:
    """The secret key, then those it replaced: one a line. One that is kept nowhere yet has the file it belongs in."""
    if "SECRET_KEY" in values:
        text = values["SECRET_KEY"]
        source = "SECRET_KEY"
    else:
        path = Path(values.get("SECRET_KEY_FILE") or folder / "secret-key")
        source = str(path)
        if not path.exists() and "SECRET_KEY_FILE" not in values:
            if not makes:
                return path, [secrets.token_hex(32)]
            write_private(path, secrets.token_hex(32) + "\n")
        text = _secret_file("SECRET_KEY_FILE", path)
    keys = [line.strip() for line in text.splitlines() if line.strip()]
    if not keys or any(map(_is_weak, keys)):
        raise ConfigError(f"The key in {source} is too weak: give at least {MINIMUM_KEY_LENGTH} random characters.")
    return None, keys


def _is_weak(key: str) -> bool:
    if len(key) < MINIMUM_KEY_LENGTH or key.lower() in PRINTED_KEYS:
        return True
    left = key.lower()
    for word in WEAK_WORDS:
        left = left.replace(word, "")
    is_repeated = left in (left + left)[1:-1]
    return is_repeated or len(left) < LEAST_LEFT or len(set(left)) < LEAST_DIFFERENT


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        found = tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ConfigError("TRUSTED_NETWORKS names networks like 10.20.0.0/16, with commas between them.") from error
    if any(network.prefixlen < WIDEST[network.version] for network in found):
        raise ConfigError("TRUSTED_NETWORKS names a network that is wider than one organisation's.")
    return found


def _port(text: str) -> int:
    port = _whole("PORT", text)
    if port > 65_535:
        raise ConfigError(f"PORT lies between 0 and 65535; {port} does not.")
    return port


def _whole(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ConfigError(f"{name} must be a whole number, not {text[:20]!r}.")
    return int(text)
