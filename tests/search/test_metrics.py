"""The measures, on cases that a person can count."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import SearchError
from core.model import Span
from core.search import metrics
from core.search.labels import Answer, Question, read_labels
from core.search.metrics import Place


def place(start_s: float, end_s: float, video: str = "a", best_s: float | None = None) -> Place:
    return Place(video, Span(start_s, end_s), best_s)


def test_overlap_is_shared_over_joined() -> None:
    """Of [0, 4) and [2, 8), two seconds are shared and eight joined."""
    assert metrics.overlap(Span(0, 4), Span(2, 8)) == 0.25
    assert metrics.overlap(Span(0, 1), Span(2, 3)) == 0
    assert metrics.overlap(Span(1, 3), Span(1, 3)) == 1


def test_a_right_answer_at_the_third_place_counts_from_five_on() -> None:
    """Recall looks at the first k; overlap and precision at the places themselves."""
    right = [place(10, 20)]
    found = [place(0, 5, best_s=1), place(10, 20, "b", 12), place(10, 20, best_s=15)]
    got = metrics.of_question(found, right)
    assert (got["recall_at_1"], got["recall_at_5"], got["recall_at_10"]) == (0, 1, 1)
    assert (got["miou"], got["recall_at_1_iou_50"]) == (0, 0)
    assert got["map"] == pytest.approx(1 / 3)


def test_precision_counts_each_answer_once() -> None:
    """Two hits on one answer are one right and one wrong; the other answer was never found."""
    right = [place(0, 10), place(50, 60)]
    found = [place(0, 10), place(0, 9)]
    assert metrics.average_precision(found, right, 0.5) == 0.5
    assert metrics.average_precision([], right, 0.5) == 0


def test_a_rise_of_precision_further_down_counts() -> None:
    """Right at the second and third place: the precision there, 2/3, holds for both."""
    right = [place(0, 10), place(50, 60)]
    found = [place(20, 30), place(0, 10), place(50, 60)]
    assert metrics.average_precision(found, right, 0.5) == pytest.approx(2 / 3)


def test_the_eleventh_moment_is_not_looked_at() -> None:
    """Right at the tenth place is 1/10, at the eleventh nothing, as QVHighlights has it."""
    wrong = [place(100 + at, 101 + at) for at in range(10)]
    assert metrics.average_precision([*wrong[:9], place(0, 10)], [place(0, 10)], 0.5) == 0.1
    assert metrics.average_precision([*wrong, place(0, 10)], [place(0, 10)], 0.5) == 0


STRETCHES = st.builds(
    lambda start_s, length_s: place(start_s, start_s + length_s),
    st.integers(0, 12), st.integers(1, 8),
)  # fmt: skip


@given(st.lists(STRETCHES, max_size=14), st.lists(STRETCHES, min_size=1, max_size=5))
def test_precision_is_that_of_the_published_evaluation(
    found: list[Place], right: list[Place]
) -> None:
    """What QVHighlights' evaluation does, step by step as it does it: the same figures."""
    for least in (0.5, 0.7, 0.95):
        got = metrics.average_precision(found, right, least)
        assert got == pytest.approx(as_published(found, right, least))


def as_published(found: list[Place], right: list[Place], least: float) -> float:
    """Area under the interpolated curve of precision over recall, as the evaluation of 2021."""
    is_taken = [False] * len(right)
    is_right = []
    for one in found[:10]:
        overlaps = [metrics.overlap(one.span, other.span) for other in right]
        order = sorted(range(len(right)), key=lambda at: (overlaps[at], at), reverse=True)
        free = [at for at in order if overlaps[at] >= least and not is_taken[at]]
        is_right.append(bool(free))
        if free:
            is_taken[free[0]] = True
    n_right = [sum(is_right[: at + 1]) for at in range(len(is_right))]
    precision = [0.0, *(n / at for at, n in enumerate(n_right, start=1)), 0.0]
    recall = [0.0, *(n / len(right) for n in n_right), 1.0]
    for at in range(len(precision) - 2, -1, -1):
        precision[at] = max(precision[at], precision[at + 1])
    steps = range(1, len(recall))
    return sum((recall[at] - recall[at - 1]) * precision[at] for at in steps)


def test_nothing_found_is_all_wrong() -> None:
    """An empty answer to what is there counts as zero everywhere."""
    assert set(metrics.of_question([], [place(0, 1)]).values()) == {0.0}


def test_an_interval_holds_the_mean_and_narrows_with_the_number() -> None:
    """The bootstrap of many equal halves lies around one half; of one value it is that value."""
    few = metrics.intervals([{"x": 0.0}, {"x": 1.0}] * 5, ["x"])["x"]
    many = metrics.intervals([{"x": 0.0}, {"x": 1.0}] * 500, ["x"])["x"]
    assert few[0] < many[0] < 0.5 < many[1] < few[1]
    assert metrics.intervals([{"x": 0.3}], ["x"])["x"] == pytest.approx((0.3, 0.3))


def test_a_table_joins_rows_of_one_query_and_knows_what_is_absent(tmp_path: Path) -> None:
    """Two stretches for a dog, none for a cat."""
    path = tmp_path / "labels.csv"
    path.write_text("query,video,start_s,end_s\na dog,v,1,2\na cat,,,\na dog,w,3,4.5\n")
    assert read_labels(path) == [
        Question("a dog", (Answer("v", Span(1, 2)), Answer("w", Span(3, 4.5)))),
        Question("a cat", ()),
    ]


def test_the_published_sets_are_read_as_they_come(tmp_path: Path) -> None:
    """QVHighlights has JSON lines in seconds, DiDeMo a list in chunks of five seconds."""
    lines = tmp_path / "val.jsonl"
    lines.write_text(
        '{"qid": 2579, "query": "A girl and her mother cooked while talking.", "duration": 150,'
        ' "vid": "NUsG9BgSes0_210.0_360.0", "relevant_clip_ids": [41, 42, 43, 44],'
        ' "saliency_scores": [[3, 3, 4], [4, 3, 4], [2, 3, 3], [4, 4, 4]],'
        ' "relevant_windows": [[82, 150], [0, 8]]}\n\n'
    )
    vid = "NUsG9BgSes0_210.0_360.0"
    answers = (Answer(vid, Span(82, 150)), Answer(vid, Span(0, 8)))
    asked = Question("A girl and her mother cooked while talking.", answers, within=vid)
    assert read_labels(lines) == [asked]
    listed = tmp_path / "test.json"
    listed.write_text(
        '[{"annotation_id": 1, "description": "a dog runs", "num_segments": 6,'
        ' "dl_link": "https://example.org/d", "video": "12090392@N02_13482799053_87.mov",'
        ' "times": [[0, 0], [0, 1], [0, 0], [0, 0]], "split": "test"}]'
    )
    video = "12090392@N02_13482799053_87.mov"
    answers = (Answer(video, Span(0, 5)), Answer(video, Span(0, 10)))
    assert read_labels(listed) == [Question("a dog runs", answers, within=video)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("query,video\na,b\n", "make no sense"),
        ("query,video,start_s,end_s\na,b,5,3\n", "no stretch"),
        ("query,video,start_s,end_s\n", "ask nothing"),
        ("[{}]", "make no sense"),
        ("{not json", "make no sense"),
    ],
)
def test_labels_that_make_no_sense_say_why(tmp_path: Path, text: str, words: str) -> None:
    """With the file, the line and what to write instead."""
    path = tmp_path / "labels.csv"
    path.write_text(text)
    with pytest.raises(SearchError, match=words):
        read_labels(path)
