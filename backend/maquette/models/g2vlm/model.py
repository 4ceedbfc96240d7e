"""The whole model; the passes of one call through it; and `reconstruct`, photos to points and cameras.

Source: arXiv 2511.21688. Reconstruction: text, then one block of all photos' geometry tokens, then three decoders.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from maquette.models.g2vlm.config import Config
from maquette.models.g2vlm.decoding import TokenStep
from maquette.models.g2vlm.dino import Dino, SegmentMode
from maquette.models.g2vlm.geometry import CameraHead, Decoder, PointHead, local_from_raw
from maquette.models.g2vlm.language import KeyValueCache, LanguageModel
from maquette.models.g2vlm.layers import Linear, Trace, ignore_stage
from maquette.models.g2vlm.packing import Pass, image_pass, text_pass
from maquette.models.g2vlm.prepare import normalize_recon
from maquette.models.g2vlm.rotary import rope2d_table
from maquette.models.g2vlm.tokens import Tokens
from maquette.models.g2vlm.vit import Vit

_PATCH = 14
_ANSWER = 256  # tokens that find room in the cache before their step must be recorded anew
OnPass = Callable[[str, Pass, int], None]  # name, the pass, tokens cached before


def ignore_pass(name: str, one: Pass, before: int) -> None:
    """Look at nothing."""


@dataclass(frozen=True, kw_only=True)
class Geometry:
    """What a reconstruction gives, in the frame that the model chose; lengths have no unit."""

    local_points: Tensor  # (N, H, W, 3) float32, OpenCV camera axes
    world_from_camera: Tensor  # (N, 4, 4) float32
    global_points: Tensor | None  # (N, H, W, 3) float32, in photo 0's frame, where asked for

    @property
    def points(self) -> Tensor:
        """(N, H, W, 3) world."""
        rotation = self.world_from_camera[:, None, :3, :3]
        offset = self.world_from_camera[:, None, None, :3, 3]
        return self.local_points @ rotation.transpose(-1, -2) + offset


class G2vlm(nn.Module):
    """All networks; `weights.load_model` builds it with those that a task needs."""

    def __init__(self, config: Config, tokens: Tokens | None) -> None:
        super().__init__()
        self.config = config
        self._tokens = tokens
        self.segment_mode: SegmentMode = "reference"
        self.said_prompt: KeyValueCache | None = (
            None  # of a reconstruction's words, once they were said
        )
        width, geometry = config.text.hidden_size, config.geometry
        self.language = LanguageModel(config.text)
        self.vit = Vit(config.vit)
        self.dino = Dino(config.dino)
        self.bridge = Linear(config.dino.hidden_size, width)
        points, camera = geometry.point_out_dim, geometry.camera_dim
        self.point_decoder = Decoder(width, points, geometry, has_context=False)
        self.camera_decoder = Decoder(width, camera, geometry, has_context=False)
        self.global_points_decoder = Decoder(width, points, geometry, has_context=True)
        self.point_head, self.global_point_head = PointHead(points), PointHead(points)
        self.camera_head = CameraHead(camera)

    @property
    def tokens(self) -> Tokens:
        """The vocabulary. Raises ValueError where the model was built without."""
        if self._tokens is None:
            raise ValueError("the model was built without a tokenizer")
        return self._tokens

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.language.embed.weight.device

    @property
    def dtype(self) -> torch.dtype:
        """Of the weights; heads are float32 or wider."""
        return self.language.embed.weight.dtype

    def check_loaded(self, *parts: str) -> None:
        """Raises ValueError for parts that were left out when the model was loaded."""
        absent = [part for part in parts if getattr(self, part) is None]
        if absent:
            raise ValueError(f"the model was loaded without {', '.join(absent)}")

    @torch.inference_mode()
    def reconstruct(
        self,
        images: Tensor,
        *,
        with_global_points: bool = False,
        session: "Session | None" = None,
        check: Callable[[], None] = lambda: None,
    ) -> Geometry:
        """images: (N, 3, H, W) float32 in 0..1 (prepare.recon_images). `check` is called between stages; it may raise.

        session: a fresh one, for who wants to look at the stages
        """
        session = session or Session(self)
        session.say_recon_prompt()
        check()
        tokens = session.see_geometry(images, check)
        check()
        return self.decode_geometry(
            tokens,
            images.shape[-2:],
            with_global_points=with_global_points,
            trace=session.trace,
        )

    @torch.inference_mode()
    def decode_geometry(
        self,
        tokens: Tensor,
        size: Sequence[int],
        *,
        with_global_points: bool = False,
        trace: Trace = ignore_stage,
    ) -> Geometry:
        """Geometry tokens (N, P, width) of photos of `size` (H, W) → points and cameras.

        Raises ValueError where a part was not loaded.
        """
        self.check_loaded("point_decoder", "camera_decoder")
        if with_global_points:
            self.check_loaded("global_points_decoder")
        grid = (size[0] // _PATCH, size[1] // _PATCH)
        rotary = self._rope2d(grid, tokens)
        head = torch.promote_types(tokens.dtype, torch.float32)
        raw = self.point_head(
            self.point_decoder(tokens, rotary, "point_decoder", trace).to(head), grid
        )
        trace("point_head.raw", raw)
        camera = self.camera_decoder(tokens, rotary, "camera_decoder", trace).to(head)
        poses = self.camera_head(camera, trace)
        world = None
        if with_global_points:
            world = self.global_points_decoder(tokens, rotary, "global_points_decoder", trace)
            world = self.global_point_head(world.to(head), grid)
            trace("global_point_head.raw", world)
        return Geometry(
            local_points=local_from_raw(raw), world_from_camera=poses, global_points=world
        )

    def _rope2d(self, grid: tuple[int, int], tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Tables (P, 1, head_dim). The released code rounds angles to the activations' dtype; so does "reference"."""
        rows = torch.arange(grid[0], device=tokens.device).repeat_interleave(grid[1])
        columns = torch.arange(grid[1], device=tokens.device).repeat(grid[0])
        head_dim = self.config.text.hidden_size // self.config.geometry.num_heads
        is_reference = self.segment_mode == "reference"
        angle_dtype = self.dtype if is_reference else torch.float32
        cos, sin = rope2d_table(rows, columns, head_dim, angle_dtype)
        return cos[:, None], sin[:, None]


