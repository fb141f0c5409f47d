"""Asks a library every question of a label file, and measures the answers.

Knows no command line and no pages; both show what comes out of here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from core.errors import SearchError
from core.model import Moment, SearchResult, Video
from core.query import Right, Wanted
from core.search import metrics
from core.search.labels import Answer, Question
from core.search.metrics import Place
from core.search.search import Searcher

DEPTH = 24  # how many moments of an answer are looked at


@dataclass(frozen=True, slots=True)
class Report:
    """What a set of questions came to: each measure 0..1, larger is better.

    `intervals` holds for each measure the stretch that holds it with 95 %.
    """

    n_present: int
    n_absent: int
    measures: dict[str, float]
    intervals: dict[str, tuple[float, float]]


def questions_of(rights: Sequence[Right]) -> list[Question]:
    """Turn what people said into questions; several right moments of one query are one."""
    answers: dict[str, list[Answer]] = {}
    for one in rights:
        of_query = answers.setdefault(one.query, [])
        if one.video_id is not None and one.span is not None:
            of_query.append(Answer(one.video_id, one.span))
    return [Question(query, tuple(found)) for query, found in answers.items()]


Refine = Callable[[Moment], Moment]


class Evaluator:
    """Measures one searcher, with one set of wishes, on one library."""

    def __init__(
        self, searcher: Searcher, videos: Sequence[Video], wanted: Wanted | None = None,
        *, refine: Refine | None = None,
    ) -> None:  # fmt: skip
        """Remember what to measure.

        Args:
            searcher: what is asked.
            videos: all of the library, so that labels may name them by id, name or file.
            wanted: what its results should hold.
            refine: gives a moment better edges; used on the first moment of each answer.
        """
        self._searcher = searcher
        self._wanted = replace(wanted or Wanted(), limit=DEPTH)
        self._refine = refine
        self._ids = _names(videos)

    def run(self, questions: Sequence[Question]) -> Report:
        """Ask everything.

        Raises:
            SearchError: a label names a video that the library has not.
        """
        self._check(questions)
        present = [self._present(one) for one in questions if one.answers]
        absent = [self._absent(one) for one in questions if not one.answers]
        return Report(
            len(present),
            len(absent),
            metrics.means(present, metrics.PRESENT) | metrics.means(absent, metrics.ABSENT),
            metrics.intervals(present, metrics.PRESENT) | metrics.intervals(absent, metrics.ABSENT),
        )

    def run_marked(self, rights: Sequence[Right]) -> Report:
        """Ask what people marked answers of; those in videos that are gone are left out.

        Raises:
            SearchError: nothing is left to ask.
        """
        known = [one for one in rights if one.video_id is None or one.video_id in self._ids]
        if not known:
            raise SearchError("Nobody has marked a right answer yet. Search, and mark some.")
        return self.run(questions_of(known))

    def id_of(self, name: str) -> str:
        """Give the id of the video that a label names.

        Raises:
            SearchError: the library has none of that name.
        """
        found = self._known(name)
        if found is None:
            raise SearchError(f"The library has no video {name!r}.")
        return found

    def _known(self, name: str) -> str | None:
        """Give the id; a published label may name a .mov of what has become an .mp4 since."""
        return self._ids.get(name) or self._ids.get(PurePath(name).stem)

    def _present(self, question: Question) -> dict[str, float]:
        right = [Place(self.id_of(one.video), one.span) for one in question.answers]
        moments = list(self._ask(question).moments)
        if self._refine is not None and moments:
            moments[0] = self._refine(moments[0])
        found = [_place(moment) for moment in moments]
        is_kept = any(metrics.shows(one, answer) for one in found for answer in right)
        return metrics.of_question(found, right) | {"present_kept_rate": float(is_kept)}

    def _absent(self, question: Question) -> dict[str, float]:
        return {"absent_empty_rate": float(not self._ask(question).moments)}

    def _ask(self, question: Question) -> SearchResult:
        video_ids = None if question.within is None else [self.id_of(question.within)]
        return self._searcher.search(question.query, video_ids=video_ids, wanted=self._wanted)

    def _check(self, questions: Sequence[Question]) -> None:
        named = {answer.video for one in questions for answer in one.answers}
        named |= {one.within for one in questions if one.within is not None}
        missing = sorted(name for name in named if self._known(name) is None)
        if missing:
            raise SearchError(
                f"The labels name {_which(missing)}, which the library does not have. Add "
                f"{'it' if len(missing) == 1 else 'them'}, or name videos by their id, their name "
                "or their file."
            )


def _which(missing: Sequence[str]) -> str:
    if len(missing) == 1:
        return f"the video {missing[0]!r}"
    return f"{len(missing)} videos, such as {missing[0]!r}"


def _names(videos: Sequence[Video]) -> dict[str, str]:
    """Give the id behind each way to name a video; an id goes before a name."""
    ids: dict[str, str] = {}
    for video in videos:
        for name in (video.name, *([PurePath(video.path).name] if video.path else [])):
            ids.setdefault(name, video.video_id)
            ids.setdefault(PurePath(name).stem, video.video_id)
    return ids | {video.video_id: video.video_id for video in videos}


def _place(moment: Moment) -> Place:
    return Place(moment.video_id, moment.span, moment.best_s)
