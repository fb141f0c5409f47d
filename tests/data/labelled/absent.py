"""Words for what no drawn video shows: things, people, places, actions, and no words at all."""

from __future__ import annotations

from typing import Final

STRANGE: Final = {
    "tuning": (
        "a dog running on the beach", "a horse", "two people shaking hands", "a birthday cake",
        "a bridge at night", "someone playing the piano", "a bowl of soup", "an aeroplane landing",
        "snow on a mountain", "a child laughing", "a street market", "a bicycle",
        "a waterfall", "a wedding", "hands typing on a keyboard", "a football match",
        "gray elephant", "a bottle of milk", "a fast train", "an old letter",
        "zzkq wplm", "asdf jkl", "hrrmpf", "blorptang vix",
    ),
    "reported-a": (
        "a cat asleep on a sofa", "a man reading a newspaper", "a tunnel", "a cup of coffee",
        "rain on a window", "a crowded station", "a lighthouse", "hands kneading dough",
        "white rabbit", "a slow boat", "a green forest", "a red sports car",
        "a woman in a yellow coat", "a purple dress", "a teacher at a blackboard",
        "a chess board", "fireworks over a river", "a laptop on a desk", "a surfer",
        "a hospital corridor", "qwzx vbnm", "fnord",
    ),
    "reported-b": (
        "a tractor", "a plate of pasta", "someone playing the violin", "a helicopter taking off",
        "a baby crying", "a motorcycle", "a funeral", "a tennis match", "a glass of wine",
        "a torn map", "the blue sea", "an orange cat", "pink flowers in a garden",
        "sheep on a hill", "an ambulance", "a spider", "a door closing", "a tall tower",
        "people dancing", "a candle", "xkcd plugh", "grmbl zzt",
    ),
    "fresh-a": (
        "a penguin", "two boxers in a ring", "a submarine", "a basket of apples", "a barber shop",
        "an owl at dusk", "a woman knitting", "a broken bicycle wheel", "smoke over a factory",
        "a white horse", "a brown bear", "a golden ring on a finger", "the red planet",
        "a child on a swing", "a man climbing a ladder", "a library full of books",
        "a traffic jam", "an open umbrella", "a mouse in the kitchen", "a blue whale",
        "vrrk ploon", "jjqx",
    ),
    "fresh-b": (
        "a camel", "a choir singing", "a hot air balloon", "a bowl of rice", "a dentist",
        "a rowing boat at dawn", "someone cutting hair", "a pile of old tyres",
        "lightning over the sea", "a black panther", "a green apple", "the yellow pages",
        "a silver spoon", "a girl blowing bubbles", "a goalkeeper", "a bakery window",
        "an empty swimming pool", "a guitar on a chair", "a snake in the grass", "a pink flamingo",
        "mzzt arbloo", "kwpf",
    ),
}  # fmt: skip
