"""Why a moment was found: how a query is answered all along a video, and what each term did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np

from core.model import Moment
from core.query import FLOOR, Frame, Heat, Query, Reason
from core.search.aiming import Aiming
from core.search.aims import Aim, Blended, Without, Words
from core.search.calibration import Rows
from core.search.judging import MAX_HITS, Judge, Scope
from core.search.level import Figures, strength_of
from core.search.moments import merge
from core.search.prompts import left_out_words

_MOST_PEAKS: Final = 64
_BEHIND: Final = {"minus": 1, "picture": 2}  # of the reasons: after the words


def heat(judge: Judge, aims: Sequence[Aim], video_id: str) -> Heat:
    """Measure every clip of a video by the best of the aims.

    Of a video with more than 4096 clips only the nearest are measured; the others are at 0.
    """
    strengths: dict[tuple[float, float], float] = {}
    peaks: list[tuple[float, float]] = []
    spans = {}
    scope = Scope([video_id])
    for aim in aims:
        found, _ = judge.found(aim, scope, MAX_HITS)
        shown = _strengths(found.measured.similarity, found.measured.deviations)
        for hit, strength in zip(found.hits, shown, strict=True):
            key = (hit.span.start_s, hit.span.end_s)
            spans[key] = hit.span
            strengths[key] = max(float(strength), strengths.get(key, 0.0))
        peaks += [(-float(shown[run.best]), found.hits[run.best].best_s) for run in merge(found)]
    order = sorted(spans)
    best = sorted(peaks)[:_MOST_PEAKS]
    return Heat(
        tuple(spans[key] for key in order),
        tuple(strengths[key] for key in order),
        tuple(sorted({at_s for weakness, at_s in best if -weakness >= FLOOR})),
    )


def _strengths(similarity: Figures, deviations: Figures | None) -> Figures:
    if deviations is not None:
        return strength_of(deviations)
    least, most = similarity.min(initial=1.0), similarity.max(initial=-1.0)
    return np.asarray((similarity - least) / max(1e-6, most - least))


def why(aiming: Aiming, query: Query, moment: Moment) -> tuple[Reason, ...]:
    """Say what each line, word, picture and minus did for the best picture of a moment.

    And, of "A then B", what B did for the picture of the second part.
    """
    row = aiming.row_of(Frame(moment.video_id, moment.best_s))
    aims, said = aiming.aims(query), [line.words for line in query.lines()] or [""]
    reasons = [
        one
        for aim, words in zip(aims, said, strict=True)
        for one in _of_aim(aiming, aim, words, row)
    ]
    then, line = aiming.then(query), query.then_line()
    if then is not None and line is not None and moment.parts:
        second = moment.parts[1]
        after = aiming.row_of(Frame(second.video_id, second.best_s))
        reasons += _of_aim(aiming, then, line.words, after, "then")
    reasons.sort(key=lambda one: _BEHIND.get(one.kind, 0))
    return tuple(dict.fromkeys(reasons))


def tells(query: Query) -> bool:
    """Say whether `why` has more to tell of a query than how sure a moment is."""
    lines, then = query.lines(), query.then_line()
    wholes = [*lines, *([then] if then is not None else [])]
    return (
        len(wholes) + query.has_picture > 1
        or bool(query.left_out())
        or any(one.minus or left_out_words(one.words) for one in wholes)
    )


def _of_aim(
    aiming: Aiming, aim: Aim, words: str, row: Rows, kind: Literal["line", "then"] = "line"
) -> list[Reason]:
    """Take an aim apart, down to what a row is measured by."""
    match aim:
        case Without():
            left_out = [Reason(one.text, "minus", _surely(one, row)) for one in aim.minus]
            return [*_of_aim(aiming, aim.aim, words, row, kind), *left_out]
        case Blended():
            picture = Reason("picture", "picture", _surely(aim.picture, row))
            return [*_of_aim(aiming, aim.words, words, row, kind), picture]
        case Words():
            # Thumbs move a text as a whole; its words share in what they reach by themselves.
            plain = aiming.words(words) if aim.is_moved else aim
            return [Reason(words, kind, _surely(aim, row)), *_words(words, plain, row)]
        case _:
            return [Reason("picture", "picture", _surely(aim, row))]


def _surely(aim: Aim, row: Rows) -> float | None:
    deviations = aim.measure(row[None]).deviations
    return None if deviations is None else float(strength_of(deviations)[0])


def _words(text: str, said: Words, row: Rows) -> list[Reason]:
    """Share out what a text reaches among its words: what it loses without each."""
    names = left_out_words(text)
    if not names:
        return []
    losses = np.maximum(0.0, float(row @ said.query) - said.parts @ row).astype(np.float64)
    shares = losses / (losses.sum() or 1.0)
    return [Reason(name, "word", float(share)) for name, share in zip(names, shares, strict=True)]
