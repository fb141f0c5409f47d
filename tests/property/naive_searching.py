"""How the naive twin searches: what each Find has of its own, and nearest neighbours."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt

from tests.property.naive_base import Base, Body
from tests.property.naive_finding import Search, find, reachable
from tests.property.naive_state import Thing
from tests.property.naive_values import holds, need

SET_FLAGS = {"engines": "_engines", "metrics": "_metrics", "dimensions": "_dimensions",
             "counts": "_count"}  # fmt: skip


class Searching(Base):
    """FindVideo, FindClip, … and FindConnection."""

    def Find(self, kind: str, body: Body, blob: bytes) -> Body:  # noqa: N802
        if kind == "Connection":
            which = self.of_connection(body)
            return find(self.query, Search(body, body.get("with_class"), which, "connection",
                                           ("_src", "_dst"), key="connections"))  # fmt: skip
        class_ = body.get("with_class") if kind == "Entity" else f"_{kind}"
        search = Search(body, class_, self.which(kind, body))
        if kind == "Descriptor":
            search.hidden = ("_label",)
            if "k_neighbors" in body:
                search.nearest = self.nearest(search, blob)
            flags = {"labels": "_label", "distances": "_distance"}
            wanted = [key for flag, key in flags.items() if body.get(flag)]
            if wanted:
                search.more = lambda one: {
                    key: {"_label": one.properties["_label"], "_distance": one.distance}[key]
                    for key in wanted
                }
        elif kind == "DescriptorSet":
            keys = [key for flag, key in SET_FLAGS.items() if body.get(flag)]
            if keys:
                search.more = lambda one: {
                    key: self.state.known(one)[key] for key in ("_name", *keys)
                }
        elif body.get("urls"):
            search.more = lambda one: {"_url": one.url}
        return find(self.query, search)

    def nearest(self, search: Search, blob: bytes) -> list[Thing]:
        body, of = search.body, self.set_of(dict(search.body))
        query = self.vector(blob, of)
        for what in ("metric", "engine"):
            need(body.get(what, of.properties[f"_{what}s"][0]) in of.properties[f"_{what}s"])
        metric = body.get("metric", of.properties["_metrics"][0])
        ranked = []
        for one in self.state.members(of.id):
            key, one.distance = _apart(metric, one.vector, query)
            ranked.append((key, one.id, one))
        ranked.sort(key=lambda three: three[:2])
        is_reached = reachable(self.query, body)
        which = self.which("Descriptor", dict(body))
        fits = [holds(body.get("constraints", {}), self.state.known(one)) and which(one)
                and is_reached(one) for _, _, one in ranked]  # fmt: skip
        k = body["k_neighbors"]
        if body.get("knn_first"):
            return [one for (_, _, one), fit in zip(ranked[:k], fits[:k], strict=True) if fit]
        return [one for (_, _, one), fit in zip(ranked, fits, strict=True) if fit][:k]


def _apart(metric: str, one: tuple[int, ...], other: tuple[int, ...]) -> tuple[Fraction, float]:
    """Give what neighbours are ranked by, exactly, least first, and their distance."""
    product = sum(a * b for a, b in zip(one, other, strict=True))
    if metric == "L2":
        squared = sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
        return Fraction(squared), float(squared)
    if metric == "IP":
        return Fraction(-product), float(product)
    lengths = sum(a * a for a in one) * sum(b * b for b in other)
    if not lengths:
        return Fraction(0), 0.0
    return Fraction(-product * abs(product), lengths), product / sqrt(lengths)
