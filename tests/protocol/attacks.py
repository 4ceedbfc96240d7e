"""Frames that no good client sends: random, mutated, cut, doubled, shuffled, out of place; from a seed."""

import json
import random
from collections.abc import Callable
from typing import Any

from made import whole

from maquette_protocol.wire import TYPES, encode

Frames = list[bytes]

VALID: list[Frames] = [
    [bytes(frame) for frame in encode(whole(kind), request="7")] for kind in TYPES.values()
]
VALUES: list[Any] = [
    None, True, -1, 0, 2**63, 10**30, 0.5, 1e308, "", "x", "../../etc/passwd", "\0", "\ud800", "é" * 999,
    [], [[[]]], {}, {"a": 1}, [1] * 300, "0" * 32, "__class__", "ping", "hello",
]  # fmt: skip


class Attacker:
    """An endless supply, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._ways: list[Callable[[], Frames]] = [
            self._noise,
            self._valid,
            self._flipped,
            self._cut,
            self._spliced,
            self._rewritten,
            self._rewritten,
            self._wrong_frames,
            self._deep,
            self._array_header,
        ]

    def frames(self) -> Frames:
        """The next message."""
        return self._random.choice(self._ways)()

    def _valid(self) -> Frames:
        """Out of order and replayed: any message, also those that only a server sends."""
        return list(self._random.choice(VALID))

    def _bytes(self, size: int) -> bytes:
        return self._random.randbytes(size)

    def _noise(self) -> Frames:
        return [self._bytes(self._random.randrange(300)) for _ in range(self._random.randint(1, 4))]

    def _one_changed(self, change: Callable[[bytes], bytes]) -> Frames:
        frames = self._valid()
        place = self._random.randrange(len(frames))
        frames[place] = change(frames[place])
        return frames

    def _flipped(self) -> Frames:
        def flip(frame: bytes) -> bytes:
            changed = bytearray(frame)
            for _ in range(self._random.randint(1, 8)):
                changed[self._random.randrange(len(changed))] = self._random.randrange(256)
            return bytes(changed)

        return self._one_changed(flip)

    def _cut(self) -> Frames:
        return self._one_changed(lambda frame: frame[: self._random.randrange(len(frame))])

    def _spliced(self) -> Frames:
        def splice(frame: bytes) -> bytes:
            start, end = sorted(self._random.randrange(len(frame) + 1) for _ in range(2))
            return frame[:end] + frame[start:]

        return self._one_changed(splice)

    def _rewritten(self) -> Frames:
        """Right JSON with something wrong somewhere in it."""
        frames = self._valid()
        header = json.loads(frames[0])
        inner: Any = header
        while True:
            keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
            if not keys:
                break
            key = self._random.choice(keys)
            if isinstance(inner[key], dict | list) and self._random.random() < 0.8:
                inner = inner[key]
                continue
            self._rewrite(inner, key)
            break
        frames[0] = json.dumps(header).encode()
        return frames

    def _rewrite(self, inner: Any, key: Any) -> None:
        way = self._random.randrange(3)
        if way == 0:
            del inner[key]
        elif way == 1 and isinstance(inner, dict):
            inner[self._random.choice(["v", "type", "job", "more"])] = self._value()
        else:
            inner[key] = self._value()

    def _value(self) -> Any:
        return self._random.choice(VALUES)

    def _wrong_frames(self) -> Frames:
        frames = self._valid() + self._valid()
        self._random.shuffle(frames)
        return frames[: self._random.randint(1, len(frames))]

    def _deep(self) -> Frames:
        opening = self._random.choice([b"[", b'{"a":', b'{"body":{"options":['])
        return [opening * self._random.randint(1, 3000)]

    def _array_header(self) -> Frames:
        """A chunk whose arrays say something else than they are."""
        frames = list(next(f for f in VALID if b'"type":"chunk"' in f[0]))
        entry = {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]}
        entry[self._random.choice(list(entry))] = self._value()
        head = json.dumps({self._random.choice(["data", "other"]): entry}).encode()
        size = len(head) if self._random.random() < 0.8 else self._random.getrandbits(64)
        frames[1] = size.to_bytes(8, "little") + head + self._bytes(self._random.randrange(4))
        return frames
