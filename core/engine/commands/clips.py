"""AddClip, FindClip, UpdateClip, DeleteClip: stretches of a video, stored as positions only."""

from __future__ import annotations

from core.engine import answering, finding, kinds, positions
from core.engine.answering import Choice
from core.engine.commands import objects
from core.engine.kinds import FLAG, TEXT
from core.engine.language import ADD, CHOOSE, FIND, UPDATE, Body, command
from core.engine.links import VIDEO_TO_CLIP
from core.engine.transaction import Transaction

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


@command(
    "FindClip",
    {**FIND, **positions.INSIDE, "blobs": FLAG, "video_ref": kinds.REF, "with_label": TEXT},
    writes=False,
    check=lambda body: positions.at_most_one(body, "FindClip"),
)
def find_clip(tx: Transaction, body: Body) -> Body:
    """Find clips."""
    also = [*objects.having(body, "with_label", "_label"), *positions.clips_inside(body)]
    return answering.find(tx, body, Choice(CLIP, also))


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
