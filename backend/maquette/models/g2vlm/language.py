"""The decoder: Qwen2 layers with two experts, one for words and ViT tokens, one for geometry (mixture of transformers).

Source: arXiv 2511.21688, section 3. A pass holds its understanding tokens first and its geometry tokens after (see
packing), so each expert works on one contiguous slice. The residual stream is float32 (float64 stays).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from maquette.models.g2vlm.config import TextConfig
from maquette.models.g2vlm.layers import Linear, Trace, in_chunks
from maquette.models.g2vlm.rotary import mrope_table
from maquette_kernels.qk_rope import qk_norm_rope
from maquette_kernels.rms_norm import add_rms_norm, rms_norm
from maquette_kernels.swiglu import swiglu


class RmsNorm(nn.Module):
    """In float32, rounded to the weights' dtype, then weighted."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x: Tensor, dtype: torch.dtype | None = None) -> Tensor:
        """(tokens, width) → the same, in the weights' dtype or the one asked for."""
        return rms_norm(x, self.weight, self.eps, dtype)

    def after(
        self, x: Tensor, branch: Tensor, scale: Tensor | None, dtype: torch.dtype
    ) -> tuple[Tensor, Tensor]:
        """The stream with a scaled branch added, and its norm in `dtype`; (tokens, width) each."""
        return add_rms_norm(x, branch, scale, self.weight, self.eps, dtype)


