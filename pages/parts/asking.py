"""What a search is made of beside its words: what to leave out, what follows, a picture to be like.

Each is a parameter of the address. Draws the fields, and what is asked as pills that go at a click.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import streamlit as st

from core.address import frame_of, from_params, to_params
from core.bootstrap import App
from core.errors import MediaError
from core.model import Video
from core.query import Frame, Query
from pages.parts import messages
from pages.parts.address import OF_QUERY, asked, asked_list, field, is_asked, put
from pages.parts.picture import pasted_picture, taken_picture
from pages.parts.wanted import padding_choice, remembered
from pages.parts.words import clock, markdown, seconds

# The page of a video, and the picture of a moment, as "copy image address" gives it.
_MOMENT = re.compile(r"\bhttps?://\S+?/(?:video\?|api/video/[^\s/?]+/picture\?)\S+")


def query_of_address(videos: Mapping[str, Video]) -> Query:
    """Read the whole query from the address; videos that are gone limit nothing."""
    params = {name: asked(name) for name in OF_QUERY if asked(name)}
    for name in ("from", "to"):
        at_s = seconds(params.get(name, ""))
        params[name] = "" if at_s is None else str(at_s)
    params["video"] = ",".join(one for one in asked_list("video") if one in videos)
    return from_params(params)


def params_of(query: Query) -> dict[str, str]:
    """Give the address of a query, with every other parameter of a search taken away."""
    return dict.fromkeys(OF_QUERY, "") | to_params(query)


def ask(**values: object) -> None:
    """Put into the address what is asked; where nothing was, with what the browser remembers."""
    put(**({} if is_asked() or asked("floor") else remembered()), **values)


def words_box() -> None:
    """Draw the field for the words; the address of a moment in it asks for what is like it."""
    first, _, others = asked("q").partition("\n")

    def take() -> None:
        typed = str(st.session_state["q"] or "")
        frame = _frame_in(typed)
        if frame is not None:
            ask(**to_params(Query(frame=frame)), q="", picture="")
        else:
            ask(q="\n".join(filter(None, (typed.strip(), others))))

    field("q", first)
    st.text_input(
        "What do you remember?",
        key="q",
        on_change=take,
        label_visibility="collapsed",
        placeholder="Describe the moment",
        icon=":material/search:",
        type="search",
    )


def _frame_in(typed: str) -> Frame | None:
    found = _MOMENT.search(typed)
    return None if found is None else frame_of(found[0])


def more_fields(app: App) -> None:
    """Draw the button that opens what else can be asked for."""
    with st.popover("More", icon=":material/tune:", key="more"):
        first, _, others = asked("q").partition("\n")
        field("others", others)
        st.text_area(
            "Or any of these, one in each line",
            key="others",
            height=90,
            placeholder="a red bicycle\na bicycle in the rain",
            on_change=lambda: put(q="\n".join(filter(None, (first, _lines("others"))))),
        )
        st.text_input(
            "But without", key="minus", on_change=field("minus", asked("minus")),
            placeholder="car, snow",
            help="What a moment must not show. A minus before a word, as in `street -car`, does "
            "the same.",
        )  # fmt: skip
        left, right = st.columns([3, 2])
        left.text_input(
            "And then", key="then", on_change=field("then", asked("then")),
            placeholder="somebody opens a door",
        )  # fmt: skip
        within = seconds(asked("within"))
        right.number_input(
            "within seconds", min_value=1.0, step=5.0, key="within", format="%g",
            on_change=field("within", 30.0 if within is None else within),
        )  # fmt: skip
        _picture_field(app)
        padding_choice()


def _lines(name: str) -> str:
    typed = str(st.session_state[name] or "").splitlines()
    return "\n".join(one.strip() for one in typed if one.strip())


def _picture_field(app: App) -> None:
    """Take a picture to be like: dropped, pasted or chosen."""
    _like_picture(app, taken_picture())
    if (asked("picture") or asked("like")) and asked("q"):
        blend = seconds(asked("blend"))
        st.slider(
            "Words or picture", 0.0, 1.0, step=0.1, key="blend", format="percent",
            on_change=field("blend", min(1.0, 0.5 if blend is None else blend)),
            help="What the picture weighs beside the words.",
        )  # fmt: skip


def pasted(app: App) -> None:
    """Take a picture that is pasted, or dropped anywhere on the page."""
    _like_picture(app, pasted_picture())


def _like_picture(app: App, content: bytes | None) -> None:
    if content is None:
        return
    try:
        ask(picture=app.keep_picture(content), like="")
    except MediaError as error:
        messages.say(error)
    else:
        st.rerun()


def pills(query: Query, videos: Mapping[str, Video]) -> None:
    """Draw what is asked beside the words, each with a way to take it back."""
    if query.says_not:
        st.caption('A minus leaves something out: `street -car`, or `street -"a red car"`.')
    said = dict(_said(query, videos))
    if not said:
        return
    with st.container(horizontal=True, gap="small", key="pills"):
        for names, words in said.items():
            st.button(
                words, key=f"pill-{names[0]}", icon=":material/close:", type="tertiary",
                on_click=put, kwargs=dict.fromkeys(names, ""), help="Take this away",
            )  # fmt: skip


def _said(query: Query, videos: Mapping[str, Video]) -> list[tuple[tuple[str, ...], str]]:
    found: list[tuple[tuple[str, ...], str]] = []
    if query.minus:
        found.append((("minus",), f"without {markdown(query.minus)}"))
    if query.then:
        found.append((("then",), f"then {markdown(query.then)} within {query.within_s:g} s"))
    if query.frame is not None:
        video = videos.get(query.frame.video_id)
        name = markdown(video.name) if video else "a video that is gone"
        found.append((("like",), f"like {name} at {clock(query.frame.at_s)}"))
    if query.picture_id is not None:
        found.append((("picture",), "like your picture"))
    if query.liked or query.disliked:
        thumbs = [f"{len(query.liked)} liked"] * bool(query.liked)
        thumbs += [f"{len(query.disliked)} disliked"] * bool(query.disliked)
        found.append((("up", "down"), ", ".join(thumbs)))
    return found
