"""DINOv2 with registers: photos to patch tokens.

Sources: Oquab et al. 2023; Darcet et al. 2023 (registers). The attention's segments are G²VLM's own: the released code
cuts the flattened sequence at multiples of the patch count P, though each image has P + 1 + R tokens, and was trained
so. "reference" repeats that (tokens past the last cut get 0); "aligned" lets each image see exactly itself.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from maquette.models.g2vlm.config import DinoConfig
from maquette.models.g2vlm.layers import LayerNorm, Linear, Mlp, Trace, attention

SegmentMode = Literal["reference", "aligned"]


class DinoLayer(nn.Module):
    """A pre-norm transformer layer with learned scales of its two branches."""

    def __init__(self, config: DinoConfig) -> None:
        super().__init__()
        width, eps = config.hidden_size, config.layer_norm_eps
        self.num_heads = config.num_attention_heads
        self.norm1, self.norm2 = LayerNorm(width, eps), LayerNorm(width, eps)
        self.qkv, self.out = Linear(width, 3 * width), Linear(width, width)
        self.scale1 = nn.Parameter(torch.ones(width))
        self.scale2 = nn.Parameter(torch.ones(width))
        self.mlp = Mlp(width, int(width * config.mlp_ratio))

    def forward(self, x: Tensor, segment: int, count: int) -> Tensor:
        """x: (tokens, width), attending within `count` segments of `segment` tokens each."""
        attended = self.out(self._attend(self.qkv(self.norm1(x)), segment, count))
        x = torch.addcmul(x, attended, self.scale1)
        return torch.addcmul(x, self.mlp(self.norm2(x)), self.scale2)

    def _attend(self, qkv: Tensor, segment: int, count: int) -> Tensor:
        covered = segment * count
        heads = qkv[:covered].view(count, segment, 3, self.num_heads, -1)
        mixed = attention(*heads.unbind(2)).reshape(covered, -1)
        return F.pad(mixed, (0, 0, 0, len(qkv) - covered))


class Dino(nn.Module):
    """The encoder. CLS and register tokens take part and are dropped at the end."""

    def __init__(self, config: DinoConfig) -> None:
        super().__init__()
        self.config = config
        width = config.hidden_size
        grid = config.image_size // config.patch_size
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.register_tokens = nn.Parameter(torch.zeros(1, config.num_register_tokens, width))
        self.position_embeddings = nn.Parameter(torch.zeros(1, 1 + grid * grid, width))
        self.patch = Linear(config.num_channels * config.patch_size**2, width)
        self.layers = nn.ModuleList(DinoLayer(config) for _ in range(config.num_hidden_layers))
        self.norm = LayerNorm(width, config.layer_norm_eps)
        self._table: tuple[tuple[int, int], Tensor] | None = None  # of the last grid

    def forward(self, images: Tensor, segment_mode: SegmentMode, trace: Trace) -> Tensor:
        """(N, 3, H, W) normalised → (N, P, width) patch tokens, row by row."""
        x = self._embed(images)
        trace("dino.embeddings", x)
        count, tokens, width = x.shape
        extra = 1 + self.config.num_register_tokens
        segment = tokens - extra if segment_mode == "reference" else tokens
        x = x.reshape(count * tokens, width)
        for index, layer in enumerate(self.layers):
            x = layer(x, segment, count)
            trace(f"dino.layer{index}", x)
        x = self.norm(x).reshape(count, tokens, width)[:, extra:]
        trace("dino.patch_tokens", x)
        return x

    def _embed(self, images: Tensor) -> Tensor:
        """[CLS, registers, patches]; all but the registers have positions. (N, 1 + R + P, width)."""
        size = self.config.patch_size
        rows, columns = (side // size for side in images.shape[-2:])
        cut = images.unflatten(3, (columns, size)).unflatten(2, (rows, size))
        cut = cut.permute(0, 2, 4, 1, 3, 5).reshape(len(images), rows * columns, -1)
        patches = self.patch(cut)  # the released convolution: its stride is its size
        table = self._positions(rows, columns)
        count = len(images)
        cls = (self.cls_token + table[:, :1]).expand(count, -1, -1)
        registers = self.register_tokens.to(table.dtype).expand(count, -1, -1)
        return torch.cat([cls, registers, patches + table[:, 1:]], dim=1)

    def _positions(self, rows: int, columns: int) -> Tensor:
        """The position table for a grid; the last one is kept."""
        if self._table is None or self._table[0] != (rows, columns):
            table = position_table(self.position_embeddings, rows, columns)
            self._table = ((rows, columns), table)
        return self._table[1]


def position_table(table: Tensor, rows: int, columns: int) -> Tensor:
    """(1, 1 + g·g, width) → (1, 1 + rows·columns, width) for another grid: bicubic, antialiased, in float32."""
    wide = table.to(torch.promote_types(table.dtype, torch.float32))
    side = round((table.shape[1] - 1) ** 0.5)
    if rows == columns == side:
        return wide
    grid = wide[:, 1:].reshape(1, side, side, -1).permute(0, 3, 1, 2)
    grid = F.interpolate(
        grid, size=(rows, columns), mode="bicubic", align_corners=False, antialias=True
    )
    return torch.cat([wide[:, :1], grid.flatten(2).transpose(1, 2)], dim=1)
