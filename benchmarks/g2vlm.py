"""G²VLM at its real widths with random weights, next to the published order of operations, in one run.

    python benchmarks/g2vlm.py                                     what this device does in some minutes
    python benchmarks/g2vlm.py --photos 1 2 8 32 128 --size 392 518 --layers all    what the bars are about

Every part is timed alone: seconds, the share of the matrix rate that the device reached in this very run, and the ratio
to the literal variant (models/g2vlm/literal.py) in the published dtypes: float32 weights under bfloat16 autocast. With
--layers K only K layers of each network are built and their seconds are scaled to all: layers are alike, and the
published float32 model alone has 18 GB. On a CPU, seconds are CPU seconds per thread, which other work disturbs less.
"""

import argparse
import os
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch
from g2vlm_parts import Clock, Device, RandomWeights, decode_bytes, recon_flop, words
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from maquette.models.g2vlm.chat import Chat
from maquette.models.g2vlm.config import Config
from maquette.models.g2vlm.literal import Literal
from maquette.models.g2vlm.model import G2vlm, Session
from maquette.models.g2vlm.weights import (
    LoadOptions,
    Task,
    build_empty,
    fill_model,
    released_shapes,
    size_bytes,
)

SYSTEM = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n"
QUESTION = "What is on the desk ?<|im_end|>\n<|im_start|>assistant"
RECON_PARTS = ("dino", "language_model.model", "point_", "camera_", "global_point")
CHAT_PARTS = ("dino", "language_model", "vit")
Photos = list[tuple[Tensor, tuple[int, int]]]  # patches and grid, for the ViT
FEW_TOKENS = 64  # a pass of fewer is one of text


def main() -> None:
    options = arguments()
    if options.device == "cpu":
        torch.set_num_threads(options.threads)
        os.environ["MAQUETTE_THREADS"] = str(options.threads)
    device = Device(options.device, getattr(torch, options.dtype), options.repeats)
    bench = Bench(device, options)
    height, width = options.size
    weights = "int8 language" if options.int8 else options.dtype
    print(f"{device}; photos {width}x{height}, weights {weights}, layers built: {options.layers}\n")
    bench.load()
    for count in options.photos:
        bench.reconstruct(count)
    if not options.no_chat:
        bench.chat()


def arguments() -> argparse.Namespace:
    is_gpu = torch.cuda.is_available()
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--device", default="cuda" if is_gpu else "cpu")
    parser.add_argument(
        "--photos", type=int, nargs="+", default=[1, 2, 8, 32] if is_gpu else [1, 2]
    )
    parser.add_argument(
        "--size",
        type=int,
        nargs=2,
        default=(392, 518) if is_gpu else (140, 252),
        help="height and width of the photos, pixels",
    )
    parser.add_argument(
        "--vit", type=int, default=756 if is_gpu else 224, help="side of the ViT's photo, pixels"
    )
    parser.add_argument(
        "--layers", default="all" if is_gpu else "4", help="how many of each network are built"
    )
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="bfloat16")
    parser.add_argument("--int8", action="store_true", help="the language model's weights")
    parser.add_argument("--repeats", type=int, default=3, help="the median counts")
    parser.add_argument("--threads", type=int, default=1, help="on a CPU")
    parser.add_argument("--no-literal", action="store_true", help="ours alone")
    parser.add_argument("--no-chat", action="store_true", help="reconstruction alone")
    return parser.parse_args()


