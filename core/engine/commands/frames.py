"""AddFrame, FindFrame, UpdateFrame, DeleteFrame: single pictures of a video, stored as positions.

A time or a fraction is stored as it is given; the picture is the last one that began by then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.engine import answering, finding, footage, kinds, positions
from core.engine.answering import Choice, Shape
from core.engine.commands import extracting, objects
from core.engine.finding import Row
from core.engine.footage import Footage
from core.engine.kinds import FLAG, LIST, TEXT
from core.engine.language import ADD, CHOOSE, FIND, UPDATE, Body, command
from core.engine.links import VIDEO_TO_FRAME
from core.engine.operations import FORMAT, IMAGE_OPERATIONS
from core.engine.transaction import Transaction

FRAME = "_Frame"


@command(
    "AddFrame",
    {**ADD, **positions.POINTS, "video_ref": kinds.REF, "label": TEXT},
    required=("video_ref",),
    writes=True,
    check=lambda body: positions.of_frame(body, "AddFrame"),
)
def add_frame(tx: Transaction, body: Body) -> Body:
    """Add a picture of exactly one video; a label that is not given reads "None" (recorded)."""
    system = positions.of_frame(body, "AddFrame") | {"_label": "None"} | objects.label(body)
    return objects.add_to_video(tx, body, FRAME, VIDEO_TO_FRAME, system)


@command(
    "FindFrame",
    {
        **FIND, **positions.INSIDE, **positions.LISTS,
        "blobs": FLAG, "video_ref": kinds.REF, "with_label": TEXT, "labels": LIST,
        "as_format": FORMAT, "operations": IMAGE_OPERATIONS,
    },
    writes=False,
    check=lambda body: positions.at_most_one(body, "FindFrame"),
)  # fmt: skip
def find_frame(tx: Transaction, body: Body) -> Body:
    """Find frames by where they are, by label, and by all that any Find has."""
    also = [
        *objects.having(body, "with_label", "_label"),
        *objects.having_one_of(body, "labels", "_label"),
        *positions.frames_inside(body),
        *positions.frames_at(body),
    ]
    shape = Shape(blobs_of=lambda rows: _pictures(tx, body, rows))
    return answering.find(tx, body, Choice(FRAME, also), shape)


def _pictures(tx: Transaction, body: Body, found: Sequence[Row]) -> Iterator[bytes]:
    """Decode each video once, whatever the order of its frames."""
    known = footage.of_rows(tx, found, VIDEO_TO_FRAME)
    numbers: dict[int, int] = {}
    made: dict[tuple[Footage, int], bytes] = {}
    for of in set(known.values()):
        rows = [row for row in found if known[row.id] == of]
        wanted = footage.frame_numbers(tx, of, rows)
        numbers |= dict(zip((row.id for row in rows), wanted, strict=True))
        made |= {(of, n): blob for n, blob in extracting.encoded(tx, body, of, wanted)}
    return (made[known[row.id], numbers[row.id]] for row in found)


@command("UpdateFrame", {**UPDATE, **positions.POINTS, "label": TEXT}, writes=True)
def update_frame(tx: Transaction, body: Body) -> Body:
    """Change properties, label or position of frames."""
    system = objects.label(body)
    if positions.given(body):
        system |= positions.of_frame(body, "UpdateFrame")
    chosen = finding.chosen(tx, body, FRAME, place="UpdateFrame")
    return objects.update(tx, body, chosen, change=lambda p: positions.replace(p, system))


@command("DeleteFrame", CHOOSE, writes=True)
def delete_frame(tx: Transaction, body: Body) -> Body:
    """Delete frames and their connections."""
    return objects.delete(tx, body, finding.chosen(tx, body, FRAME, place="DeleteFrame"))
