"""A query in an address: nothing is lost, and nothing in an address is an error."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.address import frame_of, from_params, to_params
from core.model import Span
from core.query import Filters, Frame, Query

SECONDS = st.integers(0, 10**9).map(lambda us: us / 1000)
IDS = st.text("abcdef0123456789.", min_size=1, max_size=8)
FRAMES = st.lists(st.builds(Frame, IDS, SECONDS), max_size=3, unique=True).map(tuple)
SPANS = st.tuples(SECONDS, SECONDS).filter(lambda one: one[0] < one[1]).map(lambda one: Span(*one))
DAYS = st.dates(date(1970, 1, 1), date(2100, 1, 1))
FILTERS = st.builds(
    Filters,
    video_ids=st.none() | st.lists(IDS, min_size=1, max_size=3, unique=True).map(tuple),
    span=st.none() | SPANS,
    tags=st.lists(st.sampled_from(["beach", "family & friends", "2024"]), unique=True).map(tuple),
    added_from=st.none() | DAYS, added_until=st.none() | DAYS,
    min_duration_s=st.none() | SECONDS, max_duration_s=st.none() | SECONDS,
    min_height_px=st.none() | st.integers(1, 9999),
)  # fmt: skip
QUERIES = st.builds(
    Query,
    text=st.text(), minus=st.text(), then=st.text(), within_s=SECONDS.filter(bool),
    frame=st.none() | st.builds(Frame, IDS, SECONDS),
    picture_id=st.none() | st.text("0123456789abcdef", min_size=32, max_size=32),
    blend=st.integers(0, 100).map(lambda n: n / 100),
    liked=FRAMES, disliked=FRAMES, filters=FILTERS,
)  # fmt: skip


@given(QUERIES)
def test_an_address_holds_the_whole_search(query: Query) -> None:
    """Written and read back, every query is the same, and only what was said is in the address."""
    params = to_params(query)
    assert from_params(params) == query
    assert all(params.values())


def test_the_address_of_words_is_the_words() -> None:
    """What most people send each other stays short and readable."""
    assert to_params(Query("a red car")) == {"q": "a red car"}
    assert to_params(Query()) == {}


@given(
    st.dictionaries(
        st.sampled_from(["q", "like", "up", "from", "to", "since", "longer", "height", "blend"]),
        st.text()
        | st.sampled_from(["-1", "nan", "inf", "1e999", "@", "a@b", "@3", ",,", "2020-13-1"]),
    )
)
def test_nothing_in_an_address_is_an_error(params: dict[str, str]) -> None:
    """Whatever somebody typed there: what makes no sense counts as not said."""
    query = from_params(params)
    assert from_params(to_params(query)) == query


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc@4.5", Frame("abc", 4.5)),
        ("5.6863.224520@0", Frame("5.6863.224520", 0.0)),
        ("http://127.0.0.1:8501/video?id=abc&t=4.5&q=red", Frame("abc", 4.5)),
        (" https://films.example/app/video?id=abc ", Frame("abc", 0.0)),
        (
            "http://127.0.0.1:8501/api/video/5.68%2E2/picture?t=33.366667",
            Frame("5.68.2", 33.366667),
        ),
        ("http://127.0.0.1:8501/search?q=red", None),
        ("http://[", None),
        ("abc", None),
        ("abc@soon", None),
        ("", None),
    ],
)
def test_a_frame_is_named_by_its_second_or_by_an_address(text: str, expected: Frame | None) -> None:
    """As a moment's id, or as what a browser copies: the page of a video, or a picture."""
    assert frame_of(text) == expected


@given(st.text())
def test_no_name_of_a_frame_is_an_error(text: str) -> None:
    """Whatever somebody typed."""
    frame_of(text)
    frame_of(f"http://{text}")
