"""AddClip, FindClip, UpdateClip, DeleteClip: stretches of a video, stored as positions only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.engine import answering, finding, footage, kinds, operations, positions
from core.engine.answering import Choice, Shape
from core.engine.commands import objects
from core.engine.finding import Row
from core.engine.kinds import FLAG, TEXT
from core.engine.language import ADD, CHOOSE, FIND, UPDATE, Body, command
from core.engine.links import VIDEO_TO_CLIP
from core.engine.operations import CODEC, CONTAINER, VIDEO_OPERATIONS
from core.engine.transaction import MOST_ANSWER_BYTES, Transaction

CLIP = "_Clip"


@command(
    "AddClip",
    {**ADD, **positions.RANGES, "video_ref": kinds.REF, "label": TEXT},
    required=("video_ref",),
    writes=True,
    check=lambda body: positions.of_clip(body, "AddClip"),
)
def add_clip(tx: Transaction, body: Body) -> Body:
    """Add a stretch of exactly one video."""
    system = positions.of_clip(body, "AddClip") | objects.label(body)
    return objects.add_to_video(tx, body, CLIP, VIDEO_TO_CLIP, system)


def _check(body: Body) -> None:
    positions.at_most_one(body, "FindClip")
    operations.check_form(body, "FindClip", codec="as_codec", container="as_container")


@command(
    "FindClip",
    {
        **FIND, **positions.INSIDE, "blobs": FLAG, "video_ref": kinds.REF, "with_label": TEXT,
        "as_codec": CODEC, "as_container": CONTAINER, "operations": VIDEO_OPERATIONS,
        "fast_cut": FLAG,
    },
    writes=False,
    check=_check,
)  # fmt: skip
def find_clip(tx: Transaction, body: Body) -> Body:
    """Find clips; their bytes are cut out of the video, exactly or fast at key frames."""
    also = [*objects.having(body, "with_label", "_label"), *positions.clips_inside(body)]
    shape = Shape(blobs_of=lambda rows: _cut(tx, body, rows), is_sliced=True)
    return answering.find(tx, body, Choice(CLIP, also), shape)


def _cut(tx: Transaction, body: Body, found: Sequence[Row]) -> Iterator[bytes]:
    known = footage.of_rows(tx, found, VIDEO_TO_CLIP)
    for row in found:
        of = known[row.id]
        first, n = footage.clip_span(tx, of, row.properties)
        edit = operations.edit(
            body, codec="as_codec", container="as_container", first_frame=first, n_frames=n
        )
        assert edit is not None  # noqa: S101 - it has a length
        made = tx.workshop.render(of.path, edit, max_bytes=MOST_ANSWER_BYTES + 1)
        tx.make_room(made.stat().st_size)
        yield made.read_bytes()


@command("UpdateClip", {**UPDATE, **positions.RANGES, "label": TEXT}, writes=True)
def update_clip(tx: Transaction, body: Body) -> Body:
    """Change properties, label or range of clips."""
    system = objects.label(body)
    if positions.given(body, after="_range"):
        system |= positions.of_clip(body, "UpdateClip")
    chosen = finding.chosen(tx, body, CLIP, place="UpdateClip")
    return objects.update(tx, body, chosen, change=lambda p: positions.replace(p, system))


@command("DeleteClip", CHOOSE, writes=True)
def delete_clip(tx: Transaction, body: Body) -> Body:
    """Delete clips and their connections."""
    return objects.delete(tx, body, finding.chosen(tx, body, CLIP, place="DeleteClip"))
