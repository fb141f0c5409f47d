"""The tiny model, loaded once for the tests of this room."""

from __future__ import annotations

import pytest

from core.encoders.clip import ClipEncoder
from tests.conftest import TINY_MODEL


@pytest.fixture(scope="session")
def tiny() -> ClipEncoder:
    """The tiny CLIP with the framing `whole`, loaded."""
    encoder = ClipEncoder(str(TINY_MODEL), device="cpu")
    encoder.load()
    return encoder
