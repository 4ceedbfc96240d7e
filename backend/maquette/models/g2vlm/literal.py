"""G²VLM as it was published, operation by operation: slow, and the measure for tests and benchmarks.

Nothing is shared with the model beside it. Weights keep their released names; tokens stay in the sequence's order and
are gathered and scattered between the experts in every layer; the cache is rebuilt in every layer of every pass; each
photo has a pass of its own in a chat; the global points are computed though nobody reads them. With `published_dtypes`
weights are float32 and every stage runs in its own bfloat16 autocast, with the casts that the published code has.
"""

import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from maquette.models.g2vlm.config import Config

_EPS = 1e-6
_PATCH = 14
_LLM = "language_model.model."
_GEOMETRY = "_moe_geo"


class Literal:
    """All networks; attributes named like those of the model proper are its stages, for a clock to watch."""

    def __init__(
        self,
        weights: Mapping[str, Tensor],
        config: Config,
        markers: tuple[int, int],
        *,
        published_dtypes: bool,
    ) -> None:
        """weights: by released names, float32 (float64 without published_dtypes); markers: ids around an image."""
        if published_dtypes:  # as parameters: autocast keeps their casts until a stage ends
            weights = {name: nn.Parameter(weight) for name, weight in weights.items()}
        self.weights, self.config, self.markers = weights, config, markers
        self.published_dtypes = published_dtypes
        self.position = 0
        self.cache: dict[int, tuple[Tensor, Tensor]] = {}

    @torch.no_grad()
    def reconstruct(self, images: Tensor, prompt: Sequence[int]) -> dict[str, Tensor]:
        """images: (N, 3, H, W) in 0..1. points, local_points, global_points (N, H, W, 3); camera_poses (N, 4, 4)."""
        self.position, self.cache = 0, {}
        self.say(prompt)
        tokens = self.see_geometry(images)
        grid = (images.shape[-2] // _PATCH, images.shape[-1] // _PATCH)
        local = self.points("point", self.decoder("point_decoder", tokens, grid), grid)
        depth = local[..., 2:].exp()
        local = torch.cat([local[..., :2] * depth, depth], dim=-1)
        poses = self.poses(self.decoder("camera_decoder", tokens, grid))
        world = self.decoder("global_points_decoder", tokens, grid)
        homogeneous = F.pad(local, (0, 1), value=1.0)
        points = torch.einsum("nij,nhwj->nhwi", poses, homogeneous)[..., :3]
        return {
            "points": points,
            "local_points": local,
            "camera_poses": poses,
            "global_points": self.points("global_point", world, grid),
        }

    @torch.no_grad()
    def begin_chat(
        self,
        system: Sequence[int],
        images: Tensor,
        photos: Sequence[tuple[Tensor, tuple[int, int]]],
    ) -> None:
        """The passes before the question. photos: (patches, grid) each, for the ViT."""
        self.position, self.cache = 0, {}
        self.say(system)
        self.see_geometry(images)
        for patches, grid in photos:
            with self._autocast():
                merged = self.vit(patches, grid)
            merge = self.config.vit.spatial_merge_size
            self._see([(grid[0] // merge, grid[1] // merge)], merged, is_geometry=False)

    @torch.no_grad()
    def say(self, ids: Sequence[int]) -> Tensor:
        """A causal pass of text; the final states."""
        with self._autocast():
            x = F.embedding(self._ids(ids), self.weights[_LLM + "embed_tokens.weight"])
            places = self.position + torch.arange(len(ids), device=x.device)
            self.position += len(ids)
            return self.language(
                x, torch.arange(len(ids), device=x.device), None, places.expand(3, -1), True
            )

    @torch.no_grad()
    def logits(self, token: int) -> Tensor:
        """Append one token; (1, vocabulary)."""
        return self.head(self.say([token]))

    def head(self, states: Tensor) -> Tensor:
        """(T, width) → (T, vocabulary)."""
        with self._autocast():
            return self._linear(states, "language_model.lm_head")

    def see_geometry(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) → geometry tokens (N, P, width)."""
        mean = images.new_tensor((0.485, 0.456, 0.406))[:, None, None]
        deviation = images.new_tensor((0.229, 0.224, 0.225))[:, None, None]
        with self._autocast():
            patches = self.dino((images - mean) / deviation)
            embedded = self._linear(patches, "dino2llm")
        grid = (images.shape[-2] // _PATCH, images.shape[-1] // _PATCH)
        states = self._see([grid] * len(images), embedded, is_geometry=True)
        return states.reshape(len(images), -1, states.shape[-1])

    def _see(
        self, grids: Sequence[tuple[int, int]], embedded: Tensor, *, is_geometry: bool
    ) -> Tensor:
        """One bidirectional block of images; their tokens' final states."""
        device, counter, place = embedded.device, self.position, 0
        positions, image_places, marker_places = [], [], []
        for rows, columns in grids:
            count = rows * columns
            row = torch.arange(rows, device=device).repeat_interleave(columns)
            column = torch.arange(columns, device=device).repeat(rows)
            start = torch.full((3, 1), counter, device=device)
            inside = torch.stack([torch.zeros_like(row), row, column]) + counter + 1
            positions += [start, inside, start + 1 + max(rows, columns)]
            image_places.append(torch.arange(place + 1, place + 1 + count, device=device))
            marker_places += [place, place + count + 1]
            counter, place = counter + max(rows, columns) + 2, place + count + 2
        self.position = counter
        images, markers = torch.cat(image_places), torch.tensor(marker_places, device=device)
        with self._autocast():
            words = F.embedding(
                self._ids(list(self.markers) * len(grids)),
                self.weights[_LLM + "embed_tokens.weight"],
            )
            x = words.new_zeros(place, words.shape[-1])
            x[markers] = words
            x[images] = embedded.to(x.dtype)
            understanding = markers if is_geometry else torch.arange(place, device=device)
            geometry = images if is_geometry else None
            states = self.language(x, understanding, geometry, torch.cat(positions, dim=1), False)
        return states[images]

    # -- the language model

    def language(
        self,
        x: Tensor,
        understanding: Tensor,
        geometry: Tensor | None,
        positions: Tensor,
        is_causal: bool,
    ) -> Tensor:
        """x: (T, width) in the sequence's order; the places of each expert's tokens; positions (3, T)."""
        rotary = self._mrope(positions)
        for index in range(self.config.text.num_hidden_layers):
            x = self._layer(index, x, understanding, geometry, rotary, is_causal)
        final = torch.zeros_like(x)
        final[understanding] = self._rms(x[understanding], _LLM + "norm.weight")
        if geometry is not None:
            final[geometry] = self._rms(x[geometry], f"{_LLM}norm{_GEOMETRY}.weight")
        return final

    def _layer(
        self,
        index: int,
        x: Tensor,
        understanding: Tensor,
        geometry: Tensor | None,
        rotary: tuple[Tensor, Tensor],
        is_causal: bool,
    ) -> Tensor:
        layer = f"{_LLM}layers.{index}."
        experts = [("", understanding)]
        if geometry is not None:
            experts.append((_GEOMETRY, geometry))

        def scattered(step: str, source: Tensor, width: int, dtype: torch.dtype) -> Tensor:
            whole = source.new_zeros(len(source), width, dtype=dtype)
            for suffix, places in experts:
                whole[places] = self._linear(source[places], f"{layer}{step}{suffix}").to(dtype)
            return whole

        def normed(name: str, source: Tensor) -> Tensor:
            whole = torch.zeros_like(source)
            for suffix, places in experts:
                whole[places] = self._rms(source[places], f"{layer}{name}{suffix}.weight")
            return whole if geometry is None else self._low(whole)

        def scaled(which: int, branch: Tensor) -> Tensor:
            if geometry is not None:
                scale = self.weights[f"{layer}ls{which}.gamma"]
                branch[geometry] = (branch[geometry] * scale).to(branch.dtype)
            return branch

        text, low = self.config.text, self._low(x).dtype
        d = text.head_dim
        a = normed("input_layernorm", x)
        kv_width = text.num_key_value_heads * d
        query = scattered("self_attn.q_proj", a, text.hidden_size, low).view(len(x), -1, d)
        key = scattered("self_attn.k_proj", a, kv_width, low).view(len(x), -1, d)
        value = scattered("self_attn.v_proj", a, kv_width, low).view(len(x), -1, d)
        if geometry is not None:  # the geometry pass norms in the residual's dtype
            query, key = query.to(x.dtype), key.to(x.dtype)
        turned = []
        for letter, one in (("q", query), ("k", key)):
            whole = torch.zeros_like(one)
            for suffix, places in experts:
                whole[places] = self._rms(
                    one[places], f"{layer}self_attn.{letter}_norm{suffix}.weight"
                ).to(one.dtype)
            cos, sin = (table[:, None] for table in rotary)
            turned.append(self._low(whole * cos + _rotate_half(whole) * sin))
        keys, values = self._remember(index, turned[1], value)
        attended = self._attend_cached(turned[0], keys, values, is_causal)
        x = x + scaled(1, scattered("self_attn.o_proj", attended, text.hidden_size, low))
        y = normed("post_attention_layernorm", x)
        grown = y.new_zeros(y.shape, dtype=low)
        for suffix, places in experts:
            part, mlp = y[places], f"{layer}mlp{suffix}."
            gated = F.silu(self._linear(part, mlp + "gate_proj")) * self._linear(
                part, mlp + "up_proj"
            )
            grown[places] = self._linear(gated, mlp + "down_proj")
        return x + scaled(2, grown)

    def _remember(self, index: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Old and new keys and values, scattered into new tensors."""
        if index not in self.cache:
            self.cache[index] = (key, value)
            return key, value
        old_keys, old_values = self.cache[index]
        before, total = len(old_keys), len(old_keys) + len(key)
        old = torch.arange(before, device=key.device)
        new = torch.arange(before, total, device=key.device)
        merged = []
        for past, fresh in ((old_keys, key), (old_values, value)):
            whole = fresh.new_zeros(total, *fresh.shape[1:])
            whole[old], whole[new] = past, fresh
            merged.append(whole)
        self.cache[index] = (merged[0], merged[1])
        return self.cache[index]

    def _attend_cached(
        self, query: Tensor, keys: Tensor, values: Tensor, is_causal: bool
    ) -> Tensor:
        mask = None
        if is_causal and len(query) > 1:
            mask = torch.ones(len(query), len(keys), dtype=torch.bool, device=query.device)
            mask = mask.tril(len(keys) - len(query))
        mixed = F.scaled_dot_product_attention(
            query.transpose(0, 1)[None],
            keys.transpose(0, 1)[None],
            values.transpose(0, 1)[None],
            attn_mask=mask,
            enable_gqa=True,
        )
        return mixed[0].transpose(0, 1).flatten(1)

    def _mrope(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """cos and sin (T, head_dim); by sections of time, row and column, twice."""
        text = self.config.text
        steps = torch.arange(0, text.head_dim, 2, device=positions.device).float()
        frequencies = 1.0 / text.rope_theta ** (steps / text.head_dim)
        angles = positions[..., None].float() * frequencies
        angles = torch.cat([angles, angles], dim=-1)
        parts = angles.split(list(text.mrope_section) * 2, dim=-1)
        chosen = torch.cat([part[index % 3] for index, part in enumerate(parts)], dim=-1)
        return chosen.cos(), chosen.sin()

    # -- the encoders

    def dino(self, images: Tensor) -> Tensor:
        """Normalised (N, 3, H, W) → (N·P, width); attention in the published segments of P tokens."""
        config, prefix = self.config.dino, "dino_model."
        weights, embeddings = self.weights, prefix + "embeddings."
        patch = embeddings + "patch_embeddings.projection."
        patches = F.conv2d(
            images, weights[patch + "weight"], weights[patch + "bias"], stride=config.patch_size
        )
        rows, columns = patches.shape[-2:]
        count = len(images)
        x = patches.flatten(2).transpose(1, 2)
        x = torch.cat(
            [weights[embeddings + "cls_token"].expand(count, -1, -1).to(x.dtype), x], dim=1
        )
        x = x + self._dino_positions(rows, columns)
        registers = weights[embeddings + "register_tokens"].expand(count, -1, -1)
        x = torch.cat([x[:, :1], registers.to(x.dtype), x[:, 1:]], dim=1)
        tokens, extra = x.shape[1], 1 + config.num_register_tokens
        x = x.flatten(0, 1)
        cuts = [
            (start, start + rows * columns)
            for start in range(0, count * rows * columns, rows * columns)
        ]
        for index in range(config.num_hidden_layers):
            layer = f"{prefix}encoder.layer.{index}."
            a = self._layer_norm(x, layer + "norm1")
            query, key, value = (
                self._low(self._linear(a, f"{layer}attention.attention.{part}")).unflatten(
                    -1, (config.num_attention_heads, -1)
                )
                for part in ("query", "key", "value")
            )
            mixed = torch.zeros_like(query)  # tokens of no segment keep this
            for start, stop in cuts:
                mixed[start:stop] = _attend(query[start:stop], key[start:stop], value[start:stop])
            out = self._linear(mixed.flatten(1), layer + "attention.output.dense")
            x = out * weights[layer + "layer_scale1.lambda1"] + x
            inner = F.gelu(self._linear(self._layer_norm(x, layer + "norm2"), layer + "mlp.fc1"))
            grown = self._linear(inner, layer + "mlp.fc2")
            x = grown * weights[layer + "layer_scale2.lambda1"] + x
        x = self._layer_norm(x, prefix + "layernorm").unflatten(0, (count, tokens))
        return x[:, extra:].flatten(0, 1)

    def _dino_positions(self, rows: int, columns: int) -> Tensor:
        table = self.weights["dino_model.embeddings.position_embeddings"]
        side = math.isqrt(table.shape[1] - 1)
        if rows == columns == side:
            return table
        grid = table[:, 1:].unflatten(1, (side, side)).permute(0, 3, 1, 2)
        grid = F.interpolate(
            grid, size=(rows, columns), mode="bicubic", align_corners=False, antialias=True
        )
        return torch.cat([table[:, :1], grid.flatten(2).transpose(1, 2)], dim=1)

    def vit(self, patches: Tensor, grid: tuple[int, int]) -> Tensor:
        """One photo: (h·w, 1176), groups of 2x2 first → (h·w / 4, hidden)."""
        config, prefix = self.config.vit, "vit_model."
        kernel = self.weights[prefix + "patch_embed.proj.weight"]
        x = F.conv3d(patches.reshape(-1, *kernel.shape[1:]), kernel, stride=kernel.shape[2:])
        x = x.flatten(1)
        cos, sin = self._vit_rotary(grid, x.device)
        for index in range(config.depth):
            block = f"{prefix}blocks.{index}."
            qkv = self._linear(self._layer_norm(x, block + "norm1"), block + "attn.qkv")
            query, key, value = qkv.unflatten(-1, (3, config.num_heads, -1)).unbind(1)
            query, key = (
                self._low(one.float() * cos + _rotate_half(one.float()) * sin).to(value.dtype)
                for one in (query, key)
            )
            attended = self._linear(_attend(query, key, value).flatten(1), block + "attn.proj")
            x = x + attended
            inner = self._linear(self._layer_norm(x, block + "norm2"), block + "mlp.fc1")
            x = x + self._linear(inner * torch.sigmoid(1.702 * inner), block + "mlp.fc2")
        merged = self._layer_norm(x, prefix + "merger.ln_q").reshape(-1, 4 * x.shape[-1])
        inner = F.gelu(self._linear(merged, prefix + "merger.mlp.0"))
        return self._linear(inner, prefix + "merger.mlp.2")

    def _vit_rotary(self, grid: tuple[int, int], device: torch.device) -> tuple[Tensor, Tensor]:
        config = self.config.vit
        merge, quarter = config.spatial_merge_size, config.embed_dim // config.num_heads // 4
        frequencies = 1.0 / 10000.0 ** (torch.arange(quarter, device=device).float() / quarter)
        places = torch.cartesian_prod(*(torch.arange(side, device=device) for side in grid))
        places = places.reshape(grid[0] // merge, merge, grid[1] // merge, merge, 2)
        places = places.transpose(1, 2).reshape(-1, 2)
        angles = (places[..., None].float() * frequencies).flatten(1).repeat(1, 2)[:, None]
        return angles.cos(), angles.sin()

    # -- the geometry decoders and heads

    def decoder(self, name: str, tokens: Tensor, grid: tuple[int, int]) -> Tensor:
        """(N, P, width) → (N, P, out); the global one looks at photo 0, repeated for every photo."""
        with self._autocast():
            x, context = tokens, tokens[:1].expand(len(tokens), -1, -1)
            for index in range(self.config.geometry.depth):
                block = f"{name}.blocks.{index}."
                qkv = self._linear(self._layer_norm(x, block + "norm1"), block + "attn.qkv")
                query, key, value = self._heads(qkv, 3)
                x = x + self._mixed(query, key, value, grid, block + "attn.proj")
                after = "norm2"
                if f"{block}norm_y.weight" in self.weights:
                    cross, after = block + "cross_attn.", "norm3"
                    query = self._linear(self._layer_norm(x, block + "norm2"), cross + "q_proj")
                    y = self._layer_norm(context, block + "norm_y")
                    key, value = (self._linear(y, f"{cross}{part}_proj") for part in "kv")
                    query, key, value = (self._heads(one, 1)[0] for one in (query, key, value))
                    x = x + self._mixed(query, key, value, grid, cross + "proj")
                inner = F.gelu(self._linear(self._layer_norm(x, block + after), block + "mlp.fc1"))
                x = x + self._linear(inner, block + "mlp.fc2")
            return self._linear(x, name + ".linear_out")

    def _heads(self, x: Tensor, parts: int) -> Sequence[Tensor]:
        return x.unflatten(-1, (parts, self.config.geometry.num_heads, -1)).unbind(2)

    def _mixed(
        self, query: Tensor, key: Tensor, value: Tensor, grid: tuple[int, int], name: str
    ) -> Tensor:
        query, key = self._rope2d(query, grid), self._rope2d(key, grid)
        return self._linear(_attend(query, key, value).flatten(-2), name)

    def _rope2d(self, x: Tensor, grid: tuple[int, int]) -> Tensor:
        """Halves of the heads turned by row and by column; tables looked up by position, up to the largest."""
        half = x.shape[-1] // 2
        places = torch.cartesian_prod(*(torch.arange(side, device=x.device) for side in grid))
        steps = torch.arange(0, half, 2, device=x.device).float()
        largest = int(places.max()) + 1
        angles = torch.arange(largest, device=x.device)[:, None] / 100.0 ** (steps / half)
        angles = torch.cat([angles, angles], dim=-1).to(x.dtype)
        turned = []
        for axis, part in enumerate(x.split(half, dim=-1)):
            cos, sin = (
                F.embedding(places[:, axis], table)[:, None]
                for table in (angles.cos(), angles.sin())
            )
            turned.append(part * cos + _rotate_half(part) * sin)
        return torch.cat(turned, dim=-1)

    def points(self, name: str, x: Tensor, grid: tuple[int, int]) -> Tensor:
        """Patches to pixels, in float32: (N, H, W, 3)."""
        x = self._linear(x.to(self._head_dtype), name + "_head.proj")
        x = F.pixel_shuffle(x.transpose(1, 2).unflatten(2, grid), _PATCH)
        return x.permute(0, 2, 3, 1)

    def poses(self, x: Tensor) -> Tensor:
        """Patches to world_from_camera, in float32: (N, 4, 4)."""
        x, head = x.to(self._head_dtype), "camera_head."
        for index in range(2):
            inner = x
            for step in (1, 2, 3):
                inner = F.relu(self._linear(inner, f"{head}res_conv.{index}.res_conv{step}"))
            x = x + inner
        x = x.mean(dim=1)
        for index in (0, 2):
            x = F.relu(self._linear(x, f"{head}more_mlps.{index}"))
        rows = F.normalize(self._linear(x, head + "fc_rot").unflatten(-1, (3, 3)), dim=-1)
        U, _, Vh = torch.linalg.svd(rows.transpose(1, 2))
        V = Vh.transpose(1, 2)
        fix = torch.ones_like(rows[:, 0])
        fix[:, 2] = torch.det(V @ U.transpose(1, 2))
        pose = torch.eye(4, dtype=x.dtype, device=x.device).repeat(len(x), 1, 1)
        pose[:, :3, :3] = V @ torch.diag_embed(fix) @ U.transpose(1, 2)
        pose[:, :3, 3] = self._linear(x, head + "fc_t")
        return pose

    # -- shared

    def _autocast(self) -> AbstractContextManager[object]:
        """Each stage casts the weights anew."""
        if not self.published_dtypes:
            return nullcontext()
        return torch.autocast(self._device.type, torch.bfloat16)

    @property
    def _device(self) -> torch.device:
        return self.weights["dino2llm.weight"].device

    @property
    def _head_dtype(self) -> torch.dtype:
        return self.weights["point_head.proj.weight"].dtype

    def _ids(self, ids: Sequence[int]) -> Tensor:
        return torch.tensor(ids, device=self._device)

    def _low(self, x: Tensor) -> Tensor:
        return x.to(torch.bfloat16) if self.published_dtypes else x

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return F.linear(x, self.weights[name + ".weight"], self.weights.get(name + ".bias"))

    def _layer_norm(self, x: Tensor, name: str) -> Tensor:
        weight, bias = self.weights[name + ".weight"], self.weights[name + ".bias"]
        wide = torch.promote_types(x.dtype, weight.dtype)
        return F.layer_norm(x.to(wide), weight.shape, weight, bias, _EPS)

    def _rms(self, x: Tensor, name: str) -> Tensor:
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        variance = wide.pow(2).mean(-1, keepdim=True)
        wide = wide * torch.rsqrt(variance + self.config.text.rms_norm_eps)
        return self.weights[name] * wide.to(x.dtype)


def _rotate_half(x: Tensor) -> Tensor:
    first, second = x.chunk(2, dim=-1)
    return torch.cat([-second, first], dim=-1)


def _attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """(…, tokens, heads, d), full attention."""
    query, key, value = (one.transpose(-3, -2) for one in (query, key, value))
    return F.scaled_dot_product_attention(query, key, value).transpose(-3, -2)
