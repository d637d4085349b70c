"""Where the Lambda handlers are, which decide names: this package ships them, and its command uses them too."""

from __future__ import annotations

import sys
from pathlib import Path

_PACKAGE = Path(__file__).parent


def handlers_directory() -> Path:
    """The folder that becomes the asset: beside the package in a wheel, at the top of a checkout."""
    installed = _PACKAGE / "lambdas"
    return installed if installed.is_dir() else _PACKAGE.parents[1] / "lambdas"


def make_importable() -> None:
    """Lets `transcribe_handlers` be imported by this process."""
    directory = str(handlers_directory())
    if directory not in sys.path:
        sys.path.append(directory)
