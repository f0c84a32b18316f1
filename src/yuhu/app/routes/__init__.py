"""The routes of the workbench, one module a page."""

from yuhu.app.routes import desk, gallery, overview, session, team

ROUTERS = (
    session.router,
    desk.router,
    overview.router,
    gallery.router,
    team.router,
)
"""In this order; the front end's own addresses come after all of them."""
