"""Operations on pictures as filters of ffmpeg, and the sizes that they lead to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from core.editing import Crop, Interval, Resize, Threshold, VideoOperation
from core.errors import MediaLimitError
from core.media.guard import MAX_PIXELS
from core.model import VideoFacts

Size = tuple[int, int]  # width and height in pixels


def size_after(operations: Sequence[VideoOperation], size: Size) -> Size:
    """Give the size of a picture after these operations.

    Raises:
        MediaLimitError: one of them makes it larger than Reelseek handles, or cuts outside of it.
    """
    for operation in operations:
        size = _size_after(operation, size)
    return size


def _size_after(operation: VideoOperation, size: Size) -> Size:
    if isinstance(operation, Resize):
        size = _resized(operation, size)
        if size[0] * size[1] > MAX_PIXELS:
            raise MediaLimitError(
                f"A picture of {size[0]} by {size[1]} pixels is larger than the {MAX_PIXELS:,} "
                "pixels that Reelseek handles. Ask for a smaller one."
            )
    if isinstance(operation, Crop):
        size = _cropped(operation, size)
    return size


def _resized(to: Resize, size: Size) -> Size:
    width_px, height_px = size
    if to.scale is not None:
        return max(1, round(width_px * to.scale)), max(1, round(height_px * to.scale))
    if to.width_px is not None and to.height_px is not None:
        return to.width_px, to.height_px
    if to.width_px is not None:
        return to.width_px, max(1, round(height_px * to.width_px / width_px))
    assert to.height_px is not None  # noqa: S101 - one of the three is there
    return max(1, round(width_px * to.height_px / height_px)), to.height_px


def _cropped(to: Crop, size: Size) -> Size:
    if to.x_px + to.width_px > size[0] or to.y_px + to.height_px > size[1]:
        raise MediaLimitError(
            f"The crop of {to.width_px}×{to.height_px} at ({to.x_px}, {to.y_px}) leaves the "
            f"picture, which is {size[0]}×{size[1]}. Choose one inside of it."
        )
    return to.width_px, to.height_px


def chain(
    operations: Sequence[VideoOperation], facts: VideoFacts, to_bt709: Sequence[str] = ()
) -> list[str]:
    """Give the filters, in order, that begin with the picture as it is shown: square pixels.

    Those of `to_bt709` (see colour) come when the size is settled, as they cost by the pixel, but
    before anything looks at colours.
    """
    size = (facts.width_px, facts.height_px)
    found = [f"scale={size[0]}:{size[1]}:flags=bicubic"]
    n_sizing = next(
        (n for n, one in enumerate(operations) if isinstance(one, Threshold)), len(operations)
    )
    for n, operation in enumerate(operations):
        found += to_bt709 if n == n_sizing else ()
        size = _size_after(operation, size)
        found += _filters(operation, size, facts.fps)
    found += to_bt709 if n_sizing == len(operations) else ()
    return [*found, "setsar=1"]  # else scale would squeeze the pixels to keep the picture's shape


def _filters(operation: VideoOperation, size: Size, fps: float) -> list[str]:
    if isinstance(operation, Resize):
        return [f"scale={size[0]}:{size[1]}:flags=bicubic"]
    if isinstance(operation, Crop):  # exact: else the corner moves to where colours begin
        return [f"crop={size[0]}:{size[1]}:{operation.x_px}:{operation.y_px}:exact=1"]
    if isinstance(operation, Threshold):
        kept = f"'if(lt(val,{operation.value}),0,val)'"
        return ["format=gbrp", f"lutrgb=r={kept}:g={kept}:b={kept}"]
    return [picked(operation), f"setpts=N/({fps:.6f}*TB)"]


def picked(interval: Interval) -> str:
    """Give the filter that lets every `step`th picture of an interval pass."""
    start, stop, step = interval.start, interval.stop, interval.step
    return f"select='between(n,{start},{stop})*not(mod(n-{start},{step}))'"


def rounded(multiple: int) -> str:
    """Give the filter that makes both sides a multiple, as encoders need them."""
    sides = (f"'max({multiple},round({side}/{multiple})*{multiple})'" for side in ("iw", "ih"))
    return "scale=" + ":".join(sides)


def step_of(numbers: Sequence[int]) -> int | None:
    """Give the step of an arithmetic progression; None where the numbers are none."""
    steps = {after - before for before, after in pairwise(numbers)}
    if len(steps) > 1:
        return None
    return steps.pop() if steps else 1
