"""Settings: read once from the environment, checked, and handed down as one value."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

WEAK_KEYS = frozenset({"dev", "secret", "changeme", "change-me", "password", "secret-key", "development"})
MINIMUM_KEY_LENGTH = 32
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class ConfigError(Exception):
    """A setting that the program refuses to start with."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between one installation and another."""

    data_folder: Path
    database_url: str
    secret_key: str
    retired_keys: tuple[str, ...]  # secret keys of before, which still open what was sealed and signed under them
    host: str
    port: int
    trusted_hosts: tuple[str, ...]
    proxy_hops: int
    backup_key_file: Path | None
    demo_password: str | None
    testing: bool

    @property
    def public_address(self) -> str:
        """Where people reach the service: by the first trusted name that is not of this machine, through the proxy."""
        names = [name.removeprefix(".") for name in self.trusted_hosts if name.strip("[]") not in LOOPBACK]
        if names:
            return f"https://{names[0]}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host if host in self.trusted_hosts else self.trusted_hosts[0]}:{self.port}"

    @property
    def on_loopback(self) -> bool:
        """Whether pages travel only inside this machine, where plain http is acceptable."""
        return self.host in LOOPBACK and self.proxy_hops == 0


def load_settings(overrides: Mapping[str, object] | None = None) -> Settings:
    """Settings from `overrides`, then the environment, then defaults; makes data folder and key file."""
    given = {key: str(value) for key, value in (overrides or {}).items()}
    values = {**os.environ, **given}
    folder = Path(values.get("CASEREADER_DATA") or "instance").absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        secret_key, *retired_keys = _secret_keys(values, folder)
    except OSError as error:
        raise ConfigError(f"The folder CASEREADER_DATA cannot be used: {error.strerror}") from error
    backup_key = values.get("BACKUP_KEY_FILE")
    hosts = values.get("TRUSTED_HOSTS") or "127.0.0.1,localhost,[::1]"
    return Settings(
        data_folder=folder,
        database_url=_database_url(values.get("DATABASE_URL"), folder),
        secret_key=secret_key,
        retired_keys=tuple(retired_keys),
        host=values.get("HOST") or "127.0.0.1",
        port=_port(values.get("PORT") or "8000"),
        trusted_hosts=tuple(host.strip() for host in hosts.split(",") if host.strip()),
        proxy_hops=_whole("PROXY_HOPS", values.get("PROXY_HOPS") or "0"),
        backup_key_file=Path(backup_key) if backup_key else None,
        demo_password=values.get("CASEREADER_DEMO_PASSWORD") or None,
        testing=given.get("TESTING", "").lower() in {"1", "true", "yes"},
    )


def _database_url(given: str | None, folder: Path) -> str:
    if not given:
        return f"sqlite:///{folder / 'casereader.sqlite3'}"
    if not given.startswith(("sqlite:///", "postgres://", "postgresql://", "postgresql+psycopg://")):
        raise ConfigError("DATABASE_URL names neither SQLite (sqlite:///FILE) nor PostgreSQL (postgresql://…).")
    for plain in ("postgres://", "postgresql://"):
        if given.startswith(plain):
            return "postgresql+psycopg://" + given.removeprefix(plain)
    return given


def _secret_keys(values: Mapping[str, str], folder: Path) -> list[str]:
    """The secret key, then those it replaced: one a line."""
    if "SECRET_KEY" in values:
        text = values["SECRET_KEY"]
        source = "SECRET_KEY"
    else:
        path = Path(values.get("SECRET_KEY_FILE") or folder / "secret-key")
        source = str(path)
        if not path.exists() and "SECRET_KEY_FILE" not in values:
            write_private(path, secrets.token_hex(32) + "\n")
        try:
            text = path.read_text()
        except OSError as error:
            raise ConfigError(f"SECRET_KEY_FILE cannot be read: {error.strerror}") from error
    keys = [line.strip() for line in text.splitlines() if line.strip()]
    if not keys or any(map(_is_weak, keys)):
        raise ConfigError(f"The key in {source} is too weak: give at least {MINIMUM_KEY_LENGTH} random characters.")
    return keys


def _is_weak(key: str) -> bool:
    return len(key) < MINIMUM_KEY_LENGTH or key.lower() in WEAK_KEYS or len(set(key)) < 8


def write_private(path: Path, text: str) -> None:
    """Write a new file that only this user can read; an existing one is an error."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _port(text: str) -> int:
    port = _whole("PORT", text)
    if port > 65_535:
        raise ConfigError(f"PORT lies between 0 and 65535; {port} does not.")
    return port


def _whole(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ConfigError(f"{name} must be a whole number, not {text[:20]!r}.")
    return int(text)
