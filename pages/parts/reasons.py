"""What each term of a query did for a moment, in words: in full, and short enough for a tile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.query import Reason
from pages.parts.words import markdown


@dataclass(frozen=True, slots=True)
class Told:
    """Reasons as plain text; `short` is "" where how sure a moment is says all of it."""

    short: str = ""
    full: str = ""


def told(reasons: Sequence[Reason]) -> Told:
    """Say reasons as text."""
    short = " · ".join(_short(one) for one in _worth_telling(reasons))
    return Told(short, _joined(reasons, term=str, whole=str) if short else "")


def as_markdown(reasons: Sequence[Reason]) -> str:
    """Say reasons in full as Markdown; "" where nothing is known."""
    return _joined(reasons, term=markdown, whole=lambda text: f"**{markdown(text)}**")


def _worth_telling(reasons: Sequence[Reason]) -> list[Reason]:
    """Leave out what the strength says by itself: how sure a moment is of the only thing asked for.

    Of several things it is told of each, and not of their words; of lines of which any would do
    the surest first, and none that is not shown at all.
    """
    known = [one for one in reasons if one.amount is not None]
    lines = sorted((one for one in known if one.kind == "line"), key=_falling)
    shown = [one for one in lines if one is lines[0] or round(100 * (one.amount or 0))]
    others = [one for one in known if one.kind in ("then", "picture")]
    words = [one for one in known if one.kind == "word"]
    left_out = [one for one in known if one.kind == "minus"]
    if len(lines) + len(others) > 1:
        return [*shown, *others, *left_out]
    return [*(words if any(one.amount for one in words) else []), *left_out]


def _falling(reason: Reason) -> float:
    return -(reason.amount or 0.0)


def _short(reason: Reason) -> str:
    term = {
        "then": f"then {reason.term}",
        "minus": f"without {reason.term}",
        "picture": "the picture",
    }.get(reason.kind, reason.term)
    return f"{term} {reason.amount:.0%}"


def _joined(
    reasons: Sequence[Reason], *, term: Callable[[str], str], whole: Callable[[str], str]
) -> str:
    said = [_in_full(one, term, whole) for one in reasons if one.amount is not None]
    return " · ".join(said)


def _in_full(reason: Reason, term: Callable[[str], str], whole: Callable[[str], str]) -> str:
    match reason.kind:
        case "word":
            return f"{term(reason.term)} {reason.amount:.0%}"
        case "then":
            return f"then {whole(reason.term)} {reason.amount:.0%}"
        case "minus":
            return f"without {term(reason.term)}: shows it {reason.amount:.0%}"
        case "picture":
            return f"like the picture {reason.amount:.0%}"
        case _:
            return f"{whole(reason.term)} {reason.amount:.0%}"
