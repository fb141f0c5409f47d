"""Numbers as people say them."""

import pytest

from pages.parts import words


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0:00"), (7.9, "0:07"), (725, "12:05"), (3909, "1:05:09")]
)
def test_clock(seconds: float, said: str) -> None:
    """Times are cut to the second, hours only where there are some."""
    assert words.clock(seconds) == said


def test_clock_with_tenths() -> None:
    """Tenths are cut as well, never rounded into the next second."""
    assert words.clock(59.97, tenths=True) == "0:59.9"


@pytest.mark.parametrize(
    ("n_bytes", "said"),
    [(0, "0 bytes"), (54_632, "54.6 kB"), (2_911_784, "2.9 MB"), (1_400_000_000, "1.4 GB")],
)
def test_size(n_bytes: int, said: str) -> None:
    """Sizes have decimal units and at most three figures or so."""
    assert words.size(n_bytes) == said


def test_many() -> None:
    """One is singular, thousands are grouped."""
    assert (words.many(1, "video"), words.many(1204, "video")) == ("1 video", "1,204 videos")
