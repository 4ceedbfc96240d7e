"""What the benchmark of G²VLM stands on: the device's own rates, random weights, and a clock for parts of a call."""

import gc
import math
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer, models, pre_tokenizers
from torch import Tensor

from maquette.models.g2vlm.config import Config
from maquette.models.g2vlm.tokens import Tokens

GIB = 2**30
_PATCH = 14


class Device:
    """A device's clock, memory, and the rates that it reaches now."""

    def __init__(self, name: str, dtype: torch.dtype, repeats: int) -> None:
        self.torch, self.dtype, self.repeats = torch.device(name), dtype, repeats
        self.is_gpu = self.torch.type == "cuda"
        size = 8192 if self.is_gpu else 1536
        a, b = (torch.randn(size, size, device=name).to(dtype) for _ in range(2))
        self.flops = 2 * size**3 / self.median(lambda: F.linear(a, b))  # per second
        numbers = torch.ones(1 << (30 if self.is_gpu else 27), device=name)
        self.bandwidth = 4 * len(numbers) / self.median(numbers.sum)  # bytes read per second

    def __str__(self) -> str:
        where = f"{torch.get_num_threads()} CPU threads"
        if self.is_gpu:
            where = torch.cuda.get_device_name(self.torch)
        dtype = str(self.dtype).removeprefix("torch.")
        return (
            f"{where}, torch {torch.__version__}: {self.flops / 1e12:.3g} TFLOP/s in {dtype} products, "
            f"{self.bandwidth / 1e9:.3g} GB/s read"
        )

    def now(self) -> float:
        """Seconds: after all work on a GPU; CPU time per thread on a CPU."""
        if self.is_gpu:
            torch.cuda.synchronize(self.torch)
            return time.perf_counter()
        return time.process_time() / torch.get_num_threads()

    def median(self, step: Callable[[], object]) -> float:
        """Seconds of a step, after one that does not count."""
        step()
        seconds: list[float] = []
        for _ in range(self.repeats):
            start = self.now()
            step()
            seconds.append(self.now() - start)
        return statistics.median(seconds)

    def forget_peak(self) -> None:
        """The peak of memory begins anew."""
        gc.collect()
        if self.is_gpu:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats(self.torch)
        else:
            Path("/proc/self/clear_refs").write_text("5")  # Linux

    def peak_gib(self) -> float:
        """Of a GPU's memory, or of this process's."""
        if self.is_gpu:
            return torch.cuda.max_memory_allocated(self.torch) / GIB
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / GIB


class Clock:
    """Median seconds of named parts over some calls."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._seconds: dict[str, list[float]] = defaultdict(list)

    def watch(self, owner: Any, method: str, part: str | Callable[..., str]) -> None:
        """Time a method from now on. part: its name, or what gives it from the arguments."""
        plain = getattr(owner, method)

        def timed(*arguments: Any, **keywords: Any) -> Any:
            start = self._device.now()
            result = plain(*arguments, **keywords)
            name = part if isinstance(part, str) else part(*arguments)
            self._seconds[name].append(self._device.now() - start)
            return result

        setattr(owner, method, timed)

    def run(self, step: Callable[[], object]) -> dict[str, float]:
        """Seconds by part of one call: the median over the device's repeats, after one that does not count."""
        step()
        calls: list[dict[str, float]] = []
        for _ in range(self._device.repeats):
            self._seconds.clear()
            step()
            calls.append({name: sum(seconds) for name, seconds in self._seconds.items()})
        return {name: statistics.median(call[name] for call in calls) for name in calls[0]}


class RandomWeights:
    """Tensors by their released names, made when asked for: windows of one block of random numbers."""

    def __init__(self, shapes: dict[str, tuple[int, ...]]) -> None:
        self.shapes = shapes
        generator = torch.Generator().manual_seed(0)
        self._block = torch.randn(1 << 24, generator=generator).bfloat16()
        self._starts = {name: (index * 7919) % (1 << 20) for index, name in enumerate(shapes)}

    def get_tensor(self, name: str) -> Tensor:
        """bfloat16, so that both variants have the same numbers."""
        shape = self.shapes[name]
        if name.endswith((".gamma", ".lambda1")):
            return torch.full(shape, 0.1, dtype=torch.bfloat16)
        if "norm" in name and name.endswith(".weight") and len(shape) == 1:
            return torch.ones(shape, dtype=torch.bfloat16)
        values = torch.empty(math.prod(shape), dtype=torch.bfloat16)
        window = self._block[self._starts[name] :]
        for part in values.split(len(window)):
            torch.mul(window[: len(part)], 0.02 if len(shape) > 1 else 0.01, out=part)
        return values.view(shape)

    def get_slice(self, name: str) -> Tensor:
        """Itself: it can be indexed by rows."""
        return self.get_tensor(name)


def words() -> Tokens:
    """A vocabulary of roles alone: prompts become as many tokens as they have words."""
    special = ("<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>")
    vocabulary = {"?": 1} | {name: 2 + index for index, name in enumerate(special)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()  # pyright: ignore[reportAttributeAccessIssue]
    return Tokens(tokenizer, *(vocabulary[name] for name in special))


def recon_flop(config: Config, count: int, grid: tuple[int, int]) -> dict[str, float]:
    """FLOP of a reconstruction's parts; a multiplication with its addition is 2."""
    P, patches = grid[0] * grid[1], count * grid[0] * grid[1]
    text, dino, geometry = config.text, config.dino, config.geometry
    D, width = text.hidden_size, dino.hidden_size
    encoder = dino.num_hidden_layers * (
        24 * width**2 * count * (P + 1 + dino.num_register_tokens) + 4 * width * P * patches
    )
    encoder += 2 * patches * width * (3 * dino.patch_size**2 + D)
    kv = text.num_key_value_heads * text.head_dim
    expert = 4 * D * D + 4 * D * kv + 6 * D * text.intermediate_size  # per token and layer
    tokens = patches + 2 * count
    language = text.num_hidden_layers * (expert * tokens + 4 * D * tokens * tokens)
    block = 24 * D * D * patches + 4 * D * P * patches
    cross = 4 * D * D * patches + 4 * D * D * P + 4 * D * P * patches
    points = 2 * patches * D * geometry.point_out_dim
    camera = 2 * patches * D * geometry.camera_dim
    return {
        "encoder": encoder,
        "geometry pass": language,
        "point decoder": geometry.depth * block + points,
        "camera decoder": geometry.depth * block + camera,
        "global decoder": geometry.depth * (block + cross) + points,
        "heads": 2
        * patches
        * (geometry.point_out_dim * 3 * _PATCH**2 + 6 * geometry.camera_dim**2),
    }


def decode_bytes(config: Config, itemsize: float) -> float:
    """Bytes of weights that one token of an answer needs."""
    text = config.text
    kv = text.num_key_value_heads * text.head_dim
    D = text.hidden_size
    layer = 2 * D * D + 2 * D * kv + 3 * D * text.intermediate_size
    return itemsize * (text.num_hidden_layers * layer + D * text.vocab_size)
