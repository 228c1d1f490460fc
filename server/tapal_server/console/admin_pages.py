"""Addresses of the pages of those who run the server: set-up, administration, people, the audit log."""

from nicegui import ui

from tapal_server.console.console import Console
from tapal_server.console.office import Office
from tapal_server.console.pages.admin import admin_page
from tapal_server.console.pages.audit import audit_page
from tapal_server.console.pages.people import people_page
from tapal_server.console.pages.start import start_page
from tapal_server.console.session import Visitor

__all__ = ["register_admin"]


def register_admin(console: Console, office: Office) -> None:
    """Add the pages."""

    @ui.page("/start")
    async def start(visitor: Visitor) -> None:
        await start_page(console, office, visitor)

    @ui.page("/admin")
    async def admin(visitor: Visitor) -> None:
        await admin_page(console, office, visitor)

    @ui.page("/people")
    async def people(visitor: Visitor) -> None:
        await people_page(console, office, visitor)

    @ui.page("/audit")
    async def audit(visitor: Visitor, page: int = 1) -> None:
        await audit_page(console, office, visitor, page=max(1, page))
