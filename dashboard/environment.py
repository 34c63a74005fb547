"""Reads settings from environment variables and says plainly what is wrong with one."""

import os
import secrets
from ipaddress import ip_network
from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str) -> str:
    """The variable's text, or the default where it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def number(name: str, default: float, *, least: float = 0) -> float:
    """The variable as a number. Raises ImproperlyConfigured, naming it, for anything else."""
    given = text(name, str(default))
    try:
        value = float(given)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a number, not {given!r}.") from error
    if not value >= least:
        raise ImproperlyConfigured(f"{name} must be at least {least}, not {given}.")
    return value


def switch(name: str, default: bool) -> bool:
    """The variable as yes or no (1, true, yes, on / 0, false, no, off)."""
    given = text(name, "on" if default else "off").lower()
    if given in {"1", "true", "yes", "on"}:
        return True
    if given in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be on or off, not {given!r}.")


def words(name: str, default: str) -> list[str]:
    """The variable split at commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name: str, default: str) -> list[str]:
    """The variable as networks (10.0.0.0/8, 127.0.0.1): every one where it is on, none where it is off."""
    given = text(name, default)
    if given.lower() in {"1", "true", "yes", "on"}:
        return ["0.0.0.0/0", "::/0"]
    if given.lower() in {"0", "false", "no", "off"}:
        return []
    try:
        return [str(ip_network(word.strip())) for word in given.split(",") if word.strip()]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be on, off or networks with commas between: {error}.") from error


def database(name: str, default: str) -> dj_database_url.DBConfig:
    """The variable as an entry of DATABASES. Raises ImproperlyConfigured; its text has no password."""
    address = text(name, default)
    if not address.startswith(("postgres://", "postgresql://", "sqlite://")):
        raise ImproperlyConfigured(f"{name} must begin with postgres:// or sqlite://.")
    try:
        return dj_database_url.parse(
            address,
            conn_max_age=int(number("DATABASE_MAX_AGE", 600)),  # seconds a connection is kept
            conn_health_checks=True,
        )
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is no address of a database: {type(error).__name__}.") from None


def secret(name: str, folder: Path) -> str:
    """The variable, or the file of that name in the data folder, made with random content if absent."""
    if given := os.environ.get(name, "").strip():
        return given
    try:
        return _read_or_make(folder / name.lower())
    except OSError as error:
        raise ImproperlyConfigured(
            f"The data folder {folder} cannot be used ({error.strerror}): set DATA_DIR to a folder of yours."
        ) from error


def _read_or_make(path: Path) -> str:
    """What that file holds, made with random content if absent. Raises OSError."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # Exclusive: where two processes start at once, the first one's secret counts.
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
        except FileExistsError:
            pass
    return path.read_text().strip()
