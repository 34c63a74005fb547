"""Where files and sockets lie. Templates and the like are beside the packages of a checkout, and inside the package
`dashboard` of an installed wheel."""

import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

# The folder that holds our packages: a checkout, or site-packages.
PACKAGES = Path(__file__).resolve().parent.parent
INSTALLED = (PACKAGES / "dashboard" / "templates").is_dir()
# The folder that holds templates/, static/ and locale/.
RESOURCES = PACKAGES / "dashboard" if INSTALLED else PACKAGES


class Refusal(Exception):
    """The start cannot go on. The text is one sentence that says what to do."""


def data_folder(environ: Mapping[str, str]) -> Path:
    """DATA_DIR, or where it is unset: var/ of a checkout, or the user's data folder for an installed wheel."""
    if given := environ.get("DATA_DIR", "").strip():
        return Path(given).expanduser().absolute()
    if not INSTALLED:
        return PACKAGES / "var"
    return Path(environ.get("XDG_DATA_HOME", "").strip() or "~/.local/share").expanduser().absolute() / "switchboard"


def broker_url(sockets: Path) -> str:
    """The address of the embedded broker that listens in this folder for sockets."""
    return f"redis+socket://{sockets / 'broker.sock'}"


def sockets(folder: Path) -> Path:
    """A folder for unix sockets: inside the data folder, or a private one where that path would not do.

    The kernel takes about 107 bytes, and a broker's URL takes no odd characters.
    """
    inside = folder / "run"
    if re.fullmatch(r"[\w/.+-]{1,80}", str(inside), re.ASCII):
        return inside
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    private = Path(tempfile.gettempdir()) / f"switchboard-{os.getuid()}-{digest}"
    private.mkdir(mode=0o700, exist_ok=True)
    state = private.lstat()
    if state.st_uid != os.getuid() or state.st_mode & 0o077:
        raise Refusal(f"The folder {private} is open to others: delete it, or set DATA_DIR to a shorter path.")
    return private
