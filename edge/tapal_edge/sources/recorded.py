"""A recording: every frame to the end, as fast as the machine allows."""

import threading
from collections.abc import Callable

from tapal_edge.config import Camera
from tapal_edge.sources.decoder import Need, Watch
from tapal_edge.sources.inbox import Inbox
from tapal_edge.sources.reader import frame_of, open_reader
from tapal_edge.sources.trouble import SourceError


class Recording:
    """Reads a file or a folder of images in a thread of its own."""

    def __init__(
        self,
        camera: Camera,
        inbox: Inbox,
        *,
        start_s: float,
        on_end: Callable[[], None] | None = None,
        watch: Watch | None = None,
    ) -> None:
        self._camera = camera
        self._inbox = inbox
        self._start_s = start_s
        self._on_end = on_end
        self._reader = open_reader(camera, need=Need(watch) if watch else None)
        self._thread = threading.Thread(target=self._read, name=f"read {camera.id}", daemon=True)
        self.error: SourceError | None = None

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Stop reading and wait for the thread."""
        self._inbox.close()
        if self._thread.is_alive():
            self._thread.join()

    def _read(self) -> None:
        try:
            for shot in self._reader.shots():
                frame = frame_of(shot, self._camera, shot.media_s, self._start_s + shot.media_s)
                if not self._inbox.put(frame):
                    break
        except SourceError as error:
            self.error = error
        finally:
            self._inbox.close()
            self._reader.close()
            if self._on_end is not None:
                self._on_end()
