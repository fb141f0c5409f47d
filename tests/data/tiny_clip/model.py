"""The tiny CLIP itself: how it is built, run while it learns, and written.

OpenAI's own class, `clip.model.CLIP`, with a small ModifiedResNet for pictures and two text layers.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.encoders.clip_module import import_clip

FULL_PX = 224
MEAN = torch.tensor((0.48145466, 0.4578275, 0.40821073)).view(1, 3, 1, 1)
STD = torch.tensor((0.26862954, 0.26130258, 0.27577711)).view(1, 3, 1, 1)


def build(width: int, layers: tuple[int, ...]) -> nn.Module:
    """Make the untrained model, 512-d; width 8 and one block per layer give 3.8 million weights."""
    import_clip()
    from clip.model import CLIP

    model = CLIP(512, FULL_PX, layers, width, None, 77, 49408, 64, 1, 2).float()
    for name, weight in model.visual.named_parameters():
        if name.endswith("bn3.weight"):  # zero at first, which suits deep towers: this one has
            nn.init.ones_(weight)  # no depth, and would begin without its residual branches
    model.visual.to(memory_format=torch.channels_last)
    return model.train()


def image_rows(model: nn.Module, squares: np.ndarray) -> Tensor:
    """Encode uint8 (n, side, side, 3), any side that is a multiple of 32, to unit rows (n, 512)."""
    x = (torch.from_numpy(squares).permute(0, 3, 1, 2).float() / 255 - MEAN) / STD
    x = x.contiguous(memory_format=torch.channels_last)
    tower = model.visual
    with torch.autocast("cpu", torch.bfloat16):  # a quarter faster than float32 where it was tried
        for i in (1, 2, 3):
            x = getattr(tower, f"conv{i}")(x)
            x = getattr(tower, f"relu{i}")(getattr(tower, f"bn{i}")(x))
        x = tower.layer4(tower.layer3(tower.layer2(tower.layer1(tower.avgpool(x)))))
        places = {"positional_embedding": _places(tower.attnpool.positional_embedding, x.shape[-1])}
        y = torch.func.functional_call(tower.attnpool, places, (x,))
    return functional.normalize(y.float(), dim=-1)


def _places(embedding: Tensor, side: int) -> Tensor:
    """Shrink the position embedding (1 + grid * grid, width) to a grid of this side."""
    grid = round((len(embedding) - 1) ** 0.5)
    if side == grid:
        return embedding
    square = embedding[1:].T.reshape(1, -1, grid, grid)
    square = functional.interpolate(square, (side, side), mode="bilinear", align_corners=False)
    return torch.cat([embedding[:1], square[0].flatten(1).T])


def text_rows(model: nn.Module, tokens: Tensor) -> Tensor:
    """Encode tokens at their own length to unit rows; the same arithmetic as CLIP.encode_text."""
    n_tokens = tokens.shape[1]
    mask = model.build_attention_mask()[:n_tokens, :n_tokens]
    x = model.token_embedding(tokens) + model.positional_embedding[:n_tokens]
    x = x.permute(1, 0, 2)
    for block in model.transformer.resblocks:
        y = block.ln_1(x)
        x = x + block.attn(y, y, y, need_weights=False, attn_mask=mask)[0]
        x = x + block.mlp(block.ln_2(x))
    x = model.ln_final(x.permute(1, 0, 2))[torch.arange(len(tokens)), tokens.argmax(dim=-1)]
    return functional.normalize(x @ model.text_projection, dim=-1)


class _Folder(nn.Module):
    """Holds tensors under the names of a state dict, and nothing else."""


def write(model: nn.Module, path: Path) -> None:
    """Write the weights in half precision as the kind of file that OpenAI publishes.

    That is a TorchScript archive, of which `clip.load` takes the tensors. clip-anytorch would read
    a plain state dict as well; openai/CLIP fails on one, because it reads it from the file's end.
    """
    root = _Folder()
    for name, tensor in model.state_dict().items():
        *folders, leaf = name.split(".")
        at: nn.Module = root
        for folder in folders:
            if folder not in dict(at.named_children()):
                at.add_module(folder, _Folder())
            at = at.get_submodule(folder)
        at.register_buffer(leaf, tensor.half() if tensor.is_floating_point() else tensor)
    partial = path.with_suffix(".part")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # torch would rather have torch.export
        torch.jit.save(torch.jit.script(root), str(partial))
    partial.replace(path)
