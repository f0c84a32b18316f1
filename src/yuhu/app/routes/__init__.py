"""The routes of the workbench, one module a page."""

from yuhu.app.routes import desk, gallery, overview, session

ROUTERS = (session.router, desk.router, overview.router, gallery.router)
"""In this order; the front end's own addresses come after all of them."""
