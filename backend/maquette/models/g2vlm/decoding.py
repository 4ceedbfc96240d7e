"""One token's step in fixed memory, so that CUDA can record it once and replay it: no kernel is launched from Python.

A step is hundreds of small kernels on 3 GB of weights: launched one by one it waits for Python, replayed for memory.
What changes from token to token (its id, its position, its slot in the cache) lies in tensors that keep their place.
The cache is looked at in full and masked past the slot. The same step runs unrecorded on any device.
"""

import logging

import torch
from torch import Tensor

from maquette.models.g2vlm.language import KeyValueCache, LanguageModel, Layer, grouped_attention
from maquette.models.g2vlm.rotary import mrope_table

_LOG = logging.getLogger(__name__)
_WARM_UPS = 2  # kernels are compiled and libraries set up before recording


class TokenStep:
    """Logits of the next token, for a cache that keeps its size. Made anew when the cache has grown."""

    def __init__(self, language: LanguageModel, cache: KeyValueCache) -> None:
        """The language model with all its words (loaded for chat)."""
        self._language, self._keys, self._values = language, cache.keys, cache.values
        device = cache.keys.device
        self._token = torch.zeros(1, dtype=torch.int64, device=device)
        self._position = torch.zeros(3, 1, dtype=torch.int64, device=device)
        self._slot = torch.zeros(1, dtype=torch.int64, device=device)
        self._slots = torch.arange(cache.keys.shape[1], device=device)
        self._graph: torch.cuda.CUDAGraph | None = None
        self._logits: Tensor | None = None

    def fits(self, cache: KeyValueCache) -> bool:
        """Whether the cache is still the one that this step writes to, with a slot left."""
        return cache.keys is self._keys and cache.length < len(self._slots)

    def record(self, token: int, position: int, slot: int) -> None:
        """Have CUDA record the step; where that fails, steps are computed as they are, and the log says so."""
        self._place(token, position, slot)
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(_WARM_UPS):
                self._compute()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph):
                self._logits = self._compute()
            self._graph = graph
        except RuntimeError as error:
            _LOG.warning("CUDA did not record the step of a token, which is slower so: %s", error)

    def __call__(self, token: int, position: int, slot: int) -> Tensor:
        """Write one token's keys and values to `slot`; (1, vocabulary) logits, valid until the next call."""
        self._place(token, position, slot)
        if self._graph is None or self._logits is None:
            return self._compute()
        self._graph.replay()
        return self._logits

    def _place(self, token: int, position: int, slot: int) -> None:
        self._token.fill_(token)
        self._position.fill_(position)
        self._slot.fill_(slot)

    def _compute(self) -> Tensor:
        language, config = self._language, self._language.config
        rotary = mrope_table(self._position, config.rope_theta, config.mrope_section)
        seen = (self._slots <= self._slot)[None]
        x = language.embed(self._token)
        x = x.to(torch.promote_types(x.dtype, torch.float32))
        for index, layer in enumerate(language.layers):
            assert isinstance(layer, Layer)
            x = self._layer(layer, x, rotary, self._keys[index], self._values[index], seen)
        return language.head(language.understanding_norm(x))

    def _layer(
        self,
        layer: Layer,
        x: Tensor,
        rotary: tuple[Tensor, Tensor],
        keys: Tensor,
        values: Tensor,
        seen: Tensor,
    ) -> Tensor:
        expert = layer.understanding
        key, value = (torch.empty_like(whole[:1]) for whole in (keys, values))
        query = expert.project(x, *rotary, key, value)
        keys.index_copy_(0, self._slot, key)
        values.index_copy_(0, self._slot, value)
        return expert.finish(x, grouped_attention(query, keys, values, seen))
