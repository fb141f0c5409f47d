"""The vectors of videos that another program indexed, a part at a time: which are in a scope.

However many there are, all of them are looked through, and no part has more than some hours of
video. Measures nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from core.library import answers
from core.library import foreign_queries as q
from core.library.database import Database, Entity, ask, entities, groups
from core.model import Span

# Of video, that is asked about together: 36,000 vectors, as the workflow takes one a second.
_TOGETHER_S: Final = 36_000.0
_MOST_TOGETHER: Final = 64  # videos, whose length may not be known
_MOST_KEPT: Final = 200_000  # names of vectors, some 15 MB; more are listed again


class Listed:
    """Which vectors of other programs are in one scope of one index; for one search.

    A search asks for what is near more than once (for each line, for more of them, to count), and
    to list takes longer than to measure. What came or went since is not seen until the next one.
    """

    def __init__(self) -> None:
        self._parts: list[list[str]] | None = None

    @property
    def is_known(self) -> bool:
        """Say whether they were listed, and need not be again."""
        return self._parts is not None

    def parts(self, found: Iterator[list[str]]) -> Iterator[list[str]]:
        """Give what `within` finds, or gave before; it is kept once all of it was given."""
        if self._parts is not None:
            yield from self._parts
            return
        kept: list[list[str]] = []
        n = 0
        for part in found:
            n += len(part)
            if n <= _MOST_KEPT:
                kept.append(part)
            yield part
        if n <= _MOST_KEPT:
            self._parts = kept


def within(
    database: Database, index: str, videos: Sequence[Entity], span: Span | None
) -> Iterator[list[str]]:
    """Give the `_uniqueid`s of the vectors of these videos that share an instant with the stretch.

    Args:
        database: answers the queries.
        index: whose vectors.
        videos: as `foreign_queries.find_videos` reads them.
        span: None: of any time.
    """
    for together in _parts(videos):
        if span is None:
            query = q.find_descriptors(index, [one["_uniqueid"] for one in together])
            found = [one["_uniqueid"] for one in entities(ask(database, query)[0][-1])]
        else:
            found = _within(database, index, together, span)
        if found:
            yield found


def _within(database: Database, index: str, videos: Sequence[Entity], span: Span) -> list[str]:
    """List those of one part, in one query, however many rates of frames there are in it."""
    rates: dict[float, list[str]] = {}
    for video in videos:
        rates.setdefault(answers.facts(video).fps, []).append(video["_uniqueid"])
    bodies, _ = ask(database, q.find_descriptors_within(index, rates, span))
    found = []
    for fps, descriptors, clips in zip(rates, bodies[3::5], bodies[4::5], strict=True):
        clips_of = groups(clips)
        found += [
            one["_uniqueid"]
            for one in entities(descriptors)
            if _overlaps([one, *clips_of.get(one["_uniqueid"], [])], fps, span)
        ]
    return found


def _overlaps(descriptor_and_clips: list[Entity], fps: float, span: Span) -> bool:
    known = (answers.span(one, fps) for one in descriptor_and_clips)
    stretch = next((one for one in known if one is not None), None)
    return stretch is not None and stretch.overlaps(span)


def _parts(videos: Sequence[Entity]) -> Iterator[list[Entity]]:
    """Put together videos until they are as long, or as many, as is asked about at a time."""
    part: list[Entity] = []
    length_s = 0.0
    for video in videos:
        length_s += answers.facts(video).duration_s
        if part and (length_s > _TOGETHER_S or len(part) == _MOST_TOGETHER):
            yield part
            part, length_s = [], answers.facts(video).duration_s
        part.append(video)
    if part:
        yield part
