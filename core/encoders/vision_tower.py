"""The vision tower of a CLIP model that is a transformer (ViT), on a CPU.

The arithmetic only. Knows no files and no locks; whoever holds it calls from one thread at a time.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

from core.encoders.blocks import Blocks
from core.encoders.packed import product

_USUAL_PICTURES: Final = 32  # in a batch


class VisionTower:
    """What `clip.model.VisionTransformer` does, with the same answers in less time.

    As by core.encoders.blocks; its class token is all that is read of the last of them.
    """

    def __init__(self, visual: Any, dtype: Any) -> None:
        """Take this vision tower over, and multiply in this dtype of torch's."""
        self._torch = torch = importlib.import_module("torch")
        self._visual, self._dtype = visual, dtype
        self._patch_px = int(visual.conv1.kernel_size[0])
        n_patches = len(visual.positional_embedding) - 1
        with torch.inference_mode():
            # The patches do not overlap, so bringing them to the width is one product.
            patches = visual.conv1.weight.flatten(1).to(dtype)
            nothing = torch.zeros(len(patches), dtype=dtype)
            self._embed = product(patches, nothing, usual_rows=_USUAL_PICTURES * n_patches)
        self._blocks = Blocks(
            visual.transformer, dtype, usual_rows=_USUAL_PICTURES * (n_patches + 1)
        )
        del visual.transformer, visual.conv1

    def encode(self, x: Any) -> Any:
        """Encode pictures, float32 (n, 3, input_px, input_px), to a tensor (n, dimensions)."""
        visual = self._visual
        x = self._embed(self._patches(x).to(self._dtype)).to(x.dtype)
        of_class = visual.class_embedding.expand(len(x), 1, -1)
        x = self._torch.cat([of_class, x], dim=1) + visual.positional_embedding
        x = self._blocks.read(visual.ln_pre(x), only=[0])
        return visual.ln_post(x[:, 0]) @ visual.proj

    def _patches(self, x: Any) -> Any:
        """Cut pictures into (n, n_patches, 3 patch_px²), row by row, as a convolution does."""
        px, side = self._patch_px, x.shape[-1] // self._patch_px
        cut = x.reshape(len(x), 3, side, px, side, px).permute(0, 2, 4, 1, 3, 5)
        return cut.reshape(len(x), side * side, 3 * px * px)
