"""Bounding boxes and polygons, of which the embedded engine has none.

The official client counts and clears them beside everything else (Utils.remove_all_objects).
"""

from __future__ import annotations

from core.engine import answering, finding
from core.engine.answering import Choice
from core.engine.commands import objects
from core.engine.kinds import FLAG
from core.engine.language import CHOOSE, FIND, Body, command
from core.engine.transaction import Transaction

BOX = "_BoundingBox"
POLYGON = "_Polygon"


@command("FindBoundingBox", {**FIND, "blobs": FLAG}, writes=False)
def find_bounding_box(tx: Transaction, body: Body) -> Body:
    """Find none."""
    return answering.find(tx, body, Choice(BOX))


@command("DeleteBoundingBox", CHOOSE, writes=True)
def delete_bounding_box(tx: Transaction, body: Body) -> Body:
    """Delete none."""
    return objects.delete(tx, body, finding.chosen(tx, body, BOX, place="DeleteBoundingBox"))


@command("DeletePolygon", CHOOSE, writes=True)
def delete_polygon(tx: Transaction, body: Body) -> Body:
    """Delete none."""
    return objects.delete(tx, body, finding.chosen(tx, body, POLYGON, place="DeletePolygon"))
