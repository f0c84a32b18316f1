"""The routes of the workbench, one module a page."""

from yuhu.app.routes import agree, desk, gallery, jobs, media, overview, report, session, setup, team, timeline, watch

ROUTERS = (
    session.router,
    desk.router,
    timeline.router,
    overview.router,
    gallery.router,
    media.router,
    watch.router,
    report.router,
    agree.router,
    team.router,
    jobs.router,
    setup.router,
)
"""In this order; the front end's own addresses come after all of them."""
