"""How the whole library stands, at a cost that does not grow with it: counts, and a few videos.

For whoever looks every second. Knows no work, only what workers recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.library import answers, schema
from core.library import video_queries as q
from core.library.database import Command, Database, Entity, ask, entities
from core.model import IndexState, PlayState, Video

_MOST_AT_ONCE = 64  # workers whose videos are shown
_COPIES = [PlayState.WANTED, PlayState.MAKING]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many videos are in each state; what is none of these is ready."""

    n_videos: int
    n_waiting: int
    n_indexing: int
    n_failed: int
    n_cancelled: int
    n_copies: int  # playable copies that are wanted or being made

    @property
    def n_on_the_way(self) -> int:
        """How many videos wait for indexing or are under way."""
        return self.n_waiting + self.n_indexing

    @property
    def is_busy(self) -> bool:
        """Say whether workers have anything to do."""
        return self.n_on_the_way + self.n_copies > 0


class Overview:
    """The videos as they stand in one index."""

    def __init__(self, database: Database, index: str) -> None:
        self._database, self._index = database, index
        self._lane = schema.Account(index).lane

    def now(self) -> tuple[Tally, list[Video]]:
        """Count, and give the videos that are being indexed or copied, the longest here first."""
        states = [IndexState.WAITING, IndexState.INDEXING, IndexState.FAILED, IndexState.CANCELLED]
        by_state = [{self._lane.state: ["==", state]} for state in states]
        copies = {schema.PLAY_LANE.state: ["in", _COPIES]}
        making = {schema.PLAY_LANE.state: ["==", PlayState.MAKING]}
        commands = [
            _find({"count": True}),
            *[_find({"count": True}, one) for one in by_state],
            _find({"count": True}, copies),
            *[_list(one, "ascending", _MOST_AT_ONCE) for one in (by_state[1], making)],
        ]
        bodies, _ = ask(self._database, (commands, []))
        counts = [int(body.get("count") or 0) for body in bodies[:6]]
        found = {video.video_id: video for body in bodies[6:] for video in self._read(body)}
        return Tally(*counts), list(found.values())

    def waiting_s(self) -> float:
        """Add up the lengths of the videos that wait, in seconds; reads every one of them."""
        waits = {self._lane.state: ["==", IndexState.WAITING]}
        bodies, _ = ask(self._database, ([_find({"sum": "duration_s"}, waits)], []))
        return float(bodies[0].get("_sum", {}).get("duration_s") or 0.0)

    def n_unfinished(self, video_ids: Sequence[str]) -> int:
        """Count those of these videos, of ours, that wait for indexing or are under way."""
        states = [IndexState.WAITING, IndexState.INDEXING]
        chosen = {schema.VIDEO_ID: ["in", list(video_ids)], self._lane.state: ["in", states]}
        bodies, _ = ask(self._database, ([_find({"count": True}, chosen)], []))
        return int(bodies[0].get("count") or 0)

    def some(
        self, state: IndexState, limit: int, *, order: Literal["oldest", "newest"] = "newest"
    ) -> list[Video]:
        """Give some videos in a state, the newest or the oldest first."""
        state_is: dict[str, Any] = {self._lane.state: ["==", state]}
        if state is IndexState.READY:
            state_is = {schema.Account(self._index).done: ["==", True]}
        way = "ascending" if order == "oldest" else "descending"
        return self._read(ask(self._database, ([_list(state_is, way, limit)], []))[0][0])

    def these(self, video_ids: Sequence[str]) -> dict[str, Video]:
        """Give those of these videos that are still there, by their ids."""
        own = [one for one in video_ids if not q.is_foreign(one)]
        foreign = [one for one in video_ids if q.is_foreign(one)]
        wanted = [(schema.VIDEO_ID, own), ("_uniqueid", foreign)]
        queries = [q.find_videos({key: ["in", ids]})[0] for key, ids in wanted if ids]
        if not queries:
            return {}
        bodies, _ = ask(self._database, ([command for one in queries for command in one], []))
        return {video.video_id: video for body in bodies for video in self._read(body)}

    def _read(self, body: Entity) -> list[Video]:
        return [answers.video(entity, self._index) for entity in entities(body)]


def _find(results: Mapping[str, Any], constraints: Mapping[str, Any] | None = None) -> Command:
    find: dict[str, Any] = {"blobs": False, "results": dict(results)}
    return {"FindVideo": find | ({"constraints": dict(constraints)} if constraints else {})}


def _list(constraints: Mapping[str, Any], order: str, limit: int) -> Command:
    command = _find({"all_properties": True}, constraints)
    command["FindVideo"] |= {"sort": {"key": schema.ADDED_AT, "order": order}, "limit": limit}
    return command
