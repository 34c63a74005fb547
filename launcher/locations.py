"""Where files lie: in a checkout beside the packages, in an installed wheel inside the package `dashboard`."""

from collections.abc import Mapping
from pathlib import Path

# The folder that holds our packages: a checkout, or site-packages.
PACKAGES = Path(__file__).resolve().parent.parent
INSTALLED = (PACKAGES / "dashboard" / "templates").is_dir()
# The folder that holds templates/, static/ and locale/.
RESOURCES = PACKAGES / "dashboard" if INSTALLED else PACKAGES


def data_folder(environ: Mapping[str, str]) -> Path:
    """DATA_DIR, or where it is unset: var/ of a checkout, or the user's data folder for an installed wheel."""
    if given := environ.get("DATA_DIR", "").strip():
        return Path(given).expanduser().absolute()
    if not INSTALLED:
        return PACKAGES / "var"
    return Path(environ.get("XDG_DATA_HOME", "").strip() or "~/.local/share").expanduser().absolute() / "switchboard"
