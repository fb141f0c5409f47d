"""The vectors of videos that another program indexed, a part at a time: which are in a scope.

However many there are, all of them are looked through, and no part has more than some hours of
video. Measures nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from core.library import answers
from core.library import foreign_queries as q
from core.library.database import Database, Entity, ask, entities, groups
from core.model import Span

# Of video, that is asked about together: 36,000 vectors, as the workflow takes one a second.
_TOGETHER_S: Final = 36_000.0
_MOST_TOGETHER: Final = 64  # videos, whose length may not be known


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
    for fps, together in _parts(videos, by_rate=span is not None):
        if span is None:
            body = ask(database, q.find_descriptors(index, together))[0][-1]
            found = [one["_uniqueid"] for one in entities(body)]
        else:
            query = q.find_descriptors_within(index, together, span, fps)
            *_, descriptors, clips = ask(database, query)[0]
            clips_of = groups(clips)
            found = [
                one["_uniqueid"]
                for one in entities(descriptors)
                if _overlaps([one, *clips_of.get(one["_uniqueid"], [])], fps, span)
            ]
        if found:
            yield found


def _overlaps(descriptor_and_clips: list[Entity], fps: float, span: Span) -> bool:
    known = (answers.span(one, fps) for one in descriptor_and_clips)
    stretch = next((one for one in known if one is not None), None)
    return stretch is not None and stretch.overlaps(span)


def _parts(videos: Sequence[Entity], *, by_rate: bool) -> Iterator[tuple[float, list[str]]]:
    """Put together videos, by their `_uniqueid`s; `by_rate`, those of the same frames a second."""

    def rate(video: Entity) -> float:
        return answers.facts(video).fps if by_rate else 0.0

    for fps, alike in groupby(sorted(videos, key=rate), key=rate):
        part: list[str] = []
        length_s = 0.0
        for video in alike:
            length_s += answers.facts(video).duration_s
            if part and (length_s > _TOGETHER_S or len(part) == _MOST_TOGETHER):
                yield fps, part
                part, length_s = [], answers.facts(video).duration_s
            part.append(video["_uniqueid"])
        yield fps, part