class Bench:
    """Both variants on one device."""

    def __init__(self, device: Device, options: argparse.Namespace) -> None:
        self.device, self.options = device, options
        full = Config()
        self.full, self.config, self.tokens = full, full, words()
        if options.layers != "all":
            count = int(options.layers)
            self.config = replace(
                full,
                text=replace(full.text, num_hidden_layers=count),
                dino=replace(full.dino, num_hidden_layers=count),
                vit=replace(full.vit, depth=count),
            )
        layers = full.text.num_hidden_layers / self.config.text.num_hidden_layers
        self.scales = {  # from the layers that are built to all
            "encoder": full.dino.num_hidden_layers / self.config.dino.num_hidden_layers,
            "ViT": full.vit.depth / self.config.vit.depth,
            "prompt": layers,
            "geometry pass": layers,
            "ViT pass": layers,
            "layers of a token": layers,
        }

    def load(self) -> None:
        """Seconds and memory from a file in the released layout, just written: what the loader itself needs."""
        stored = RandomWeights(released_shapes(build_empty(self.config)))
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "model.safetensors"
            save_file({name: stored.get_tensor(name) for name in stored.shapes}, file)
            gigabytes = file.stat().st_size / 1e9
            self.device.forget_peak()
            start = time.perf_counter()
            with safe_open(file, framework="pt") as opened:
                model = fill_model(
                    build_empty(self.config, self.tokens), opened, self._load("recon")
                )
            seconds = time.perf_counter() - start
            peak = self.device.peak_gib()
        weights = sum(one.numel() * one.element_size() for one in model.parameters())
        whole = size_bytes(self.full, "recon", self.device.dtype)
        print(
            f"load: {seconds:.3g} s for {weights / 1e9:.2f} GB of weights from a file of {gigabytes:.2f} GB, peak "
            f"{peak:.2f} GiB (the mapped file counts); all layers in {self.options.dtype}: {whole / 1e9:.2f} GB\n"
        )

    def reconstruct(self, count: int) -> None:
        """A table of the parts for `count` photos."""
        height, width = self.options.size
        generator = torch.Generator().manual_seed(1)
        images = torch.rand(count, 3, height, width, generator=generator).to(self.device.torch)
        flop = recon_flop(self.full, count, (height // 14, width // 14))
        print(f"## {count} photo{'s' if count > 1 else ''}\n")

        self.device.forget_peak()
        ours, points, facts = self._reconstruct_ours(images)
        theirs = None
        if not self.options.no_literal:
            self.device.forget_peak()
            theirs, given = self._reconstruct_literal(images)
            error = (points - given).square().mean().sqrt() / given.square().mean().sqrt()
            facts += (
                f"; literal: peak {self.device.peak_gib():.2f} GiB, points {float(error):.1e} apart"
            )
        self._table(ours, theirs, flop)
        print(f"\n{facts}\n")

    def _reconstruct_ours(self, images: Tensor) -> tuple[dict[str, float], Tensor, str]:
        """Seconds by part, the points, and what else was measured."""
        model = self._ours("recon")
        whole = self.device.median(lambda: model.reconstruct(images))
        peak = self.device.peak_gib()
        weights = sum(one.numel() * one.element_size() for one in model.parameters())
        _watch_ours(clock := Clock(self.device), model)
        seconds = clock.run(lambda: model.reconstruct(images))
        facts = f"as built: {whole:.3g} s, weights {weights / 1e9:.2f} GB, peak {peak:.2f} GiB"
        return seconds, model.reconstruct(images).points, facts

    def _reconstruct_literal(self, images: Tensor) -> tuple[dict[str, float], Tensor]:
        literal = self._literal(RECON_PARTS)
        _watch_literal(clock := Clock(self.device), literal)
        seconds = clock.run(lambda: literal.reconstruct(images, self.tokens.recon_prompt))
        return seconds, literal.reconstruct(images, self.tokens.recon_prompt)["points"]

    def chat(self) -> None:
        """One photo: the passes before the question, then tokens of the answer."""
        height, width = self.options.size
        generator = torch.Generator().manual_seed(1)
        images = torch.rand(1, 3, height, width, generator=generator).to(self.device.torch)
        side = self.options.vit // 14
        patches = torch.randn(side * side, 1176, generator=generator).to(self.device.torch)
        photos = [(patches, (side, side))]
        print("## chat, 1 photo\n")

        self.device.forget_peak()
        ours, theirs = self._chat_ours(images, photos), None
        peaks = f"peak {self.device.peak_gib():.2f} GiB"
        if not self.options.no_literal:
            self.device.forget_peak()
            theirs = self._chat_literal(images, photos)
            peaks += f", literal {self.device.peak_gib():.2f} GiB"
        self._table(ours, theirs, {})
        seconds = sum(
            self._scaled(ours, part) for part in ("layers of a token", "words of a token")
        )
        needed = decode_bytes(self.full, 1 if self.options.int8 else self.device.dtype.itemsize)
        print(
            f"\na token {seconds * 1e3:.3g} ms: {needed / seconds / self.device.bandwidth:.0%} of the bandwidth "
            f"({needed / 1e9:.2f} GB of weights); {peaks}\n"
        )

    def _chat_ours(self, images: Tensor, photos: Photos) -> dict[str, float]:
        model = self._ours("chat")
        _watch_ours(clock := Clock(self.device), model)
        seconds = clock.run(lambda: Chat(Session(model), images, photos))
        session = Chat(Session(model), images, photos).session
        with torch.inference_mode():
            session.say(self.tokens.encode(QUESTION), "question")
            return seconds | clock.run(lambda: session.logits(1, "token"))

    def _chat_literal(self, images: Tensor, photos: Photos) -> dict[str, float]:
        literal, system = self._literal(CHAT_PARTS), self.tokens.encode(SYSTEM)
        _watch_literal(clock := Clock(self.device), literal)
        seconds = clock.run(lambda: literal.begin_chat(system, images, photos))
        literal.say(self.tokens.encode(QUESTION))
        return seconds | clock.run(lambda: literal.logits(1))

    def _table(
        self, ours: dict[str, float], theirs: dict[str, float] | None, flop: dict[str, float]
    ) -> None:
        """Seconds of all layers by part, and their sums."""
        print("| part | TFLOP | seconds | of the matrix rate | literal | ratio |")
        print("|---|---:|---:|---:|---:|---:|")
        parts = list(ours) + [part for part in theirs or {} if part not in ours]
        total, their_total = 0.0, 0.0
        for part in parts:
            seconds = self._scaled(ours, part)
            literal = self._scaled(theirs, part) if theirs else 0.0
            total, their_total = total + seconds, their_total + literal
            self._row(part, flop.get(part), seconds, literal)
        done = sum(flop.get(part, 0.0) for part in ours)
        self._row("**sum**", done or None, total, their_total)

    def _row(self, part: str, flop: float | None, seconds: float, literal: float) -> None:
        work = f"{flop / 1e12:.3f}" if flop else ""
        share = f"{flop / seconds / self.device.flops:.0%}" if flop and seconds else ""
        ratio = f"{literal / seconds:.2f}" if literal and seconds else ""
        shown = [f"{one:.3g}" if one else "" for one in (seconds, literal)]
        print(f"| {part} | {work} | {shown[0]} | {share} | {shown[1]} | {ratio} |")

    def _scaled(self, seconds: dict[str, float], part: str) -> float:
        return seconds.get(part, 0.0) * self.scales.get(part, 1.0)

    def _ours(self, task: Task) -> G2vlm:
        model = build_empty(self.config, self.tokens)
        stored = RandomWeights(released_shapes(model))
        return fill_model(model, stored, self._load(task))

    def _load(self, task: Task) -> LoadOptions:
        return LoadOptions(
            task=task,
            dtype=self.device.dtype,
            device=str(self.device.torch),
            int8_language=self.options.int8,
        )

    def _literal(self, parts: tuple[str, ...]) -> Literal:
        """With the weights whose released names begin so."""
        stored = RandomWeights(released_shapes(build_empty(self.config)))
        weights: dict[str, Tensor] = {
            name: stored.get_tensor(name).to(self.device.torch, torch.float32)
            for name in stored.shapes
            if name.startswith(parts)
        }
        markers = (self.tokens.image_start, self.tokens.image_end)
        return Literal(weights, self.config, markers, published_dtypes=True)


def _watch_ours(clock: Clock, model: G2vlm) -> None:
    def which(x: Tensor, split: int, *_: object) -> str:
        return _pass_name(len(x), split < len(x))

    for part, name in (
        ("dino", "encoder"),
        ("vit", "ViT"),
        ("point_decoder", "point decoder"),
        ("camera_decoder", "camera decoder"),
        ("point_head", "heads"),
        ("camera_head", "heads"),
    ):
        if getattr(model, part) is not None:
            clock.watch(getattr(model, part), "forward", name)
    clock.watch(model.language, "forward", which)
    if model.language.head is not None:
        clock.watch(model.language.head, "forward", "words of a token")


def _watch_literal(clock: Clock, literal: Literal) -> None:
    def which(x: Tensor, _: Tensor, geometry: Tensor | None, *__: object) -> str:
        return _pass_name(len(x), geometry is not None)

    def decoder(name: str, *_: object) -> str:
        return name.partition("_")[0] + " decoder"

    for method, name in (
        ("dino", "encoder"),
        ("vit", "ViT"),
        ("language", which),
        ("decoder", decoder),
        ("points", "heads"),
        ("poses", "heads"),
        ("head", "words of a token"),
    ):
        clock.watch(literal, method, name)


def _pass_name(tokens: int, is_geometry: bool) -> str:
    if tokens == 1:
        return "layers of a token"
    if tokens < FEW_TOKENS:
        return "prompt"
    return "geometry pass" if is_geometry else "ViT pass"


if __name__ == "__main__":
    main()
