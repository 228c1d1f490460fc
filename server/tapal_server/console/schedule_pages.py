"""Addresses of the pages of voyages, planned movements and the reconciliation between agencies."""

from typing import Annotated

from fastapi import Depends

from tapal_server.console.addresses import address
from tapal_server.console.console import Console
from tapal_server.console.elements import page_at
from tapal_server.console.office import Office
from tapal_server.console.pages.planned import planned_page
from tapal_server.console.pages.reconciliation import reconciliation_page
from tapal_server.console.pages.voyages import voyage_page, voyages_page
from tapal_server.console.session import Visitor
from tapal_server.console.views.reconciliation import Wanted

__all__ = ["register_schedule"]


def register_schedule(console: Console, office: Office) -> None:
    """Add the pages."""

    @address("/voyages")
    async def voyages(visitor: Visitor, page: int = 1) -> None:
        await voyages_page(console, office, visitor, page=max(1, page))

    @address("/voyages/{voyage_id}")
    async def voyage(visitor: Visitor, voyage_id: str) -> None:
        await voyage_page(console, office, visitor, voyage_id)

    @address("/planned")
    async def planned(visitor: Visitor, page: int = 1) -> None:
        await planned_page(console, office, visitor, page=max(1, page))

    @address("/reconciliation")
    async def reconciliation(visitor: Visitor, wanted: Annotated[Wanted, Depends()]) -> None:
        await reconciliation_page(console, office, visitor, wanted)
