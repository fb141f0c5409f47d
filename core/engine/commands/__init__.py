"""One file per family of commands; importing this registers them all."""

from core.engine.commands import (  # noqa: F401 - imported for their registration
    blobs,
    clips,
    connections,
    descriptor_sets,
    descriptors,
    entities,
    extracting,
    frames,
    images,
    indexes,
    regions,
    schema,
    status,
    user_log,
    videos,
)
