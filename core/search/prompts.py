"""Words that a query is compared with: those that say nothing, everyday ones, impossible ones.

And a query without one of its words. Plain lists; knows no model.
"""

from __future__ import annotations

import re
from typing import Final

# Say nothing about what is to be seen: who fits no better than these fits nothing.
NEUTRAL: Final = (
    "a photo", "a picture", "an image", "a video", "a frame of a video", "something", "nothing",
    "a blurry image", "a dark image", "a bright image", "a scene", "footage", "a screenshot",
    "an object", "a background", "a close-up",
)  # fmt: skip

# What films are full of: how a picture answers to these says how it answers to words at all.
EVERYDAY: Final = (
    "a person", "a face", "a crowd of people", "a child", "a dog", "a bird", "a fish", "a car",
    "a truck", "a boat", "a house", "a building", "a street", "a room", "a kitchen", "a bed",
    "a table", "a chair", "a window", "a tree", "a flower", "grass", "a field", "a forest",
    "a mountain", "a beach", "the sky", "clouds", "the sun", "the moon", "water", "rain", "fire",
    "smoke", "a road", "a wall", "food", "fruit", "bread", "a drink", "a phone", "a book",
    "a screen with text", "a sign", "a map", "a machine", "a tool", "a toy", "clothes", "a shoe",
    "a hat", "a hand", "an animal", "an insect", "a ball", "a game", "a concert", "an office",
    "a shop", "a stadium", "a hospital", "a school", "a church", "a garden",
)  # fmt: skip

# What no film shows, though half of it may well be there: what these reach, a wrong query reaches.
# Of three kinds, as people ask: a thing in a colour that it never has (each of the eleven
# basic colour terms of English twice), with another property, and at something it never does.
IMPOSSIBLE: Final = (
    "a green dog", "a purple horse", "a blue cow", "a pink elephant", "a red owl",
    "a yellow shark", "an orange frog", "a white banana", "a black carrot", "a gray strawberry",
    "a brown moon", "a purple river", "a green piano", "a blue loaf of bread", "a pink lion",
    "a yellow wolf", "a red penguin", "an orange whale", "a white tomato", "a black lemon",
    "a gray flamingo", "a brown cucumber",
    "a wooden shark", "a glass camel", "a paper tiger", "a golden potato", "a transparent pig",
    "a burning penguin", "a knitted volcano", "a furry airplane", "a liquid staircase",
    "a feathered laptop", "an underwater campfire", "a flying refrigerator", "a striped pumpkin",
    "a chocolate bridge", "a rubber cathedral", "a stone butterfly", "a melted bicycle",
    "a hairy spoon", "a woollen knife", "an inflatable anvil", "a velvet crocodile",
    "a penguin driving a bus", "a piano on the moon", "two sharks playing chess",
    "a giraffe riding a bicycle", "a cow reading a newspaper", "a whale in a bathtub",
    "an octopus in an office chair", "a camel on an escalator", "a snowman in the desert",
    "a dinosaur at a petrol station", "a horse brushing its teeth",
    "a crocodile in a wedding dress", "a lion behind a cash register",
    "a mermaid in a supermarket", "an elephant on a tightrope", "a pig flying a helicopter",
    "a fish climbing a tree", "a robot milking a goat", "a bear knitting a scarf",
    "a teapot walking on its legs", "a ship sailing through a library",
)  # fmt: skip

# Words that hold a sentence together; taking one away changes nothing that can be seen.
_LITTLE_WORDS = (
    "a an the this that these those some any one of in on at to by for from with without into "
    "onto over under up down and or but as is are was were be being been it its his her their "
    "he she they we i you my your our there here who which what where while when "
    "someone somebody something anything thing things"
)
_LITTLE: Final = frozenset(_LITTLE_WORDS.split())
_MOST_PARTS = 4  # each costs a pass through the model


def without_each_word(text: str) -> list[str]:
    """Give the query without one of its words, for each that carries meaning.

    Empty where only one word does. Of a long query, the words that are left out are spread over it.
    """
    words = text.split()
    return [" ".join(words[:at] + words[at + 1 :]) for at in _meant(words)]


def left_out_words(text: str) -> list[str]:
    """Give the words that `without_each_word` leaves out, in the same order."""
    words = text.split()
    return [words[at] for at in _meant(words)]


def _meant(words: list[str]) -> list[int]:
    meant = [at for at, word in enumerate(words) if not _is_little(word)]
    if len(meant) < 2:
        return []
    if len(meant) > _MOST_PARTS:
        step = (len(meant) - 1) / (_MOST_PARTS - 1)
        meant = [meant[round(n * step)] for n in range(_MOST_PARTS)]
    return meant


def _is_little(word: str) -> bool:
    bare = re.sub(r"[^\w]", "", word.lower())
    return not bare or bare in _LITTLE
