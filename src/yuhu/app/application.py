"""The ASGI application of the workbench."""

from collections.abc import Iterable

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from yuhu.app import pages
from yuhu.app.access import Needs
from yuhu.app.guards import LOOPBACK, Guard
from yuhu.app.replies import add_error_replies
from yuhu.app.routes import ROUTERS
from yuhu.app.workbench import Workbench
from yuhu.core.version import __version__

OPEN = frozenset({"/api/sign-in", "/api/session", "/enter"})
"""The only addresses that need nobody signed in."""


def create_app(workbench: Workbench, *, hosts: Iterable[str] = LOOPBACK) -> FastAPI:
    """The application that serves a study.

    Parameters
    ----------
    workbench : Workbench
        The study and who may in.
    hosts : iterable of str
        Host names under which it may be called.

    Raises
    ------
    RuntimeError
        A route does not say whom it is for: it would be open to everyone.
    """
    app = FastAPI(
        title="Yuhu workbench",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    app.state.workbench = workbench
    add_error_replies(app)
    for router in ROUTERS:
        app.include_router(router)
    app.include_router(pages.router)
    for route in api_routes():
        if route.path not in OPEN and not roles_of(route):
            raise RuntimeError(f"{route.path} does not say whom it is for")
    app.add_middleware(Guard, hosts=tuple(hosts))
    return app


def api_routes() -> list[APIRoute]:
    """All routes but those of the front end's files."""
    return [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def roles_of(route: APIRoute) -> frozenset[str]:
    """The roles that a route is for; empty where it does not say."""
    return _roles(route.dependant)


def _roles(dependant: Dependant) -> frozenset[str]:
    if isinstance(dependant.call, Needs):
        return frozenset(dependant.call.roles)
    found = [roles for one in dependant.dependencies if (roles := _roles(one))]
    return frozenset.intersection(*found) if found else frozenset()
