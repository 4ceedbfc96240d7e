"""The ViT of Qwen2-VL: patches of one photo to language tokens. Source: Wang et al. 2024, section 2.1."""

import torch
from torch import Tensor, nn

from maquette.models.g2vlm.config import VitConfig
from maquette.models.g2vlm.layers import LayerNorm, Linear, Trace, attention, in_chunks
from maquette.models.g2vlm.rotary import apply_rotary

_EPS = 1e-6
_THETA = 10000.0


class VitMlp(nn.Module):
    """Two layers with the quick GELU, x · sigmoid(1.702 x)."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.fc1, self.fc2 = Linear(width, inner), Linear(inner, width)

    def forward(self, x: Tensor) -> Tensor:
        """(tokens, width) → the same."""

        def step(rows: Tensor) -> Tensor:
            inner = self.fc1(rows)
            return self.fc2(inner * torch.sigmoid(1.702 * inner))

        return in_chunks(step, x)


class VitAttention(nn.Module):
    """Full attention within one photo, with 2-D rotary positions."""

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.qkv, self.proj = Linear(width, 3 * width), Linear(width, width)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """(N, tokens, width) → the same."""
        count, tokens, _ = x.shape
        qkv = self.qkv(x).view(count, tokens, 3, self.num_heads, -1)
        query, key, value = qkv.unbind(2)
        query, key = (
            apply_rotary(one.to(cos.dtype), cos, sin).to(value.dtype) for one in (query, key)
        )
        return self.proj(attention(query, key, value))


class VitBlock(nn.Module):
    """A pre-norm transformer block."""

    def __init__(self, config: VitConfig) -> None:
        super().__init__()
        width = config.embed_dim
        self.norm1, self.norm2 = LayerNorm(width, _EPS), LayerNorm(width, _EPS)
        self.attn = VitAttention(width, config.num_heads)
        self.mlp = VitMlp(width, int(width * config.mlp_ratio))

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """The residual stream keeps the weights' dtype, as in the released code."""
        x = x + self.attn(self.norm1(x), cos, sin)
        return x + self.mlp(self.norm2(x))


class Merger(nn.Module):
    """2x2 neighbours become one token of the language model."""

    def __init__(self, config: VitConfig) -> None:
        super().__init__()
        inner = config.embed_dim * config.spatial_merge_size**2
        self.ln_q = LayerNorm(config.embed_dim, _EPS)
        self.mlp = nn.Sequential(Linear(inner, inner), nn.GELU(), Linear(inner, config.hidden_size))
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        """(N, tokens, width) → (N, tokens / 4, hidden)."""
        return self.mlp(self.ln_q(x).reshape(len(x), -1, self.inner))


class Vit(nn.Module):
    """Patch embedding, blocks, merger."""

    def __init__(self, config: VitConfig) -> None:
        super().__init__()
        self.config = config
        self.patch = Linear(
            config.in_channels * config.temporal_patch_size * config.patch_size**2,
            config.embed_dim,
            bias=False,
        )
        self.blocks = nn.ModuleList(VitBlock(config) for _ in range(config.depth))
        self.merger = Merger(config)

    def forward(self, patches: Tensor, grid: tuple[int, int], trace: Trace) -> Tensor:
        """Photos of one grid: (N, h·w, 1176), groups of 2x2 first → (N, h·w / 4, hidden)."""
        cos, sin = self._rotary(grid, patches.device)
        x = self.patch(patches)
        trace("patch_embed", x)
        for index, block in enumerate(self.blocks):
            x = block(x, cos, sin)
            trace(f"block{index}", x)
        x = self.merger(x)
        trace("merged", x)
        return x

    def _rotary(self, grid: tuple[int, int], device: torch.device) -> tuple[Tensor, Tensor]:
        """cos and sin, (h·w, 1, head_dim) float32: row frequencies, column frequencies, both twice."""
        merge = self.config.spatial_merge_size
        quarter = self.config.embed_dim // self.config.num_heads // 4
        steps = torch.arange(quarter, device=device, dtype=torch.int64).to(torch.float32)
        frequencies = 1.0 / _THETA ** (steps * 2 / (2 * quarter))
        rows = torch.arange(grid[0], device=device)[:, None].expand(grid)
        columns = torch.arange(grid[1], device=device)[None].expand(grid)
        halves = []
        for place in (rows, columns):
            grouped = place.reshape(grid[0] // merge, merge, grid[1] // merge, merge)
            flat = grouped.transpose(1, 2).reshape(-1)
            halves.append(flat[:, None].to(torch.float32) * frequencies)
        angles = torch.cat(halves, dim=-1).repeat(1, 2)[:, None]
        return angles.cos(), angles.sin()
