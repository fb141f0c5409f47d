"""AddConnection, FindConnection, UpdateConnection, DeleteConnection.

The system's own links are no business of these commands: they come and go with their objects.
"""

from __future__ import annotations

from core.engine import answering, finding, links
from core.engine import messages as say
from core.engine.answering import Choice, Shape
from core.engine.commands import objects
from core.engine.finding import CONNECTIONS
from core.engine.kinds import CONSTRAINTS, NAME, OWN_NAME, PROPERTIES, REF
from core.engine.language import CHOOSE, LISTING, UPDATE, Body, command
from core.engine.language import REF as NAMED
from core.engine.links import SET_TO_DESCRIPTOR, VIDEO_TO_CLIP, VIDEO_TO_FRAME
from core.engine.messages import OBJECT_EXISTS, SUCCESS, fail
from core.engine.sql import Condition, literal
from core.engine.transaction import Transaction

_ENDS = {"src": REF, "dst": REF}
_OF_VIDEOS = (VIDEO_TO_CLIP, VIDEO_TO_FRAME)
_SHAPE = Shape(key="connections", hidden=("_src", "_dst"))


@command(
    "AddConnection",
    {
        **NAMED, **_ENDS, "class": OWN_NAME, "properties": PROPERTIES, "if_not_found": CONSTRAINTS,
    },
    required=("class", "src", "dst"),
    writes=True,
)  # fmt: skip
def add_connection(tx: Transaction, body: Body) -> Body:
    """Connect every object of one ref to every object of the other.

    `if_not_found` looks at connections of this class between these ends.
    """
    class_ = body["class"]
    if "if_not_found" in body:
        said = {"constraints": body["if_not_found"]}
        found = finding.ids(tx, said, class_, also=_ends(tx, body), table=CONNECTIONS)
        if found:
            tx.name(body, found, connections=True)
            return dict(OBJECT_EXISTS)
    properties = tx.user_properties(class_, body.get("properties"), kind="connection")
    sources, targets = (tx.ref(body[end], f"AddConnection.{end}") for end in ("src", "dst"))
    made = [tx.connect(class_, src, dst, properties) for src in sources for dst in targets]
    tx.name(body, made, connections=True)
    return {"status": SUCCESS}


def _ends(tx: Transaction, body: Body) -> list[Condition]:
    """Give the conditions that `src` and `dst` mean, and that keep the system's links out."""
    class_ = body.get("with_class")
    if class_ in (*_OF_VIDEOS, SET_TO_DESCRIPTOR):
        raise fail(say.SYSTEM_CONNECTION, class_=class_)
    found: list[Condition] = [(f"o.class<>{literal(one)}", []) for one in _OF_VIDEOS]
    for end in ("src", "dst"):
        if end in body:
            here, bound = links.among(tx.ref(body[end], f"a connection's {end}"))
            found.append((f"o.{end} {here}", [bound]))
    return found


@command("FindConnection", {**LISTING, **_ENDS, "with_class": NAME}, writes=False)
def find_connection(tx: Transaction, body: Body) -> Body:
    """Find connections; `_src` and `_dst` may be listed."""
    choice = Choice(body.get("with_class"), _ends(tx, body), CONNECTIONS)
    return answering.find(tx, body, choice, _SHAPE)


def _chosen(tx: Transaction, body: Body, place: str) -> list[int]:
    class_ = None if "ref" in body else body.get("with_class")
    also = [] if "ref" in body else _ends(tx, body)
    return finding.chosen(tx, body, class_, place=place, also=also, table=CONNECTIONS)


@command("UpdateConnection", {**UPDATE, **_ENDS, "with_class": NAME}, writes=True)
def update_connection(tx: Transaction, body: Body) -> Body:
    """Change properties of connections."""
    return objects.update(tx, body, _chosen(tx, body, "UpdateConnection"), table=CONNECTIONS)


@command("DeleteConnection", {**CHOOSE, **_ENDS, "with_class": NAME}, writes=True)
def delete_connection(tx: Transaction, body: Body) -> Body:
    """Delete connections; both ends stay."""
    if body.get("with_class") == SET_TO_DESCRIPTOR and "ref" not in body:
        # The client's Utils.remove_all_descriptorsets begins with this, and deletes the
        # descriptors next: these links go with them.
        return {"count": 0, "status": SUCCESS}
    here, bound = links.among(_chosen(tx, body, "DeleteConnection"))
    n_deleted = tx.db.execute(f"DELETE FROM connections WHERE id {here}", (bound,)).rowcount
    tx.spend(body)
    return {"count": n_deleted, "status": SUCCESS}
