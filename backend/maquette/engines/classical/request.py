"""What the child process is asked: plain data, written as JSON by the parent and read by the child."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from maquette.types import View

PATHS = ("path", "mask_path", "sky_path")


@dataclass(frozen=True, kw_only=True)
class ViewRequest:
    """What the child needs to know of a View."""

    name: str
    path: Path
    width: int
    height: int
    focal_px: float | None
    device: str
    mask_path: Path | None
    sky_path: Path | None

    @classmethod
    def of(cls, view: View) -> "ViewRequest":
        """The view's own fields."""
        return cls(**{field.name: getattr(view, field.name) for field in fields(cls)})


@dataclass(frozen=True, kw_only=True)
class Request:
    """One job for the child."""

    task: str  # "estimate", "use", or a test's
    views: tuple[ViewRequest, ...]
    folder: Path  # where the child works and leaves its result
    threads: int
    max_side_px: int
    thorough: bool  # may climb to strong features
    always_strong: bool
    model_folder: Path | None = None  # task "use": the cameras to take

    def write(self, file: Path) -> None:
        """Write as JSON."""
        file.write_text(json.dumps(asdict(self), default=str, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, file: Path) -> "Request":
        """Read what `write` wrote."""
        data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        data["views"] = tuple(
            ViewRequest(**{**view, **{key: view[key] and Path(view[key]) for key in PATHS}})
            for view in data["views"]
        )
        for key in ("folder", "model_folder"):
            data[key] = data[key] and Path(data[key])
        return cls(**data)


def view_requests(views: Sequence[View]) -> tuple[ViewRequest, ...]:
    """The views as the child needs them."""
    return tuple(ViewRequest.of(view) for view in views)
