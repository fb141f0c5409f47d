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


@pytest.mark.parametrize(
    ("typed", "at_s"),
    [("65", 65), (" 65.5 ", 65.5), ("1:05", 65), ("1:05:09", 3909), ("0", 0)]
    + [(bad, None) for bad in ("", "x", "-3", ":5", "1:2:3:4", "inf", "nan", "1e3", "99999999")]
    + [("9" * 5000 + end, None) for end in ("", ":01", ":01:01")],
)
def test_seconds(typed: str, at_s: float | None) -> None:
    """Times are read as people type them; what is none, or beyond any video, is None."""
    assert words.seconds(typed) == at_s


def test_markdown_leaves_no_markup_and_no_link() -> None:
    """Marks are escaped; what Markdown would link unasked is broken by an unseen character."""
    assert words.markdown("a *b* :red[c]\n<d>") == r"a \*b\* \:red\[c\] \<d\>"
    for link in ("www.example.com", "https://example.com", "me@example.com"):
        said = words.markdown(link).replace("\\", "")
        assert said != link
        assert said.replace("\u2060", "") == link


def test_many() -> None:
    """One is singular, thousands are grouped."""
    assert (words.many(1, "video"), words.many(1204, "video")) == ("1 video", "1,204 videos")
