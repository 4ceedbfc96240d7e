"""The rooms that the cases are said in, and the cases as a folder that the outside benchmark reads."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from furniture import Room
from rooms_at_home import attic, bathroom, hallway, nursery, studio
from rooms_elsewhere import campsite, classroom, laboratory, library, shop
from rooms_in_public import bakery, gym, lounge, museum, restaurant, shed
from rooms_outside import clinic, playground

ROOMS: dict[str, Callable[[Room], None]] = {
    "bathroom": bathroom,
    "nursery": nursery,
    "library": library,
    "shop": shop,
    "studio": studio,
    "attic": attic,
    "laboratory": laboratory,
    "hallway": hallway,
    "campsite": campsite,
    "classroom": classroom,
    "restaurant": restaurant,
    "museum": museum,
    "gym": gym,
    "lounge": lounge,
    "bakery": bakery,
    "shed": shed,
    "clinic": clinic,
    "playground": playground,
}


def build(name: str, *, seed: int = 0, turned_deg: float = 0.0) -> Room:
    """One of the rooms. A room without a view is never turned: the viewer stands at -Y there."""
    is_free = name not in ("laboratory", "bakery")
    room = Room(
        name,
        seed=seed,
        turned_deg=turned_deg if is_free else 0.0,
        shift=(1.3, -2.1) if is_free and turned_deg else (0.0, 0.0),
        is_metric=name not in ("attic", "shed"),
    )
    ROOMS[name](room)
    return room


def write_cases(
    folder: Path, *, rooms: Iterable[str] = tuple(ROOMS), seed: int = 0, turned_deg: float = 0.0
) -> None:
    """`folder`/cases.jsonl, and the rooms that they are said in as scene folders under `folder`/scenes."""
    scenes = {f"scenes/{name}": name for name in rooms}
    for path, name in scenes.items():
        build(name, seed=seed, turned_deg=turned_deg).write(folder / path)
    lines = Path(__file__).with_name("cases.jsonl").read_text().splitlines(keepends=True)
    chosen = [line for line in lines if json.loads(line)["scene"] in scenes]
    (folder / "cases.jsonl").write_text("".join(chosen))
