"""Decoding by hardware, where it is asked for and there is some; else in software, and it is said why."""

from functools import cache
from typing import Any

import av
from av.codec.hwaccel import HWAccel, hwdevices_available

from tapal_edge.config import HwAccel

IN_SOFTWARE = "in software"
CODECS = ("h264", "hevc")  # what cameras send; a device for either is worth opening the camera with


def open_decoding(
    source: str, wanted: HwAccel, *, options: dict[str, str], timeout: tuple[float, float] | None
) -> tuple[Any, str]:
    """Open a source, once, with the decoder asked for.

    Returns:
        The container, and how it is decoded, in words.

    Raises:
        FFmpegError: the source cannot be opened.
        OSError: the same, as the system says it.
    """
    if wanted == "none":
        return av.open(source, options=options, timeout=timeout), IN_SOFTWARE
    kinds = hwdevices_available() if wanted == "auto" else [wanted]
    troubles = {kind: trouble_with(kind) for kind in kinds}
    kind = next((kind for kind, trouble in troubles.items() if not trouble), None)
    if kind is None:
        why = "; ".join(f"{kind}: {trouble}" for kind, trouble in troubles.items()) or "FFmpeg knows no hardware"
        return av.open(source, options=options, timeout=timeout), f"{IN_SOFTWARE} ({why})"
    container = av.open(source, options=options, timeout=timeout, hwaccel=HWAccel(device_type=kind))
    streams = container.streams.video
    if streams and streams[0].codec_context.is_hwaccel:
        return container, f"by {kind}"
    return container, f"{IN_SOFTWARE} ({kind}: does not decode what this camera sends)"


@cache
def trouble_with(kind: str) -> str:
    """Return why a kind of hardware cannot be used on this machine; nothing when it can."""
    if kind not in hwdevices_available():
        return "not in this build of FFmpeg"
    reasons = []
    for codec in CODECS:
        try:
            HWAccel(device_type=kind, allow_software_fallback=False).create(av.Codec(codec, "r"))
        except (OSError, ValueError, NotImplementedError, av.error.FFmpegError) as error:
            reasons.append(getattr(error, "strerror", None) or str(error))
        else:
            return ""
    return reasons[0]
