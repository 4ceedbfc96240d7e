"""What the parser must know beside the words: which things there are, and what was said before. Nothing geometric."""

from collections.abc import Iterable
from dataclasses import dataclass

from maquette.editing.plan import EditPlan, Ref


@dataclass(frozen=True, kw_only=True)
class Thing:
    """All things of one label and kind."""

    label: str  # lower case; "" where nobody knows what it is
    kind: str = "object"  # object, floor, wall, ceiling, surface, light
    count: int = 1


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """Hashable, so that what is derived from it is derived once per scene."""

    things: tuple[Thing, ...] = ()
    names: tuple[str, ...] = ()  # what Blender shows, and ids: "Chair.001", "beach_ball"
    cameras: tuple[str, ...] = ()  # ids
    num_selected: int = 0

    @staticmethod
    def of(
        things: Iterable[tuple[str | None, str, str, str]], cameras: Iterable[str] = ()
    ) -> "Vocabulary":
        """From (label, kind, name, id) of each thing."""
        counts: dict[tuple[str, str], int] = {}
        names: list[str] = []
        for label, kind, name, identifier in things:
            key = ((label or "").lower(), kind)
            counts[key] = counts.get(key, 0) + 1
            names += [name, identifier]
        return Vocabulary(
            things=tuple(
                Thing(label=label, kind=kind, count=n) for (label, kind), n in counts.items()
            ),
            names=tuple(dict.fromkeys(names)),
            cameras=tuple(cameras),
        )


@dataclass(frozen=True, kw_only=True)
class History:
    """What a follow-up can refer to."""

    last: EditPlan | None = None  # what was applied last; None where nothing was, or it was undone
    pending: EditPlan | None = None  # waits for the answer to a question
    unclear: Ref | None = None  # the part of `pending` that fits several things
    things: tuple[str, ...] = ()  # ids: what "it" and "them" mean

    @property
    def has_targets(self) -> bool:
        """Whether `it` means something."""
        return bool(self.things)
