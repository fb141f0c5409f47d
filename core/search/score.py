"""Turns a similarity into the figure that people see; pure, and the one place that does."""

from __future__ import annotations


def score(similarity: float) -> float:
    """Give a score of 0..1, larger is better, for a cosine of -1..1.

    The cosine itself, cut at 0: an honest figure to rank by and no probability. CLIP's cosines
    between words and pictures lie close together, for its published models around 0.2 to 0.35.
    """
    return min(1.0, max(0.0, similarity))