class KeyValueCache:
    """Keys (after norm and rotary) and values of all layers, appended in place.

    keys, values: (layers, capacity, kv_heads, head_dim), zeros where nothing was written: a masked slot must hold a
    number. A slot's place in the sequence is in `places`.
    """

    def __init__(
        self, config: TextConfig, capacity: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        shape = (
            config.num_hidden_layers,
            capacity,
            config.num_key_value_heads,
            config.head_dim,
        )
        self.keys = torch.zeros(shape, dtype=dtype, device=device)
        self.values = torch.zeros(shape, dtype=dtype, device=device)
        self.length = 0
        self.places: list[Tensor] = []

    def reserve(self, count: int) -> None:
        """Make room for `count` more tokens; grows by halves, so that appending stays cheap."""
        needed = self.length + count
        capacity = self.keys.shape[1]
        if needed <= capacity:
            return
        larger = max(needed, capacity + capacity // 2)
        for name in ("keys", "values"):
            old: Tensor = getattr(self, name)
            new = old.new_zeros((old.shape[0], larger, *old.shape[2:]))
            new[:, : self.length] = old[:, : self.length]
            setattr(self, name, new)

    def repeat(self, other: "KeyValueCache") -> None:
        """Begin with all that another one holds."""
        assert self.length == 0
        self.reserve(other.length)
        self.keys[:, : other.length] = other.keys[:, : other.length]
        self.values[:, : other.length] = other.values[:, : other.length]
        self.places, self.length = list(other.places), other.length

    def commit(self, order: Tensor) -> None:
        """The tokens written past `length` count from now on. order: their places within the pass."""
        self.places.append(order + self.length)
        self.length += len(order)

    def truncate(self, length: int) -> None:
        """Forget all tokens past `length`, where some pass ended."""
        while self.length > length:
            self.length -= len(self.places.pop())


class Expert(nn.Module):
    """One expert's half of a layer. Geometry has learned scales of both branches, understanding has none."""

    def __init__(self, config: TextConfig, *, has_scales: bool) -> None:
        super().__init__()
        width, head_dim, eps = config.hidden_size, config.head_dim, config.rms_norm_eps
        self.input_norm, self.post_norm = RmsNorm(width, eps), RmsNorm(width, eps)
        heads = config.num_attention_heads + 2 * config.num_key_value_heads
        self.qkv = Linear(width, heads * head_dim)
        self.q_norm = nn.Parameter(torch.ones(head_dim))
        self.k_norm = nn.Parameter(torch.ones(head_dim))
        self.out = Linear(config.num_attention_heads * head_dim, width, bias=False)
        self.gate_up = Linear(width, 2 * config.intermediate_size, bias=False)
        self.down = Linear(config.intermediate_size, width, bias=False)
        self.scale1 = nn.Parameter(torch.ones(width)) if has_scales else None
        self.scale2 = nn.Parameter(torch.ones(width)) if has_scales else None
        self.config = config

    def project(self, x: Tensor, cos: Tensor, sin: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """Queries (tokens, heads, d) of x (tokens, width); writes keys and values where they belong in the cache."""
        qkv = self.qkv(self.input_norm(x, self.qkv.dtype))
        qkv = qkv.view(len(x), -1, self.config.head_dim)
        eps = self.config.rms_norm_eps
        return qk_norm_rope(qkv, self.q_norm, self.k_norm, cos, sin, eps, keys=keys, values=values)

    def finish(self, x: Tensor, mixed: Tensor) -> Tensor:
        """x (tokens, width) after attention's result and the MLP."""
        x, normed = self.post_norm.after(x, self.out(mixed), self.scale1, self.gate_up.dtype)
        grown = in_chunks(lambda rows: self.down(swiglu(self.gate_up(rows))), normed)
        return x + grown if self.scale2 is None else torch.addcmul(x, grown, self.scale2)


class Layer(nn.Module):
    """Both experts; all their tokens attend to each other."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.understanding = Expert(config, has_scales=False)
        self.geometry = Expert(config, has_scales=True)

    def experts(self, split: int, count: int) -> list[tuple[Expert, slice]]:
        """Who works on which tokens: understanding up to `split`, geometry after."""
        both = [
            (self.understanding, slice(0, split)),
            (self.geometry, slice(split, count)),
        ]
        return [(expert, part) for expert, part in both if part.start < part.stop]

    def forward(
        self,
        x: Tensor,
        split: int,
        rotary: tuple[Tensor, Tensor],
        cache: tuple[Tensor, Tensor],
        before: int,
        mask: Tensor | None,
    ) -> Tensor:
        """x: (tokens, width). cache: this layer's keys and values, (capacity, kv_heads, d), `before` tokens filled."""
        count = len(x)
        keys, values = (part[: before + count] for part in cache)
        queries = [
            expert.project(
                x[part],
                rotary[0][part],
                rotary[1][part],
                keys[before:][part],
                values[before:][part],
            )
            for expert, part in self.experts(split, count)
        ]
        mixed = grouped_attention(torch.cat(queries), keys, values, mask)
        return torch.cat(
            [expert.finish(x[part], mixed[part]) for expert, part in self.experts(split, count)]
        )


def grouped_attention(query: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
    """query (T, heads, d), keys and values (S, kv_heads, d) → (T, heads · d). mask: (T, S) bool, true = seen."""
    tokens, heads, width = query.shape
    query = query.transpose(0, 1)
    if tokens == 1:  # heads that share keys become rows of one product
        query = query.view(keys.shape[1], -1, width)
    mixed = F.scaled_dot_product_attention(
        query[None],
        keys.transpose(0, 1)[None],
        values.transpose(0, 1)[None],
        attn_mask=mask,
        enable_gqa=tokens > 1,
    )
    return mixed[0].reshape(heads, tokens, width).transpose(0, 1).flatten(1)


class WordEmbedding(nn.Embedding):
    """A row per word. A model that always says the same words may keep their rows alone: 0.5 GB less in bfloat16."""

    kept: Tensor | None = (
        None  # (rows,) int64, sorted, on the CPU: the words that have a row; None: all
    )

    def forward(self, input: Tensor) -> Tensor:
        """Ids on the CPU (T,) → (T, width) on the weights' device. Raises ValueError for a word without a row."""
        if self.kept is not None:
            rows = torch.searchsorted(self.kept, input).clamp(max=len(self.kept) - 1)
            if not torch.equal(self.kept[rows], input):
                raise ValueError("the model was loaded for reconstruction: it has no other words")
            input = rows
        return F.embedding(input.to(self.weight.device), self.weight)


class LanguageModel(nn.Module):
    """Embedding, layers, the two final norms, and the head that gives logits."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.config = config
        self.embed = WordEmbedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))
        self.understanding_norm = RmsNorm(config.hidden_size, config.rms_norm_eps)
        self.geometry_norm = RmsNorm(config.hidden_size, config.rms_norm_eps)
        self.head = Linear(config.hidden_size, config.vocab_size, bias=False)

    def forward(
        self,
        x: Tensor,
        split: int,
        positions: Tensor,
        cache: KeyValueCache,
        order: Tensor,
        trace: Trace,
        *,
        is_causal: bool,
    ) -> Tensor:
        """One pass: appends to the cache; returns the normed states (tokens, width).

        x: (tokens, width), the first `split` tokens are the understanding expert's, the rest geometry's
        positions: (3, tokens), order: (tokens,) places in the pass; both as x is ordered
        """
        count, before = len(x), cache.length
        cache.reserve(count)
        rotary = mrope_table(positions, self.config.rope_theta, self.config.mrope_section)
        mask = None
        if is_causal and count > 1:  # bottom-right: the last token sees all
            mask = torch.ones(count, before + count, dtype=torch.bool, device=x.device)
            mask = mask.tril(before)
        trace("input", x)
        x = x.to(torch.promote_types(x.dtype, torch.float32))
        for index, layer in enumerate(self.layers):
            x = layer(x, split, rotary, (cache.keys[index], cache.values[index]), before, mask)
            trace(f"layer{index}", x)
        cache.commit(order)
        parts = [
            norm(part)
            for norm, part in (
                (self.understanding_norm, x[:split]),
                (self.geometry_norm, x[split:]),
            )
            if len(part)
        ]
        x = torch.cat(parts)
        trace("final", x)
        return x
