"""A shared workbench for tests: a lead, two coders and a viewer, a clock that tests move, and a client for each."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

from fastapi.testclient import TestClient

from workbench import small_study
from yuhu.app.access import TeamAccess
from yuhu.app.application import create_app
from yuhu.app.workbench import Workbench
from yuhu.study.sessions import start_session
from yuhu.study.store import open_study
from yuhu.verbs.team import add_account

PASSWORD = "four words and a fish"
MEMBERS = {"li": "lead", "anna": "coder", "bo": "coder", "vera": "viewer"}
START_S = 1_800_000_000


@cache
def small_team():
    """A small study with accounts, made once: hashing a password takes its time on purpose."""
    path = small_study(Path(tempfile.mkdtemp())).path
    give_accounts(path)
    return path


def give_accounts(path):
    """The members as accounts of a study."""
    for name, role in MEMBERS.items():
        add_account(open_study(path), name, role=role, password=PASSWORD)


class Team:
    """A study with accounts behind one application: a copy of the small one, or one whose path is given."""

    def __init__(self, folder, *, path=None, base="http://127.0.0.1"):
        self.path = path or Path(shutil.copytree(small_team(), folder / "team"))
        self.now_s, self.base = START_S, base
        self.bench = Workbench(self.path, TeamAccess(self.path, clock=lambda: self.now_s))
        self.app = create_app(self.bench)

    def client(self, name="", *, raises=True):
        """Someone who is signed in, or a stranger; without the work of a password."""
        client = TestClient(self.app, base_url=self.base, raise_server_exceptions=raises, follow_redirects=False)
        client.headers["x-yuhu"] = "1"
        if name:
            client.cookies.set(self.bench.cookie, start_session(self.path, name, self.now_s))
        return client
