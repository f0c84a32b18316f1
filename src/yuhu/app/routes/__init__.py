"""The routes of the workbench, one module a page."""

from yuhu.app.routes import desk, gallery, jobs, overview, session, setup, team

ROUTERS = (
    session.router,
    desk.router,
    overview.router,
    gallery.router,
    team.router,
    jobs.router,
    setup.router,
)
"""In this order; the front end's own addresses come after all of them."""