class Session:
    """One call's passes: they share the running position and the cache."""

    def __init__(
        self, model: G2vlm, trace: Trace = ignore_stage, on_pass: OnPass = ignore_pass
    ) -> None:
        self.model, self.trace, self.on_pass = model, trace, on_pass
        self.position = 0
        self.cache = KeyValueCache(model.config.text, 256, model.dtype, model.device)
        self._step: TokenStep | None = None

    def say(self, ids: list[int], name: str) -> Tensor:
        """A causal pass of text; returns the final states (tokens, width)."""
        return self._run(text_pass(ids, self.position), None, name)

    def say_recon_prompt(self) -> None:
        """What every reconstruction begins with: a model computes it once, unless its stages are looked at."""
        model, words = self.model, self.model.tokens.recon_prompt
        if model.said_prompt is not None and self.trace is ignore_stage:
            self.cache.repeat(model.said_prompt)
            self.position = len(words)
            return
        self.say(words, "text0")
        model.said_prompt = KeyValueCache(
            model.config.text, self.cache.length, model.dtype, model.device
        )
        model.said_prompt.repeat(self.cache)

    def see_geometry(self, images: Tensor, check: Callable[[], None] = lambda: None) -> Tensor:
        """One block of all photos. images: (N, 3, H, W) in 0..1. Returns geometry tokens (N, P, width)."""
        model = self.model
        normalized = normalize_recon(images.to(torch.float32))
        self.trace("prep.dino0.packed_dino_images", normalized)
        patches = model.dino(normalized.to(model.device), model.segment_mode, self.trace)
        check()
        embedded = model.bridge(patches).flatten(0, 1)
        self.trace("dino2llm.out", embedded)
        count = len(images)
        grid = (images.shape[-2] // _PATCH, images.shape[-1] // _PATCH)
        markers = (model.tokens.image_start, model.tokens.image_end)
        block = image_pass([grid] * count, self.position, markers)
        states = self._run(block, embedded, "dino0")
        return states[2 * count :].reshape(count, -1, states.shape[-1])

    def see_photo(self, patches: Tensor, grid: tuple[int, int], index: int) -> None:
        """One photo's ViT tokens, as understanding tokens. patches: (h·w, 1176), grid (h, w)."""
        model = self.model

        def trace(name: str, value: Tensor) -> None:
            self.trace(f"vit.{index}.{name}", value.flatten(0, 1))

        merged = model.vit(patches[None].to(model.device), grid, trace)[0]
        merge = model.config.vit.spatial_merge_size
        markers = (model.tokens.image_start, model.tokens.image_end)
        block = image_pass([(grid[0] // merge, grid[1] // merge)], self.position, markers)
        self._run(block, merged, f"vit{index}", experts_split=False)

    def logits(self, token: int, name: str) -> Tensor:
        """Append one token; (1, vocabulary) logits of the next, valid until the next call."""
        if self.model.device.type == "cuda" and self.trace is ignore_stage:
            return self._recorded_logits(token)
        return self.model.language.head(self.say([token], name))

    def _recorded_logits(self, token: int) -> Tensor:
        """By a step that CUDA has recorded for this cache."""
        cache = self.cache
        if self._step is None or not self._step.fits(cache):
            cache.reserve(_ANSWER)
            self._step = TokenStep(self.model.language, cache)
            self._step.record(token, self.position, cache.length)
        logits = self._step(token, self.position, cache.length)
        cache.commit(torch.zeros(1, dtype=torch.int64))
        self.position += 1
        return logits

    def _run(
        self, one: Pass, image_tokens: Tensor | None, name: str, *, experts_split: bool = True
    ) -> Tensor:
        """experts_split: image tokens are geometry's; else the understanding expert takes all."""
        model = self.model
        self.on_pass(name, one, self.cache.length)
        x = model.language.embed(one.text_ids)
        if image_tokens is not None:
            wide = torch.promote_types(x.dtype, image_tokens.dtype)
            x = torch.cat([x.to(wide), image_tokens.to(wide)])
        split = len(one.text_ids) if experts_split else len(x)
        order = one.order
        restore = order.argsort().to(model.device)

        def trace(stage: str, value: Tensor) -> None:
            self.trace(f"llm.{name}.{stage}", value[restore])

        states = model.language(
            x,
            split,
            one.positions[:, order].to(model.device),
            self.cache,
            order,
            ignore_stage if self.trace is ignore_stage else trace,
            is_causal=one.is_causal,
        )
        self.position = one.next_position
        return states
