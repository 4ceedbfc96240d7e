"""How long a prompt takes: median and 95th percentile over many prompts, on rooms of 200 and of 2,000 things.

    python benchmarks/editing.py [--rounds 3]

Each prompt is said in a conversation of its own on the same scene; start-up is not counted, what is derived from the
scene once is counted with the first prompt ("first").
"""

import argparse
import random
import statistics
import sys
import time

import numpy as np

from maquette.editing.conversation import Conversation
from maquette_protocol.document import SceneDocument, document_from_json

BARS_MS = {200: (20.0, 100.0), 2000: (300.0, 300.0)}  # things: median, 95th percentile
_COLORS = {
    "red": (0.58, 0.01, 0.01), "blue": (0.02, 0.1, 0.56), "green": (0.03, 0.27, 0.04), "white": (0.9, 0.9, 0.9),
    "black": (0.01, 0.01, 0.01), "yellow": (0.87, 0.62, 0.02),
}  # fmt: skip
_LARGE = {
    "chair": (0.5, 0.5, 0.9),
    "table": (1.2, 0.8, 0.74),
    "cabinet": (0.6, 0.4, 1.3),
    "plant": (0.4, 0.4, 1.0),
}
_SMALL = {"mug": (0.09, 0.09, 0.1), "book": (0.15, 0.2, 0.03), "bowl": (0.2, 0.2, 0.08)}
_PROMPTS = (
    "move chair_0 20 cm to the left",
    "put mug_1 on table_2",
    "put the plant nearest to table_1 next to table_1",
    "turn table_3 by 45 degrees",
    "make all red chairs blue",
    "delete every book that is on table_2",
    "how many chairs are there?",
    "how tall is cabinet_1?",
    "what is on table_1?",
    "make cabinet_2 20 % bigger",
    "copy chair_1 and put the copy behind table_2",
    "stack all the bowls on table_1",
    "hide everything that is green",
    "is mug_1 on table_1?",
    "make the chair red",
    "put chair_2 between table_1 and table_2",
    "rename plant_0 to Ficus",
    "swap mug_1 and bowl_1",
)


def room(count: int, seed: int = 0) -> SceneDocument:
    """A floor with furniture on a grid of places and small things on the tables."""
    draw = random.Random(seed)
    side = int(np.ceil(np.sqrt(count))) * 1.6
    objects = [
        _thing("floor_0", "floor", (side, side, 0.1), (0.0, 0.0, -0.1), "white", kind="floor")
    ]
    places = [
        (x, y)
        for x in np.arange(-side / 2 + 1, side / 2 - 1, 1.6)
        for y in np.arange(-side / 2 + 1, side / 2 - 1, 1.6)
    ]
    draw.shuffle(places)
    numbers: dict[str, int] = {}
    while len(objects) < count and places:
        x, y = places.pop()
        label = draw.choice(list(_LARGE))
        objects.append(_numbered(numbers, label, _LARGE[label], (x, y, 0.0), draw))
        if label == "table":
            for dx in (-0.4, 0.0, 0.4):
                small = draw.choice(list(_SMALL))
                if len(objects) < count:
                    objects.append(
                        _numbered(numbers, small, _SMALL[small], (x + dx, y, 0.74), draw)
                    )
    return document_from_json(
        {"format": "maquette-scene", "version": 1, "units": {"metric": True}, "cameras": [], "view": None,
         "selection": [], "objects": objects}
    )  # fmt: skip


def _numbered(
    numbers: dict[str, int],
    label: str,
    size: tuple[float, float, float],
    at: tuple[float, float, float],
    draw: random.Random,
) -> dict[str, object]:
    number = numbers.get(label, 0)
    numbers[label] = number + 1
    return _thing(f"{label}_{number}", label, size, at, draw.choice(list(_COLORS)))


def _thing(
    key: str,
    label: str,
    size: tuple[float, float, float],
    at: tuple[float, float, float],
    color: str,
    kind: str = "object",
) -> dict[str, object]:
    x, y, z = size
    return {
        "id": key, "name": key.title(), "label": label, "kind": kind, "geometry": {"primitive": "box"},
        "world_from_object": [[1, 0, 0, float(at[0])], [0, 1, 0, float(at[1])], [0, 0, 1, float(at[2])], [0, 0, 0, 1]],
        "bounds": {"min": [-x / 2, -y / 2, 0], "max": [x / 2, y / 2, z]}, "front": [0, -1, 0],
        "material": {"name": color, "base_color": [*_COLORS[color], 1]},
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    is_good = True
    for count, (median_bar, p95_bar) in BARS_MS.items():
        document = room(count)
        times: list[tuple[float, str, str]] = []
        first: list[float] = []
        for _ in range(rounds):
            for prompt in _PROMPTS:
                conversation = Conversation(document, {})
                start = time.perf_counter()
                conversation.say("how many tables are there?")
                first.append(time.perf_counter() - start)
                reply = conversation.say(prompt)
                times.append((reply.seconds * 1000, reply.status, prompt))
        values = [value for value, _, _ in times]
        median, p95 = statistics.median(values), float(np.percentile(values, 95))
        is_good &= median <= median_bar and p95 <= p95_bar
        print(
            f"{count} things: median {median:.1f} ms (bar {median_bar:g}), p95 {p95:.1f} ms (bar {p95_bar:g}), "
            f"first {statistics.median(first) * 1000:.1f} ms"
        )
        for value, status, prompt in sorted(times, reverse=True)[:3]:
            print(f"    {value:7.1f} ms  {status:8}  {prompt}")
        print(
            "    "
            + ", ".join(
                f"{s}: {sum(x == s for _, x, _ in times)}" for s in sorted({x for _, x, _ in times})
            )
        )
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
