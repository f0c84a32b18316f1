"""Peers that stand in an environment of their own, since they may not be installed beside Yuhu."""

import importlib
import os
import subprocess
import sys
from functools import cache

import pytest


@cache
def peer(module, package):
    """A module of another package: from here, or from the environment whose Python YUHU_PEERS names."""
    python = os.environ.get("YUHU_PEERS")
    if python:
        where = subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], check=True, capture_output=True, text=True
        ).stdout.strip()
        sys.path.append(where)
    try:
        return importlib.import_module(module)
    except ImportError:
        pytest.skip(f"{package} is not here: set YUHU_PEERS to the Python of an environment that has it")
