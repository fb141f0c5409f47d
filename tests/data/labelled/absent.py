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
    "reported": (
        "a cat asleep on a sofa", "a tractor", "a man reading a newspaper", "a plate of pasta",
        "a tunnel", "someone playing the violin", "a cup of coffee", "a helicopter taking off",
        "rain on a window", "a baby crying", "a crowded station", "a motorcycle",
        "a lighthouse", "a funeral", "hands kneading dough", "a tennis match",
        "white rabbit", "a glass of wine", "a slow boat", "a torn map",
        "a green forest", "the blue sea", "a red sports car", "an orange cat",
        "a woman in a yellow coat", "pink flowers in a garden", "a purple dress",
        "sheep on a hill", "a teacher at a blackboard", "an ambulance", "a chess board",
        "a spider", "fireworks over a river", "a door closing", "a laptop on a desk",
        "a tall tower", "a surfer", "people dancing", "a hospital corridor", "a candle",
        "qwzx vbnm", "xkcd plugh", "fnord", "grmbl zzt",
    ),
}  # fmt: skip
