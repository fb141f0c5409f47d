"""One index of the library: a descriptor set, its clips and pictures, and the nearest of them.

Knows neither how many indexes there are nor which model makes the vectors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import LibraryError, NoSuchVideoError
from core.library import answers, choice_queries, foreign, save_queries, schema
from core.library import background_queries as bq
from core.library import foreign_queries as fq
from core.library import index_queries as q
from core.library.database import Command, Database, Entity, ask, entities
from core.library.foreign import Listed
from core.library.records import NewClip
from core.model import Clip, EncoderInfo, Hit, Span, VideoFacts

Found = tuple[Hit, bytes]  # and its vector, where that was asked for


class Index:
    """The descriptor set `name` of a database."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self.name = name
        self.account = schema.Account(name)

    # -- which model ------------------------------------------------------------------------

    def info(self) -> EncoderInfo | None:
        """Say which model made the vectors; None while there is no such set."""
        found = self._find()
        return None if found is None else answers.encoder_info(found)

    def made_by(self) -> tuple[EncoderInfo, str] | None:
        """Say which model made the vectors, and what named it; None while there is no such set."""
        found = self._find()
        if found is None:
            return None
        return answers.encoder_info(found), str(found.get(schema.SOURCE) or "")

    def _find(self) -> Entity | None:
        return next(iter(entities(ask(self._database, q.find_set(self.name))[0][0])), None)

    def ensure(self, info: EncoderInfo, source: str = "") -> None:
        """Add the set, or see that it was made by this very model; note what names that model.

        Raises:
            LibraryError: it was made by another model, framing or dimension.
        """
        found = self._find()
        if found is None:
            ask(self._database, q.add_set(self.name, info, source))
            ask(self._database, choice_queries.prepare(self.name))
            found = self._find()  # another process may have been first
        self.check(None if found is None else answers.encoder_info(found), info)
        if found is not None and (changed := _renamed(found, info, source)):
            ask(self._database, choice_queries.note(self.name, changed))

    def check(self, there: EncoderInfo | None, info: EncoderInfo) -> None:
        """Refuse a model that is not the one the index was made with, naming both.

        Raises:
            LibraryError: vectors of two models do not compare.
        """
        # The provider is who packaged the model: two names for one do not change its vectors.
        if there is None or _vectors_of(there) == _vectors_of(info):
            return
        raise LibraryError(
            f"The library was indexed with {_words(there)}, but the model that was loaded is "
            f"{_words(info)}, and vectors of two models cannot be compared. Set "
            f"REELSEEK_MODEL to {there.model} and REELSEEK_FRAMING to {there.framing}."
        )

    # -- writing ----------------------------------------------------------------------------

    def save_clips(
        self, video: Mapping[str, Any], video_id: str, facts: VideoFacts,
        clips: Sequence[NewClip], cuts_s: Sequence[float] = (),
    ) -> None:  # fmt: skip
        """Save clips in one query, provided that the video still meets the constraints `video`."""
        query = save_queries.save_clips(self.name, video, video_id, facts, clips, cuts_s)
        ask(self._database, query)

    def clear(self, video: Mapping[str, Any]) -> None:
        """Remove everything of this index that belongs to the videos that meet the constraints."""
        ask(self._database, (q.clear(self.name, video), []))

    # -- reading ----------------------------------------------------------------------------

    def clips(self, video_id: str) -> list[Clip]:
        """List a video's clips in the order of their times."""
        bodies, _ = ask(self._database, q.find_clips(self.name, video_id))
        videos = entities(bodies[0])
        if not videos:
            raise NoSuchVideoError(f"No video has the id {video_id}; it may have been deleted.")
        return answers.clips(videos[0], entities(bodies[-1]))

    def count_clips(self, video_id: str) -> int:
        """Count a video's clips in this index."""
        return int(ask(self._database, q.count_clips(self.name, video_id))[0][-1].get("count", 0))

    def nearest(
        self,
        vector: NDArray[np.float32],
        k: int,
        video_ids: Sequence[str] | None,
        span: Span | None,
    ) -> list[Hit]:
        """List the k nearest clips within the scope, best first, one hit for a clip."""
        return [hit for hit, _ in self._nearest(vector, k, video_ids, span, with_vectors=False)]

    def nearest_rows(
        self,
        vector: NDArray[np.float32],
        k: int,
        video_ids: Sequence[str] | None,
        span: Span | None,
        listed: Listed | None = None,
    ) -> tuple[list[Hit], NDArray[np.float32]]:
        """List the k nearest clips, and beside them their vectors: float32 (n_hits, dimensions)."""
        found = self._nearest(vector, k, video_ids, span, listed, with_vectors=True)
        rows = answers.unit_rows([row for _, row in found], len(vector))
        return [hit for hit, _ in found], rows

    def count_within(
        self, video_ids: Sequence[str] | None, span: Span | None, listed: Listed | None = None
    ) -> int:
        """Count the clips of this scope, whoever indexed them."""
        found = self._find()
        if found is None:
            return 0
        scope = q.within(video_ids, span, found.get(schema.LONGEST_CLIP_S))
        commands, _ = bq.count_within(self.name, scope)
        listed = listed or Listed()
        videos = self._others(found, video_ids) if scope and not listed.is_known else []
        own, *bodies = ask(self._database, ([*commands, *videos], []))[0]
        others = [one for body in bodies for one in entities(body)]
        parts = listed.parts(foreign.within(self._database, self.name, others, span))
        n_others = sum(map(len, parts))
        return int(own.get("count", 0)) // answers.encoder_info(found).n_views + n_others

    def _nearest(
        self,
        vector: NDArray[np.float32],
        k: int,
        video_ids: Sequence[str] | None,
        span: Span | None,
        listed: Listed | None = None,
        *,
        with_vectors: bool,
    ) -> list[Found]:
        of = self._find()
        if of is None or k < 1 or (video_ids is not None and not video_ids):
            return []
        info = answers.encoder_info(of)
        if vector.shape != (info.dimensions,):
            raise LibraryError(
                f"The index holds vectors of {info.dimensions} numbers, and this one has shape "
                f"{vector.shape}. Search with the model that made the index, {info.model}."
            )
        k_rows = k * info.n_views
        scope = q.within(video_ids, span, of.get(schema.LONGEST_CLIP_S))
        if not scope:
            return self._ask_nearest(vector, k_rows, {}, with_vectors=with_vectors)[0][:k]
        listed = listed or Listed()
        videos = [] if listed.is_known else self._others(of, video_ids)
        found, others = self._ask_nearest(vector, k_rows, scope, videos, with_vectors=with_vectors)
        for part in listed.parts(foreign.within(self._database, self.name, others, span)):
            among = fq.among(part)
            more, _ = self._ask_nearest(vector, k_rows, among, with_vectors=with_vectors)
            found = _nearest_of(found, more, k)
        return [one for one in found if _is_within(one[0], video_ids, span)][:k]

    def _others(self, of: Entity, video_ids: Sequence[str] | None) -> list[Command]:
        is_own = of.get(schema.LONGEST_CLIP_S) is not None
        return fq.find_videos(self.account, video_ids, is_own=is_own)

    def _ask_nearest(
        self,
        vector: NDArray[np.float32],
        k: int,
        constraints: Mapping[str, Any],
        and_videos: Sequence[Command] = (),
        *,
        with_vectors: bool,
    ) -> tuple[list[Found], list[Entity]]:
        """Give the nearest that meet the constraints, and what `and_videos` finds beside them."""
        commands, blobs_in = q.nearest(self.name, vector, k, constraints, with_vectors=with_vectors)
        bodies, blobs = ask(self._database, ([*commands, *and_videos], blobs_in))
        if lost := answers.clips_without_video(bodies):
            bodies[2] = answers.joined(bodies, ask(self._database, q.videos_of(lost))[0][-1])
        hits = [(hit, blobs[place] if with_vectors else b"") for hit, place in answers.hits(bodies)]
        return hits, [one for body in bodies[len(commands) :] for one in entities(body)]


