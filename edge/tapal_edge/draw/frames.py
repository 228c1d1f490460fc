"""Frames for the page: fresh, and with heads blurred like everything that leaves the box."""

import threading
import time

from tapal_contract.errors import TapalError
from tapal_detector.detector import Detector
from tapal_edge.check import grab
from tapal_edge.config import EdgeConfig
from tapal_edge.picture import Look, snapshot
from tapal_edge.safe import Safe

FRESH_S = 2.0


class Frames:
    """One frame of each camera, taken when asked and kept for a moment."""

    def __init__(self, config: EdgeConfig, detector: Detector) -> None:
        self._cameras = {camera.id: camera for camera in config.cameras}
        self._safe = Safe(config.folder())
        self._detector = detector
        self._blur = config.privacy.blur == "heads"
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, bytes]] = {}

    def grab(self, camera: str) -> bytes:
        """Return a JPEG of the camera.

        Raises:
            TapalError: no such camera, or it gives no frame.
        """
        if camera not in self._cameras:
            raise TapalError(f"there is no camera {camera!r}; load the page again")
        with self._lock:
            taken, jpeg = self._kept.get(camera, (float("-inf"), b""))
            if time.monotonic() - taken > FRESH_S:
                image, *_ = grab(self._cameras[camera], self._safe)
                look = Look.of(0, 0.0, image, self._detector.detect(image))
                jpeg = snapshot([look], 0, box=None, line=None, zone=None, blur=self._blur)
                self._kept[camera] = (time.monotonic(), jpeg)
            return jpeg
