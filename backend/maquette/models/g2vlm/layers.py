"""What the networks share: norms that compute in float32, attention, rows in chunks, and the trace of stages."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Trace = Callable[[str, Tensor], None]
_MLP_ROWS = 16384  # bounds the widest activation: 16384 x 17920 bfloat16 is 0.6 GB


def ignore_stage(name: str, value: Tensor) -> None:
    """Look at nothing."""


class Linear(nn.Linear):
    """A product in the weights' dtype, whatever the input's."""

    def forward(self, input: Tensor) -> Tensor:
        """(…, in) → (…, out)."""
        return F.linear(input.to(self.weight.dtype), self.weight, self.bias)


class LayerNorm(nn.LayerNorm):
    """In float32 (float64 stays), returned in that dtype."""

    def forward(self, input: Tensor) -> Tensor:
        """Same shape."""
        wide = torch.promote_types(input.dtype, torch.float32)
        return F.layer_norm(
            input.to(wide),
            self.normalized_shape,
            self.weight.to(wide),
            self.bias.to(wide),
            self.eps,
        )


class Mlp(nn.Module):
    """Two layers with an exact GELU."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.fc1, self.fc2 = Linear(width, inner), Linear(inner, width)

    def forward(self, x: Tensor) -> Tensor:
        """(tokens, width) → the same."""
        return in_chunks(lambda rows: self.fc2(F.gelu(self.fc1(rows))), x)


def in_chunks(step: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """`step` on at most _MLP_ROWS rows at a time. x: (…, width)."""
    rows = x.reshape(-1, x.shape[-1])
    if len(rows) <= _MLP_ROWS:
        return step(rows).reshape(*x.shape[:-1], -1)
    return torch.cat([step(part) for part in rows.split(_MLP_ROWS)]).reshape(*x.shape[:-1], -1)


def attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Full attention, scale 1/sqrt(d). (N, tokens, heads, d) each → (N, tokens, heads · d)."""
    mixed = F.scaled_dot_product_attention(
        query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2)
    )
    return mixed.transpose(1, 2).flatten(2)