def _nearest_of(some: Sequence[Found], more: Sequence[Found], k: int) -> list[Found]:
    """Put together what was found in two places, best first, and keep k."""
    both = {**dict(some), **dict(more)}  # a video may be indexed by two programs at this moment
    return sorted(both.items(), key=lambda one: -one[0].similarity)[:k]


def _is_within(hit: Hit, video_ids: Sequence[str] | None, span: Span | None) -> bool:
    return (video_ids is None or hit.video_id in video_ids) and (
        span is None or hit.span.overlaps(span)
    )


def _renamed(found: Entity, info: EncoderInfo, source: str) -> dict[str, str]:
    """Give what a set should say otherwise of the model that made it, and of what names that.

    Sets of earlier versions name a provider that no other program knows; those of other programs
    keep theirs.
    """
    changed: dict[str, str] = {}
    if found.get(schema.PROVIDER) == schema.FORMER_PROVIDER != info.provider:
        changed |= schema.made_by(info)
    if source and found.get(schema.SOURCE) != source:
        changed[schema.SOURCE] = source
    return changed


def _vectors_of(info: EncoderInfo) -> dict[str, Any]:
    return {key: value for key, value in asdict(info).items() if key != "provider"}


def _words(info: EncoderInfo) -> str:
    return (
        f"{info.model} ({info.pretrained or 'weights not named'}, framing {info.framing}, "
        f"{info.dimensions} numbers)"
    )
