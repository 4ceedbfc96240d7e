"""What the networks share: products, norms in float32, attention, rows in chunks, and the trace of stages."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from maquette_kernels.matvec import matvec, quantize_rows

Trace = Callable[[str, Tensor], None]
_FEW_ROWS = 4  # up to so many, reading rounded weights once per row is cheaper than widening them
_WIDENED_ROWS = 2048
_MLP_ROWS = 16384  # bounds the widest activation: 16384 x 17920 bfloat16 is 0.6 GB


def ignore_stage(name: str, value: Tensor) -> None:
    """Look at nothing."""


class Linear(nn.Linear):
    """A product in the weights' dtype, whatever the input's. Weights may be rounded to int8, with a scale per row."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__(in_features, out_features, bias)
        self.register_parameter("scale", None)  # (out,) float32, where weights are int8
        self._rounded_from = self.weight.dtype

    @property
    def dtype(self) -> torch.dtype:
        """Of the product: the weights', before they were rounded."""
        return self.weight.dtype if self.scale is None else self._rounded_from

    def round_weights(self) -> None:
        """Half the bytes of bfloat16, rounded to the nearest of 255 levels per row."""
        self._rounded_from = self.weight.dtype
        steps, scale = quantize_rows(self.weight)
        self.weight = nn.Parameter(steps, requires_grad=False)
        self.scale = nn.Parameter(scale, requires_grad=False)

    def pack_weights(self) -> None:
        """Reorder weights on a CPU once, as its products want them; else every product does so.

        What torch's own compiler does for inference. Nothing for other dtypes, or where oneDNN is not there.
        """
        can_multiply = {
            torch.float32: torch.backends.mkldnn.is_available,
            torch.bfloat16: torch.ops.mkldnn._is_mkldnn_bf16_supported,
        }.get(self.weight.dtype)
        reorder = getattr(torch.ops.mkldnn, "_reorder_linear_weight", None)
        if reorder is not None and can_multiply is not None and can_multiply():
            self.weight = nn.Parameter(reorder(self.weight), requires_grad=False)

    def forward(self, input: Tensor) -> Tensor:
        """(…, in) → (…, out)."""
        x = input.to(self.dtype)
        rows = x.numel() // self.in_features
        if self.scale is not None:
            return self._few_rows(x) if rows <= _FEW_ROWS else self._rounded(x)
        if self.weight.is_mkldnn:
            return torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, "none", [], "")
        return F.linear(x, self.weight, self.bias)

    def _few_rows(self, x: Tensor) -> Tensor:
        rows = [matvec(row, self.weight, self.scale) for row in x.reshape(-1, self.in_features)]
        product = torch.stack(rows)
        if self.bias is not None:
            product += self.bias
        return product.to(self.dtype).reshape(*x.shape[:-1], -1)

    def _rounded(self, x: Tensor) -> Tensor:
        """Widened some rows of weights at a time: they stay in a CPU's cache."""
        assert self.scale is not None
        parts = [
            F.linear(x, steps.to(x.dtype)) * scale.to(x.dtype)
            for steps, scale in zip(
                self.weight.split(_WIDENED_ROWS), self.scale.split(_WIDENED_ROWS), strict=True
            )
        ]
        product = torch.cat(parts, dim=-1)
        return product if self.bias is None else product + self.bias


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
