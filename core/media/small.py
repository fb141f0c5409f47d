"""The filters of ffmpeg that make the very small pictures in which cuts are looked for."""

from __future__ import annotations

from core.media import blocks, shots

# Pictures as good as the last are left out, though not more than three in a row.
_TELLING = "mpdecimate=max=3:hi=2560:lo=256:frac=0.5"
_MOST_FPS = 30  # nobody sees a hundredth of a second
IN_US = f"setpts=max(PTS\\,0),{blocks.TICKS_AS_US}"


def of_all(fps: float) -> str:
    """Give those for all frames, of so many a second."""
    step = max(1, round(fps / _MOST_FPS))
    return f"framestep={step},{_SCALED},{_TELLING},{IN_US}"


def of_key_frames() -> str:
    """Give those for key frames, which are few: none is left out."""
    return f"{_SCALED},{IN_US}"


_SCALED = f"scale={shots.WIDTH_PX}:{shots.HEIGHT_PX}:flags=fast_bilinear,format=gbrp"
