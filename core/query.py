"""What a person asks for, as one value: words, pictures, what to leave out, and where to look.

And what there is to say about the answer, beside the moments. Frozen values; searches nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal

from core.errors import SearchError
from core.model import Span

MAX_CHARACTERS: Final = 1000
_MOST_LINES: Final = 8
_DASHES: Final = "-\u2212\u2013"  # as typed, as set in print, as phones make of it
_QUOTES: Final = '"\u201c\u201d\u201e\u00ab\u00bb'  # as typed, and as it is set
_MINUS: Final = re.compile(
    rf"(?:(?<=\s)|^)[{_DASHES}](?:[{_QUOTES}]([^{_QUOTES}]+)[{_QUOTES}]|(?=\w)(\S+))"
)
_SAID_NEGATIVELY: Final = re.compile(
    r"\b(?:without|no|not|except|isn't|aren't|don't|doesn't)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture of the library: what a video shows at an instant."""

    video_id: str
    at_s: float


@dataclass(frozen=True, slots=True)
class Filters:
    """Where to look; all must hold. None and () mean everywhere.

    Attributes:
        video_ids: only in these videos.
        span: only at what shares an instant with this stretch of its video.
        tags: only in videos that have every one of these.
        added_from: only in videos added on this day, by this machine's clock, or later.
        added_until: only in videos added on this day or earlier.
        min_duration_s: only in videos as long as this.
        max_duration_s: only in videos no longer than this.
        min_height_px: only in videos whose picture has as many lines, upright or lying: its short
            side is as long as this.
    """

    video_ids: tuple[str, ...] | None = None
    span: Span | None = None
    tags: tuple[str, ...] = ()
    added_from: date | None = None
    added_until: date | None = None
    min_duration_s: float | None = None
    max_duration_s: float | None = None
    min_height_px: int | None = None

    @property
    def choose_videos(self) -> bool:
        """Say whether anything but the stretch and the ids is filtered by."""
        return self != Filters(video_ids=self.video_ids, span=self.span)


@dataclass(frozen=True, slots=True)
class Line:
    """One of the things that would do: what it should show, and what it should not."""

    words: str
    minus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """Everything that a search is made of.

    Attributes:
        text: what to look for; each line is enough by itself ("any of"). A word with a minus
            before it, or several in quotes, as in `street -car -"a red bus"`, take away from
            their line.
        minus: what none of the lines should show; several things, separated by commas or lines.
        then: what should follow it, within `within_s` after its end, in the same video.
        within_s: see `then`.
        frame: a picture of the library to be like.
        picture_id: a picture that was handed in, by the name it was kept under.
        blend: what a picture weighs beside words, 0..1.
        liked, disliked: frames that move the query towards them and away from them.
        filters: where to look.
    """

    text: str = ""
    minus: str = ""
    then: str = ""
    within_s: float = 30.0
    frame: Frame | None = None
    picture_id: str | None = None
    blend: float = 0.5
    liked: tuple[Frame, ...] = ()
    disliked: tuple[Frame, ...] = ()
    filters: Filters = field(default_factory=Filters)

    def lines(self) -> tuple[Line, ...]:
        """Give the lines of the text, each with what it and the minus box take away.

        Raises:
            SearchError: it is too long, has too many lines, or only takes away.
        """
        return _lines(self.text, self.left_out())

    def left_out(self) -> tuple[str, ...]:
        """Give what the minus box takes away from every line."""
        return tuple(_things(self.minus))

    def then_line(self) -> Line | None:
        """Give what should follow; None: nothing."""
        return next(iter(_lines(self.then, ())), None)

    @property
    def says_not(self) -> bool:
        """Say whether the words deny something, which models hardly read; a minus does."""
        return _SAID_NEGATIVELY.search(_MINUS.sub(" ", self.text)) is not None

    @property
    def has_picture(self) -> bool:
        """Say whether it asks to be like a picture."""
        return self.frame is not None or self.picture_id is not None


FLOOR: Final = 0.5  # of strength: weaker is not shown unless asked for
PER_VIDEO: Final = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a result should hold.

    Attributes:
        limit: how many moments at most.
        floor: the least strength, 0..1; 0 shows everything.
        per_video: how many moments of one video at most; None: all. Within a single video there
            is no such limit.
        padding_s: every moment is widened by this on both sides.
        folds: whether near-duplicates go under the best of them.
    """

    limit: int = 24
    floor: float = FLOOR
    per_video: int | None = PER_VIDEO
    padding_s: float = 0.0
    folds: bool = True


@dataclass(frozen=True, slots=True)
class Heat:
    """How a query is answered all along one video, in the order of time.

    `strengths` has one value for each of `spans`, 0..1; where the library is too small to say how
    sure it is, the similarity between the least and the best of the video. `peaks_s` are the
    instants worth jumping to.
    """

    spans: tuple[Span, ...]
    strengths: tuple[float, ...]
    peaks_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """What one term of a query did for a moment.

    `amount` is for a word its share of what the words reach, 0..1 in all; for a line, what follows,
    a picture and a minus how surely the moment shows it, thumbs included, 0..1; None: the library
    is too small to say.
    """

    term: str
    kind: Literal["line", "word", "then", "picture", "minus"]
    amount: float | None


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search that somebody wants to come back to."""

    saved_id: str
    name: str
    params: dict[str, str]  # of its address
    seen_at: datetime  # when somebody last looked, with time zone


@dataclass(frozen=True, slots=True)
class Right:
    """A right answer to a query, said by a person; without a video: nothing here shows it."""

    query: str
    video_id: str | None
    span: Span | None


def _lines(text: str, minus: tuple[str, ...]) -> tuple[Line, ...]:
    if len(text) > MAX_CHARACTERS:
        raise SearchError(
            f"This has {len(text)} characters, and the model reads a sentence or two. Say it in "
            f"fewer than {MAX_CHARACTERS}."
        )
    found = tuple(_line(one, minus) for one in text.splitlines() if one.strip())
    if len(found) > _MOST_LINES:
        raise SearchError(
            f"These are {len(found)} lines, each a search of its own. Ask for {_MOST_LINES} at "
            "most at once."
        )
    return found


def _line(text: str, minus: tuple[str, ...]) -> Line:
    own = tuple(
        words
        for quoted, word in _MINUS.findall(text)
        if (words := " ".join((quoted or word).split()))
    )
    words = " ".join(_MINUS.sub(" ", text).split())
    if not words:
        raise SearchError(
            f"“{text.strip()}” only says what not to show. Say what to look for, too."
        )
    return Line(words, tuple(dict.fromkeys((*own, *minus))))


def _things(text: str) -> list[str]:
    things = (" ".join(one.split()).lstrip(_DASHES) for one in re.split(r"[,;\n]", text))
    return [one for one in things if one]
