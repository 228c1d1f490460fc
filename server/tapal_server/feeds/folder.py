"""A watched folder per feed, for systems that can only drop files.

`incoming/FEED/file` in the data folder is taken in when it has stopped growing, then moved to `done/` or, where it is
no table at all, to `refused/` with a text beside it that says why. Rejected rows are listed beside the file too.
"""

import asyncio
import logging
from pathlib import Path

from tapal_contract.errors import TapalError
from tapal_server.errors import NotFoundError
from tapal_server.feeds.service import FeedService
from tapal_server.passages.store import ImportView
from tapal_server.people.actor import SYSTEM

__all__ = ["WatchedFolder"]

log = logging.getLogger(__name__)

EVERY_S = 5.0
_Seen = tuple[int, int]


class WatchedFolder:
    """One task that takes in what is dropped."""

    def __init__(self, folder: Path, feeds: FeedService) -> None:
        self._folder = folder
        self._feeds = feeds
        self._seen: dict[Path, _Seen] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.look)
            except Exception:  # one bad file or a full disk must not end the watch
                log.exception("the watched folder could not be worked through; trying again")
            await asyncio.sleep(EVERY_S)

    def look(self) -> list[ImportView]:
        """Take in every file that did not change since the last look."""
        done: list[ImportView] = []
        seen: dict[Path, _Seen] = {}
        for feed in self._feeds.all(SYSTEM):
            (self._folder / feed.name).mkdir(parents=True, exist_ok=True)
            for file in sorted((self._folder / feed.name).iterdir()):
                if not file.is_file() or file.is_symlink() or file.name.startswith("."):
                    continue
                state = file.stat()
                seen[file] = (state.st_size, state.st_mtime_ns)
                if self._seen.get(file) == seen[file]:
                    done += self._take(feed.name, file)
        self._seen = seen
        return done

    def _take(self, feed: str, file: Path) -> list[ImportView]:
        try:
            with file.open("rb") as content:
                view = self._feeds.take(SYSTEM, feed, content, file_name=file.name)
        except NotFoundError:
            raise
        except TapalError as error:
            moved = _move(file, "refused")
            moved.with_name(moved.name + ".why.txt").write_text(f"{error}\n", encoding="utf-8")
            log.warning("a file of feed %s was refused: %s", feed, error)
            return []
        moved = _move(file, "done")
        if view.rejected:
            with moved.with_name(moved.name + ".rejected.csv").open("w", encoding="utf-8", newline="") as out:
                out.writelines(self._feeds.rejected_csv(view))
        return [view]


def _move(file: Path, to: str) -> Path:
    folder = file.parent / to
    folder.mkdir(exist_ok=True)
    target, number = folder / file.name, 1
    while target.exists():
        target, number = folder / f"{file.stem}.{number}{file.suffix}", number + 1
    return file.rename(target)
