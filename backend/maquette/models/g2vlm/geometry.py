"""Three per-image decoders on the geometry tokens, and the heads that turn patches into points and cameras.

Source: the decoders of π³ (arXiv 2507.13347) in G²VLM's sizes. Cameras are OpenCV, poses world_from_camera.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from maquette.models.g2vlm.config import GeometryConfig
from maquette.models.g2vlm.layers import LayerNorm, Linear, Mlp, Trace, attention
from maquette.models.g2vlm.rotary import apply_rope2d

_EPS = 1e-6
_PATCH = 14
Rotary = tuple[Tensor, Tensor]


class SelfAttention(nn.Module):
    """Within one image, positions by RoPE2D."""

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.qkv, self.proj = Linear(width, 3 * width), Linear(width, width)

    def forward(self, x: Tensor, rotary: Rotary) -> Tensor:
        """(N, P, width) → the same."""
        qkv = self.qkv(x).unflatten(-1, (3, self.num_heads, -1))
        query, key, value = qkv.unbind(2)
        return self.proj(attention(_turn(query, rotary), _turn(key, rotary), value))


class CrossAttention(nn.Module):
    """From each image to image 0, whose keys and values are computed once for all."""

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.query, self.key_value = Linear(width, width), Linear(width, 2 * width)
        self.proj = Linear(width, width)

    def forward(self, x: Tensor, context: Tensor, rotary: Rotary) -> Tensor:
        """x: (N, P, width), context: (1, P, width) → (N, P, width)."""
        query = self.query(x).unflatten(-1, (self.num_heads, -1))
        key, value = self.key_value(context).unflatten(-1, (2, self.num_heads, -1)).unbind(2)
        key = _turn(key, rotary).expand(len(x), -1, -1, -1)
        return self.proj(attention(_turn(query, rotary), key, value.expand(len(x), -1, -1, -1)))


class Block(nn.Module):
    """Pre-norm: self-attention, MLP."""

    def __init__(self, width: int, config: GeometryConfig) -> None:
        super().__init__()
        self.norm1, self.norm2 = LayerNorm(width, _EPS), LayerNorm(width, _EPS)
        self.attn = SelfAttention(width, config.num_heads)
        self.mlp = Mlp(width, int(width * config.mlp_ratio))

    def forward(self, x: Tensor, context: Tensor, rotary: Rotary) -> Tensor:
        """(N, P, width) → the same; the context is not looked at."""
        x = x + self.attn(self.norm1(x), rotary)
        return x + self.mlp(self.norm2(x))


class ContextBlock(nn.Module):
    """Pre-norm: self-attention, attention to image 0, MLP."""

    def __init__(self, width: int, config: GeometryConfig) -> None:
        super().__init__()
        self.norm1, self.norm2 = LayerNorm(width, _EPS), LayerNorm(width, _EPS)
        self.norm3, self.norm_y = LayerNorm(width, _EPS), LayerNorm(width, _EPS)
        self.attn = SelfAttention(width, config.num_heads)
        self.cross_attn = CrossAttention(width, config.num_heads)
        self.mlp = Mlp(width, int(width * config.mlp_ratio))

    def forward(self, x: Tensor, context: Tensor, rotary: Rotary) -> Tensor:
        """x: (N, P, width); context: (1, P, width), image 0's tokens as they came in."""
        x = x + self.attn(self.norm1(x), rotary)
        x = x + self.cross_attn(self.norm2(x), self.norm_y(context), rotary)
        return x + self.mlp(self.norm3(x))


class Decoder(nn.Module):
    """Blocks on each image alone (or with image 0 as context), then a linear layer."""

    def __init__(
        self, width: int, out_dim: int, config: GeometryConfig, *, has_context: bool
    ) -> None:
        super().__init__()
        kind = ContextBlock if has_context else Block
        self.blocks = nn.ModuleList(kind(width, config) for _ in range(config.depth))
        self.linear_out = Linear(width, out_dim)

    def forward(self, tokens: Tensor, rotary: Rotary, name: str, trace: Trace) -> Tensor:
        """(N, P, width) → (N, P, out_dim). rotary: tables (P, 1, head_dim)."""
        x, context = tokens.to(torch.promote_types(tokens.dtype, torch.float32)), tokens[:1]
        for index, block in enumerate(self.blocks):
            x = block(x, context, rotary)
            trace(f"{name}.block{index}", x)
        x = self.linear_out(x)
        trace(f"{name}.out", x)
        return x


class PointHead(nn.Module):
    """Each patch token becomes 14x14 pixels of three numbers."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.proj = Linear(width, 3 * _PATCH * _PATCH)

    def forward(self, x: Tensor, grid: tuple[int, int]) -> Tensor:
        """(N, P, width) → (N, H, W, 3), raw."""
        maps = self.proj(x).transpose(1, 2).unflatten(2, grid)
        return F.pixel_shuffle(maps, _PATCH).permute(0, 2, 3, 1)


class ResidualMlp(nn.Module):
    """f + relu(L3 relu(L2 relu(L1 f)))."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.res_conv1, self.res_conv2 = Linear(width, width), Linear(width, width)
        self.res_conv3 = Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(…, width) → the same."""
        inner = F.relu(self.res_conv2(F.relu(self.res_conv1(x))))
        return x + F.relu(self.res_conv3(inner))


class CameraHead(nn.Module):
    """Patches of an image to its pose."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.res_conv = nn.ModuleList(ResidualMlp(width) for _ in range(2))
        self.more_mlps = nn.Sequential(
            Linear(width, width), nn.ReLU(), Linear(width, width), nn.ReLU()
        )
        self.fc_t, self.fc_rot = Linear(width, 3), Linear(width, 9)

    def forward(self, x: Tensor, trace: Trace) -> Tensor:
        """(N, P, width) → world_from_camera (N, 4, 4)."""
        for block in self.res_conv:
            x = block(x)
        x = self.more_mlps(x.mean(dim=1))
        translation, nine = self.fc_t(x), self.fc_rot(x)
        trace("camera_head.t", translation)
        trace("camera_head.rot9", nine)
        poses = torch.eye(4, dtype=x.dtype, device=x.device).repeat(len(x), 1, 1)
        poses[:, :3, :3] = nearest_rotation(nine)
        poses[:, :3, 3] = translation
        return poses


def nearest_rotation(nine: Tensor) -> Tensor:
    """The rotation nearest to the matrix with these rows, each at length 1. (N, 9) → (N, 3, 3).

    Source: Levinson et al. 2020, "An analysis of SVD for deep rotation estimation".
    """
    rows = F.normalize(nine.reshape(-1, 3, 3), dim=-1, eps=1e-12)
    U, _, Vh = torch.linalg.svd(rows)
    sign = torch.linalg.det(U @ Vh)
    fix = torch.ones_like(rows[:, 0])
    fix[:, 2] = sign
    return (U * fix[:, None]) @ Vh


def local_from_raw(raw: Tensor) -> Tensor:
    """(…, 3): the image-plane coordinates x/z and y/z and the logarithm of z → x, y, z in the camera's frame."""
    depth = raw[..., 2:].exp()
    return torch.cat([raw[..., :2] * depth, depth], dim=-1)


def _turn(x: Tensor, rotary: Rotary) -> Tensor:
    """x: (N, P, heads, head_dim); tables: (P, 1, head_dim)."""
    return apply_rope2d(x, *rotary)
