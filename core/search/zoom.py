"""Places the edges of a moment to a frame, by looking closely around them; on demand.

An index holds a frame a second or so, and its edges can be no finer. Here the pictures around an
edge are decoded and embedded, few at first, then those next to where the change is. Knows no
database beyond the video's file, and no pages.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from core.editing import Resize
from core.errors import SearchError
from core.library.library import Library
from core.media.edits import pictures
from core.media.timetable import frame_times_s
from core.model import Moment, Span, Video
from core.search.steps import STEP, Step, change

_AROUND_S: Final = 1.25  # looked at on each side of an edge: more than one sampling step
_MOST_LOOKS: Final = 4  # how often the place looked at may move outward when nothing changes there
_FIRST_FRAMES: Final = 12  # embedded around an edge before it is known where to look closer
_MOST_KEPT: Final = 4096  # vectors of frames, for whoever zooms again


Fetch = Callable[[Video], Path | None]  # brings a video's own file to this machine, or gives None


def _on_this_machine(video: Video) -> Path | None:
    path = Path(video.path or "")
    return path if path.is_file() else None


class Encoder(Protocol):
    """What zooming needs of an encoder; see core.encoders.base."""

    @property
    def input_px(self) -> int:
        """Side of the square the model sees."""

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Encode frames as rows of shape (n_images, n_views, dimensions)."""

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode words as unit-length rows."""


class Zoom:
    """Refines moments of one library; safe to use from several threads, of a video one by one."""

    def __init__(
        self, library: Library, encoder: Encoder, step: Step = STEP,
        *, fetch: Fetch = _on_this_machine,
    ) -> None:  # fmt: skip
        """Zoom into this library's videos; `fetch` may bring those that only its database has."""
        self._library, self._encoder, self._step = library, encoder, step
        self._fetch = fetch
        self._footage: OrderedDict[tuple[str, str, Path], Footage] = OrderedDict()
        self._lock = threading.Lock()

    def exact(self, moment: Moment) -> Moment:
        """Give the moment with its edges placed to a frame, by the words that found it.

        Of "A then B" the edges are those of A and of B.

        Raises:
            SearchError, MediaError, EncoderError, LibraryError, DatabaseError: as `refine`.
        """
        if not moment.parts:
            return self.refine(moment.words, moment)
        first, second = (self.exact(part) for part in moment.parts)
        span = Span(first.span.start_s, max(first.span.end_s, second.span.end_s))
        return replace(moment, span=span, parts=(first, second))

    def refine(self, text: str, moment: Moment) -> Moment:
        """Give the moment with its edges placed to a frame, where the picture changes near them.

        Without a text, by how much frames look like the moment's best one alone.

        Raises:
            SearchError: the file of the video is not on this machine, and cannot be brought here.
            MediaError: it cannot be decoded.
            LibraryError, DatabaseError: the video is gone, or it cannot be fetched or kept.
            EncoderError: the model cannot be used.
        """
        query = self._encoder.encode_texts([text])[0] if text else None
        with self._lock:
            footage = self.footage_of(moment.video_id)
        with footage.lock:
            best = footage.number_at(moment.best_s)
            return _refined(moment, _Likeness(footage, query, best, self._step))

    def footage_of(self, video_id: str) -> Footage:
        """Give the frames of a video; those of the last few stay in memory.

        Its file is asked for each time, so that one that was fetched is not removed meanwhile.
        Other content under the same id is other footage.
        """
        video = self._library.video(video_id)
        path = self._fetch(video)
        if path is None:
            raise SearchError(
                f"The file of {video.name} is not on this machine, so nobody can look closer. "
                "Bring it back to where it was."
            )
        key = (video_id, video.content_sha256, path)
        known = self._footage.pop(key, None)
        if known is None or known.n_kept > _MOST_KEPT:
            known = Footage(path, video.facts.duration_s, self._encoder)
        self._footage[key] = known
        while len(self._footage) > _MOST_LOOKS:
            self._footage.popitem(last=False)
        return known


