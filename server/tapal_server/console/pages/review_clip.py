"""The clip behind a picture of the review: how it stands with it, and its frames to label once it is here."""

import asyncio

from nicegui import ui

from tapal_server.clips.standing import ClipView
from tapal_server.console.console import Console
from tapal_server.console.elements import markup
from tapal_server.console.session import Visit
from tapal_server.console.subjects import actor_of
from tapal_server.console.views import clip as clip_views
from tapal_server.console.views import review as views
from tapal_server.errors import NotFoundError
from tapal_server.models.review import ReviewService, ReviewView
from tapal_server.paging import Paging

__all__ = ["ReviewClip"]

Found = tuple[tuple[ReviewView, ...], ClipView | None, int]


class ReviewClip:
    """Made where the page is laid out; brings itself up to date when the clip comes further."""

    def __init__(self, console: Console, visit: Visit, service: ReviewService, shown: ReviewView, zone: str) -> None:
        self._service, self._visit, self._shown, self._zone = service, visit, shown, zone
        self._frames = markup("").mark("frames")
        self._left = markup("").mark("progress")
        self._told = markup("").props("aria-live=polite").mark("review-clip")
        console.live.listen(ui.context.client, self.refresh, topic="clips")

    async def refresh(self) -> None:
        """Show how it is now."""
        frames, film, left = await asyncio.to_thread(self._find)
        words = self._visit.words
        self._frames.set_content(views.strip(frames, self._shown.id, words))
        self._left.set_content(views.progress(frames, left, words))
        told = clip_views.for_review(film, self._zone, words, frames=len(frames)) if film is not None else None
        if (content := told or "") != self._told.content:  # or a film that plays would begin again
            self._told.set_content(content)

    def _find(self) -> Found:
        actor = actor_of(self._visit.person)
        try:
            frames = self._service.frames(actor, self._shown.id)
        except NotFoundError:  # deleted while somebody looks at it
            return (), None, 0
        film = self._service.films(actor, [self._shown]).get(self._shown.event_id or self._shown.clip or "")
        return frames, film, self._service.page(actor, Paging(1, 1)).total
