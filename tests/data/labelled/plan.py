"""The labelled set: which videos there are, what each shows when, and what is asked of them.

Drawn by lot from fixed seeds. Libraries that share no video: `tuning`, which `benchmarks.tuning`
chooses the search's figures on, two that are only reported, and two `fresh` ones, planned after
all had been chosen and asked once. README.md says how the set came to be. Knows neither Reelseek
nor any model.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, Literal

from tests.data.labelled.absent import STRANGE
from tests.data.tiny_clip.pictures import BACKGROUNDS, COLOURS, PAIRS, SHAPES

Library = Literal["tuning", "reported-a", "reported-b", "fresh-a", "fresh-b"]
Part = Literal["tuning", "reported", "fresh"]
Edge = Literal["cut", "pop", "grow", "fade", "swap"]
Triple = tuple[str, str, str]  # colour, shape, background

PARTS: Final[dict[Part, tuple[Library, ...]]] = {
    "tuning": ("tuning",), "reported": ("reported-a", "reported-b"),
    "fresh": ("fresh-a", "fresh-b"),
}  # fmt: skip
LIBRARIES: Final[tuple[Library, ...]] = tuple(chain.from_iterable(PARTS.values()))
N_VIDEOS: Final[dict[Library, int]] = {
    "tuning": 16, "reported-a": 14, "reported-b": 14, "fresh-a": 14, "fresh-b": 14,
}  # fmt: skip
N_THINGS: Final = 6  # in each video
N_HELD_OUT: Final = 14  # pairs of colour and shape that no video of a library shows
N_ELSEWHERE: Final = 8  # pairs that a library shows, before a background where it never does
# At its labelled edge a thing that grows or shrinks has half its size, one that fades half its
# opacity; either takes this long.
CHANGE_S: Final = 0.3
# Half-way through a fade a thing's colour is the mean of its own and the background's: orange over
# cyan is green, yellow over gray is olive, and whoever finds a green circle there is not wrong. So
# things fade only before black, where half of a colour is a darker shade of it.
FADES_BEFORE: Final = "black"
INSIDE_A_SHOT: Final[tuple[Edge, ...]] = ("pop", "grow", "fade")
LEAST_S, MOST_S = 1.0, 30.0  # of a thing
SIZES_PX: Final = ((256, 144), (256, 144), (192, 144), (144, 144), (144, 256))
RATES: Final = (10.0, 12.0, 12.5, 15.0)


@dataclass(frozen=True, slots=True)
class Thing:
    """A shape in one colour before one background, seen in [start_s, end_s).

    Edges: at a `cut` the background changes too. Inside a shot it stays: a thing may `pop` up
    or away, `grow` or shrink away, `fade` in or out, or `swap` with the next one.
    """

    colour: str
    shape: str
    background: str
    start_s: float
    end_s: float
    begins: Edge
    ends: Edge

    @property
    def is_within_a_shot(self) -> bool:
        """Whether it begins or ends where there is no cut."""
        return self.begins != "cut" or self.ends != "cut"


@dataclass(frozen=True, slots=True)
class Shot:
    """A stretch of one background."""

    background: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class DrawnVideo:
    """One video of the set."""

    name: str
    library: Library
    size_px: tuple[int, int]
    fps: float
    shots: tuple[Shot, ...]
    things: tuple[Thing, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """Words, and one stretch that shows what they say; no video and no stretch: nothing does."""

    query: str
    video: str | None = None
    start_s: float | None = None
    end_s: float | None = None


@dataclass(slots=True)
class _Reel:
    """A video as it grows; all times on its own grid of frames."""

    lot: random.Random
    fps: float
    now_s: float = 0.0
    shots: list[Shot] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)

    def on_grid_s(self, seconds: float) -> float:
        return max(1, round(seconds * self.fps)) / self.fps

    def shoot(self, background: str, edges: Sequence[tuple[Triple, Edge, Edge]]) -> None:
        """Add a shot that shows these things one after the other."""
        begun_s = self.now_s
        for (colour, shape, _), begins, ends in edges:
            if begins in INSIDE_A_SHOT:
                self.now_s += self.on_grid_s(self.lot.uniform(1.2, 3.5))
            longest = LEAST_S * (MOST_S / LEAST_S) ** self.lot.random()
            end_s = self.now_s + self.on_grid_s(max(LEAST_S + 1 / self.fps, longest))
            thing = Thing(colour, shape, background, self.now_s, end_s, begins, ends)
            self.things.append(thing)
            self.now_s = end_s
        if edges[-1][2] in INSIDE_A_SHOT:
            self.now_s += self.on_grid_s(self.lot.uniform(1.2, 3.5))
        self.shots.append(Shot(background, begun_s, self.now_s))


def held_out(library: Library) -> tuple[tuple[str, str], ...]:
    """List the pairs of colour and shape that no video of this library shows."""
    if library in PARTS["fresh"]:  # there are 48 pairs in all, and the others have used 42 of them
        return tuple(random.Random(f"held out of {library}").sample(PAIRS, N_HELD_OUT))
    first = (*PARTS["tuning"], *PARTS["reported"])
    at = first.index(library) * N_HELD_OUT
    pairs = random.Random("held out").sample(PAIRS, len(first) * N_HELD_OUT)
    return tuple(pairs[at : at + N_HELD_OUT])


def videos(library: Library) -> tuple[DrawnVideo, ...]:
    """Plan the videos: no two things of a library are alike in colour, shape and background."""
    lot = random.Random(f"videos of {library}")
    left = [
        (colour, shape, background)
        for colour, shape in PAIRS
        for background in BACKGROUNDS
        if (colour, shape) not in held_out(library)
    ]
    lot.shuffle(left)
    return tuple(_video(lot, library, number, left) for number in range(N_VIDEOS[library]))


def _video(lot: random.Random, library: Library, number: int, left: list[Triple]) -> DrawnVideo:
    reel = _Reel(lot, lot.choice(RATES))
    for together in _shots_of(lot, _cast(left)):
        reel.shoot(together[0][2], list(_with_edges(lot, together)))
    return DrawnVideo(
        name=f"{library}-{number:02d}",
        library=library,
        size_px=lot.choice(SIZES_PX),
        fps=reel.fps,
        shots=tuple(reel.shots),
        things=tuple(reel.things),
    )


def _cast(left: list[Triple]) -> list[Triple]:
    """Take things out of `left`: each shares its colour or its shape with one before, no pair."""
    cast = [left.pop()]
    while len(cast) < N_THINGS:
        rivals = [
            one
            for one in left
            if any((one[0] == had[0]) != (one[1] == had[1]) for had in cast)
            and all(one[:2] != had[:2] for had in cast)
        ]
        fresh = [one for one in left if all(one[:2] != had[:2] for had in cast)]
        cast.append((rivals or fresh or left)[-1])
        left.remove(cast[-1])
    return cast


def _shots_of(lot: random.Random, cast: list[Triple]) -> list[list[Triple]]:
    """Put some things of one background into one shot; neighbouring shots differ in background."""
    shots: list[list[Triple]] = []
    for one in sorted(cast, key=lambda triple: (triple[2], lot.random())):
        if shots and shots[-1][0][2] == one[2] and len(shots[-1]) < 2 and lot.random() < 0.6:
            shots[-1].append(one)
        else:
            shots.append([one])
    return _apart(lot, shots)


def _apart(lot: random.Random, shots: list[list[Triple]]) -> list[list[Triple]]:
    """Order shots so that backgrounds change; where that cannot be, join two into one shot."""
    lot.shuffle(shots)
    ordered: list[list[Triple]] = []
    while shots:
        last = ordered[-1][0][2] if ordered else ""
        other = next((shot for shot in shots if shot[0][2] != last), shots[0])
        shots.remove(other)
        if other[0][2] == last:
            ordered[-1].extend(other)
        else:
            ordered.append(other)
    return ordered


def _with_edges(
    lot: random.Random, together: Sequence[Triple]
) -> Iterator[tuple[Triple, Edge, Edge]]:
    """Choose how each thing of a shot comes and goes."""
    background = together[0][2]
    begins: Edge = _edge(lot)
    for at, one in enumerate(together):
        is_last = at == len(together) - 1
        ends: Edge = _edge(lot) if is_last else lot.choice(("swap", *INSIDE_A_SHOT))
        if not is_last and ends != "swap":
            following: Edge = lot.choice(INSIDE_A_SHOT)
        else:
            following = "swap"
        yield one, _clear(begins, background), _clear(ends, background)
        begins = following


def _clear(edge: Edge, background: str) -> Edge:
    return "grow" if edge == "fade" and background != FADES_BEFORE else edge


def _edge(lot: random.Random) -> Edge:
    return lot.choices(("cut", *INSIDE_A_SHOT), (0.7, 0.1, 0.1, 0.1))[0]


def labels(library: Library, names: Sequence[str] | None = None) -> tuple[Label, ...]:
    """Ask for all there is in a library, and for what there is not.

    Args:
        library: whose videos.
        names: of these videos alone; what is then absent is still absent.
    """
    shown = [video for video in videos(library) if names is None or video.name in names]
    absent = (*hard(library), *STRANGE[library])
    return (*_present(shown), *(Label(query) for query in absent))


def _present(shown: Sequence[DrawnVideo]) -> Iterator[Label]:
    """Ask for each pair, each pair before its background, and each colour or shape alone."""
    for video in shown:
        for one in video.things:
            for query in (
                f"a {one.colour} {one.shape}",
                f"a {one.colour} {one.shape} on a {one.background} background",
            ):
                yield Label(query, video.name, one.start_s, one.end_s)
    for word in (*COLOURS, *SHAPES):
        query = f"something {word}" if word in COLOURS else f"a {word}"
        for video in shown:
            for one in video.things:
                if word in (one.colour, one.shape):
                    yield Label(query, video.name, one.start_s, one.end_s)


def hard(library: Library) -> tuple[str, ...]:
    """Ask for what is absent and near: each word of it is true of something in the library.

    Pairs that it never shows, and pairs that it does, before a background where it never does.
    """
    never = [f"a {colour} {shape}" for colour, shape in held_out(library)]
    shown = {(one.colour, one.shape, one.background) for v in videos(library) for one in v.things}
    pairs = sorted({(colour, shape) for colour, shape, _ in shown})
    elsewhere = [(*pair, ground) for pair in pairs for ground in BACKGROUNDS]
    chosen = random.Random(f"elsewhere of {library}").sample(
        [one for one in elsewhere if one not in shown], N_ELSEWHERE
    )
    return (*never, *(f"a {one} {two} on a {ground} background" for one, two, ground in chosen))