class Footage:
    """The frames of one video by number, and the vectors of those that were embedded."""

    def __init__(self, path: Path, duration_s: float, encoder: Encoder) -> None:
        self._path, self._duration_s, self._encoder = path, duration_s, encoder
        self.lock = threading.Lock()  # for whoever looks: what is in memory is of one place
        self._times_s = np.array([float(time_s) for time_s in frame_times_s(path)])
        self._frames: dict[int, NDArray[np.uint8]] = {}
        self._rows: dict[int, NDArray[np.float32]] = {}

    @property
    def n_kept(self) -> int:
        """How many vectors are in memory."""
        return len(self._rows)

    @property
    def last(self) -> int:
        """The number of the last frame."""
        return len(self._times_s) - 1

    def number_at(self, time_s: float) -> int:
        """Give the frame that is shown at this time."""
        found = int(np.searchsorted(self._times_s, time_s + 1e-6, side="right")) - 1
        return min(self.last, max(0, found))

    def time_s(self, number: int) -> float:
        """Give when a frame begins; that after the last begins at the end."""
        if number > self.last:
            return max(self._duration_s, float(self._times_s[-1]))
        return float(self._times_s[number]) if number > 0 else 0.0

    def knows(self, numbers: Sequence[int]) -> bool:
        """Say whether the vectors of all these frames are in memory."""
        return all(one in self._rows for one in numbers)

    def decode(self, first: int, last: int) -> None:
        """Bring these frames into memory, those of before out of it."""
        size_px = self._encoder.input_px
        found = pictures(
            self._path, range(first, last + 1), [Resize(width_px=size_px, height_px=size_px)]
        )
        self._frames = dict(zip(range(first, last + 1), found, strict=False))

    def rows(self, numbers: Sequence[int]) -> NDArray[np.float32]:
        """Give the vectors of frames, (n, dimensions), the mean over the views of each."""
        missing = [one for one in numbers if one not in self._rows]
        if missing and not all(one in self._frames for one in missing):
            self.decode(min(missing), max(missing))
        missing = [one for one in missing if one in self._frames]
        if missing:
            views = self._encoder.encode_images([self._frames[one] for one in missing])
            self._rows.update(zip(missing, views.mean(axis=1), strict=True))
        return np.stack([self._rows[one] for one in numbers if one in self._rows])


@dataclass(frozen=True, slots=True, eq=False)
class _Likeness:
    """How much frames answer the query, and how much they look like the moment's best frame."""

    footage: Footage
    query: NDArray[np.float32] | None
    best: int
    step: Step

    def of(self, numbers: Sequence[int]) -> NDArray[np.float64]:
        """Give (n, 2): the cosine to the query, if there is one, and to the best frame."""
        wanted = self.footage.rows([self.best])[0]
        rows = self.footage.rows(numbers)
        aims = [wanted] if self.query is None else [self.query, wanted]
        return np.stack([rows @ aim for aim in aims], axis=1).astype(np.float64)


def _refined(moment: Moment, likeness: _Likeness) -> Moment:
    footage, best = likeness.footage, likeness.best
    start = _edge(likeness, footage.number_at(moment.span.start_s), inner=best, outward=-1)
    end = _edge(likeness, footage.number_at(moment.span.end_s), inner=best, outward=1)
    span = Span(
        moment.span.start_s if start is None else footage.time_s(start),
        moment.span.end_s if end is None else footage.time_s(end + 1),
    )
    return replace(moment, span=span) if span.start_s < span.end_s else moment


def _edge(likeness: _Likeness, near: int, *, inner: int, outward: int) -> int | None:
    """Find the outermost frame that still belongs, going outward (1 later, -1 earlier).

    None where nothing changes near the edge; the edge then stays as it is.
    """
    footage = likeness.footage
    centre_s = footage.time_s(near)
    for _ in range(_MOST_LOOKS):
        first, last = (footage.number_at(centre_s + side * _AROUND_S) for side in (-1, 1))
        # Nothing on the inner side of the best frame is of interest.
        first, last = (max(first, inner), last) if outward > 0 else (first, min(last, inner))
        found = _change_within(likeness, first, last, outward) if first < last else None
        if found is not None:
            return found
        if first == 0 or last == footage.last:
            return (0 if outward < 0 else footage.last) if _is_at_end(footage, near) else None
        centre_s += outward * _AROUND_S
    return None


def _is_at_end(footage: Footage, near: int) -> bool:
    """Say whether the video itself begins or ends within what was looked at."""
    time_s = footage.time_s(near)
    return time_s <= _AROUND_S or footage.time_s(footage.last) - time_s <= _AROUND_S


def _change_within(likeness: _Likeness, first: int, last: int, outward: int) -> int | None:
    """Find the outermost frame that belongs, among these: coarsely, then frame by frame."""
    stride = max(1, (last - first) // (_FIRST_FRAMES - 1))
    coarse = sorted({*range(first, last + 1, stride), last})
    if not likeness.footage.knows(coarse):
        likeness.footage.decode(first, last)
    seen = _inner_first(coarse, outward)
    at = change(likeness.of(seen), likeness.of([likeness.best])[0], likeness.step)
    if at is None:
        return None
    low, high = sorted((seen[at - 1], seen[at]))
    fine = _inner_first(sorted({*coarse, *range(low, high + 1)}), outward)
    at = change(likeness.of(fine), likeness.of([likeness.best])[0], likeness.step)
    return None if at is None else fine[at - 1]


def _inner_first(numbers: list[int], outward: int) -> list[int]:
    return numbers if outward > 0 else numbers[::-1]
