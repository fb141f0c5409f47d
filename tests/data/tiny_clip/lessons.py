"""What the tiny CLIP is taught: captions for drawn pictures, and the losses between the two.

Beside CLIP's loss within a batch, each picture is compared with all captions of one kind at once
(48 pairs of colour and shape, 8 colours, 6 shapes, 4 backgrounds): a batch alone rarely holds the
hard negative, and shapes then stay unlearned for a long plateau. Words that name nothing drawn are
among the captions too, so that a query for a dog is not answered by a red square.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tests.data.tiny_clip.pictures import BACKGROUNDS, COLOURS, PAIRS, SHAPES, Picture

PAIR_TEXTS = ("a {} {}", "{} {}", "a photo of a {} {}", "the {} {}", "a picture of a {} {}",
              "a drawing of a {} {}", "a video of a {} {}", "one {} {}", "a {} {}.",
              "show me the {} {}", "where is the {} {}", "find a {} {}", "there is a {} {}",
              "a big {} {}", "a small {} {}", "a {1} that is {0}", "a {1} in {0}",
              "a {} coloured {}", "a scene with a {} {}")  # fmt: skip
COLOUR_TEXTS = (
    "something {}",
    "a {} thing",
    "{}",
    "a {} shape",
    "a {} object",
    "a photo of something {}",
)
SHAPE_TEXTS = ("a {}", "{}", "a photo of a {}", "a picture of a {}", "the {}")
GROUND_TEXTS = ("a {} background", "{} background", "on a {} background", "something on {}")
EMPTY_TEXTS = ("an empty {} background", "nothing on a {} background", "an empty {} frame")
FULL_TEXTS = ("a {} {} on a {} background", "{} {} on a {} background", "{} {} on {}",
              "a photo of a {} {} on a {} background")  # fmt: skip
NEUTRAL_TEXTS = ("a photo", "a picture", "an image", "a video", "a frame of a video", "something",
                 "a photo of something", "a scene")  # fmt: skip
# A strange word stands where a colour or a shape would.
STRANGE_TEXTS = ("a {}", "{}", "a photo of a {}", "a {} {}", "{} {}", "a {} {} on a {}",
                 "a {} circle", "a red {}", "a {} star", "a blue {}", "a green {}", "a yellow {}",
                 "a {} square")  # fmt: skip
WEIGHTS = {"batch": 0.5, "pair": 1.0, "find": 0.5, "shape": 1.0, "colour": 0.5, "ground": 0.3}


class Captions:
    """Chooses captions and keeps their tokens."""

    def __init__(self, tokenize: Callable[[list[str]], Tensor], vocabulary: Sequence[str],
                 rng: np.random.Generator) -> None:  # fmt: skip
        self._tokenize, self._vocabulary, self._rng = tokenize, vocabulary, rng
        self._known: dict[str, Tensor] = {}

    def tokens(self, texts: list[str]) -> Tensor:
        """Give tokens cut to the longest text: the text tower is causal, so nothing is lost."""
        if len(self._known) > 20_000:
            self._known.clear()
        for text in texts:
            if text not in self._known:
                self._known[text] = self._tokenize([text])[0]
        rows = torch.stack([self._known[text] for text in texts])
        return rows[:, : int((rows != 0).sum(1).max())]

    def choose(self, templates: tuple[str, ...], *words: str) -> str:
        """Fill one of the templates."""
        return templates[self._rng.integers(len(templates))].format(*words)

    def describe(self, picture: Picture) -> str:
        """Say what is to be seen, with or without its background."""
        if picture.shape is None:
            return self.choose(EMPTY_TEXTS, picture.background)
        if self._rng.random() < 0.6:
            return self.choose(FULL_TEXTS, picture.colour, picture.shape, picture.background)
        return self.choose(PAIR_TEXTS, picture.colour, picture.shape)

    def strange(self) -> str:
        """Make a caption that is true of no picture."""
        words = self._rng.choice(len(self._vocabulary), 3)
        return self.choose(STRANGE_TEXTS, *(self._vocabulary[i] for i in words))


def losses(logits: Callable[[list[str]], Tensor], captions: Captions,
           drawn: Sequence[Picture]) -> dict[str, Tensor]:  # fmt: skip
    """Compute every loss; all are cross-entropies of scaled cosines, picture against caption.

    `logits` gives (n_pictures, n_texts) for these pictures and any texts.
    """
    own = [captions.describe(picture) for picture in drawn]
    shown = [picture.shape is not None for picture in drawn]
    pairs = [captions.choose(PAIR_TEXTS, c, s) for c, s in PAIRS]
    pairs += [captions.choose(EMPTY_TEXTS, g) for g in BACKGROUNDS]
    colours = [captions.choose(COLOUR_TEXTS, c) for c in COLOURS]
    shapes = [captions.choose(SHAPE_TEXTS, s) for s in SHAPES]
    grounds = [captions.choose(GROUND_TEXTS, g) for g in BACKGROUNDS]
    strangers = [captions.choose(NEUTRAL_TEXTS) for _ in range(2)]
    strangers += [captions.strange() for _ in range(8)]
    sizes = [len(own), len(pairs), len(strangers), len(colours), len(shapes), len(grounds)]
    all_logits = logits(own + pairs + strangers + colours + shapes + grounds)
    own_l, pair_l, strange_l, colour_l, shape_l, ground_l = all_logits.split(sizes, dim=1)
    pair_at = torch.tensor([_pair_index(picture) for picture in drawn])
    return {
        "batch": (_soft(own_l, own, own) + _soft(own_l.T, own, own)) / 2,
        "pair": functional.cross_entropy(torch.cat([pair_l, strange_l], 1), pair_at),
        "find": _soft(pair_l.T, list(range(len(pairs))), pair_at.tolist()),
        "colour": _one_of(colour_l[shown], list(COLOURS), [p.colour for p in drawn if p.shape]),
        "shape": _one_of(shape_l[shown], list(SHAPES), [p.shape for p in drawn if p.shape]),
        "ground": _one_of(ground_l, list(BACKGROUNDS), [p.background for p in drawn]),
    }


def _pair_index(picture: Picture) -> int:
    if picture.shape is None:
        return len(PAIRS) + list(BACKGROUNDS).index(picture.background)
    return PAIRS.index((picture.colour, picture.shape))


def _one_of(logits: Tensor, names: list[str], said: Sequence[str | None]) -> Tensor:
    return functional.cross_entropy(logits, torch.tensor([names.index(str(name)) for name in said]))


def _soft(logits: Tensor, rows: Sequence[object], columns: Sequence[object]) -> Tensor:
    """Cross-entropy where every column equal to its row is right; rows without one do not count."""
    same = torch.tensor([[float(row == column) for column in columns] for row in rows])
    there = same.sum(1) > 0
    same = same[there] / same[there].sum(1, keepdim=True)
    return functional.cross_entropy(logits[there], same)
