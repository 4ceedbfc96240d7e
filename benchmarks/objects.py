"""Scenes made of things: rooms of our own are rendered, reconstructed from the photos alone, taken apart and judged.

Needs an environment with bpy for rendering (--blender PYTHON) and `score_objects.py` (--shared FOLDER, default:
../shared beside the checkout). What is made stays in --work and is used again; --again names the steps to repeat.

    python benchmarks/objects.py --work FOLDER               the test scenes
    python benchmarks/objects.py --work FOLDER --seeds 0 1   others; 0 to 99 are for tuning

What each row means is in docs/benchmarks.md.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from made_rooms.report import report
from made_rooms.truth import complete_truth
from made_rooms.words import Case, Frame, Verdict, Wording, judge, make_cases

from maquette.editing.conversation import Conversation
from maquette.scene import Scene

ROOT = Path(__file__).resolve().parent.parent

TEST_SEEDS = (100, 101, 102, 103)
_PROMPTS = 10  # per scene
_CONTACT_M = 0.015  # nearer than this to another thing, whose point it is cannot be told


class Bench:
    """One scene after the other, each step kept in the work folder."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.work: Path = options.work
        self.quality: str = options.quality
        self.blender: str = options.blender
        self.again: set[str] = set(options.again)
        sys.path.insert(0, str(options.shared / "tools"))
        self.scorer: ModuleType = import_module("score_objects")

    def measure(self, seed: int) -> dict[str, Any]:
        """All figures of one scene."""
        truth_folder = self._rendered(seed)
        whole = self._run(
            "reconstruct", seed, [str(truth_folder / "images"), "--quality", self.quality]
        )
        things = self._run("segment", seed, [str(whole)])
        truth = self.scorer.Truth(str(truth_folder))
        figures: dict[str, Any] = self.scorer.score(truth, str(things))
        cpu = {
            step: json.loads((self.work / f"{seed}_{step}.json").read_text())["cpu_s"]
            for step in ("reconstruct", "segment")
        }
        figures |= {"seed": seed, "cpu_s": cpu}
        scene = Scene.open(things)
        figures["removals"] = [
            self._removal(scene, truth, key, figures) for key in truth.doc["removed_in_evaluation"]
        ]
        figures["moves"] = self._moves(scene, truth, figures)
        figures["prompts"] = [
            asdict(verdict) for verdict in self._prompts(scene, truth_folder, figures, seed)
        ]
        return figures

    def _rendered(self, seed: int) -> Path:
        out = self.work / str(seed)
        if not (out / "cameras.json").exists():
            with (self.work / f"{seed}_render.log").open("w") as story:
                script = ROOT / "benchmarks" / "made_rooms" / "render.py"
                subprocess.run(
                    [self.blender, str(script), str(seed), str(out)],
                    check=True,
                    stdout=story,
                    stderr=story,
                )
        complete_truth(out)
        return out

    def _run(self, step: str, seed: int, arguments: list[str]) -> Path:
        """`maquette STEP` in a process of its own; its CPU seconds are kept beside the result."""
        out = self.work / f"{seed}_{step}"
        if out.exists() and step not in self.again:
            return out
        shutil.rmtree(out, ignore_errors=True)
        command = [sys.executable, "-m", "maquette.cli.main", step, *arguments, "-o", str(out)]
        start = time.perf_counter()
        with (self.work / f"{seed}_{step}.log").open("w") as story:
            process = subprocess.Popen(command, stdout=story, stderr=story)
            _, status, usage = os.wait4(process.pid, 0)
        if os.waitstatus_to_exitcode(status):
            raise SystemExit(
                f"maquette {step} failed on seed {seed}: see {self.work / f'{seed}_{step}.log'}"
            )
        cost = {"cpu_s": usage.ru_utime + usage.ru_stime, "wall_s": time.perf_counter() - start}
        (self.work / f"{seed}_{step}.json").write_text(json.dumps(cost))
        return out

    def _removal(
        self, scene: Scene, truth: Any, key: str, figures: dict[str, Any]
    ) -> dict[str, Any]:
        """Select what is at the place of a true thing, say "delete this", draw it from the held-out cameras."""
        match, iou = figures["matches"].get(key, (None, 0.0))
        if match is None:
            return {"object": key, "outcome": "not separated"}
        talk = Conversation(replace(scene.document, selection=(match,)), scene.arrays)
        reply = talk.say("delete this")
        if reply.deleted != [match]:
            return {"object": key, "outcome": reply.status, "message": reply.message}
        out = self.work / "removed"
        shutil.rmtree(out, ignore_errors=True)
        replace(scene, document=talk.document).save(out)
        return {**self.scorer.score_removal(truth, key, str(out)), "outcome": "drawn", "iou": iou}

    def _moves(self, scene: Scene, truth: Any, figures: dict[str, Any]) -> list[dict[str, Any]]:
        """For each thing matched by half, which shares of its surface would stay behind and come along in error.

        A true point of the thing stays behind where the surface nearest to it is another object's; a seen point of
        its object comes along where the true surface nearest to it is another thing's. Points near both are left out.
        """
        _, items, cameras = self.scorer.load_scene(str(scene.folder))
        scale, rotation, shift, _ = self.scorer.align(cameras, truth.cams)
        self.scorer.moved(items, scale, rotation, shift)
        draw = np.random.default_rng(0)
        points, weights, owner, _ = truth.samples(3, draw)
        index = {o["id"]: o["index"] for o in truth.objects}
        rows = []
        for key, (match, iou) in figures["matches"].items():
            if iou < 0.5 or truth.by_id[key]["kind"] != "object":
                continue
            own = next(item for item in items if item["id"] == match)
            rest = [item for item in items if item["id"] != match]
            is_own = owner == index[key]
            others = self.scorer.cKDTree(points[~is_own])
            mine = points[is_own]
            clear = others.query(mine)[0] > _CONTACT_M
            near_rest = _distance(self.scorer, rest, mine, draw)
            near_own = _distance(self.scorer, [own], mine, draw)
            behind = clear & (near_rest < near_own) & (near_rest < 0.03)
            surface = _seen_points(scene, own, self.scorer, draw)
            to_own = self.scorer.cKDTree(mine).query(surface)[0]
            along = (others.query(surface)[0] < to_own - _CONTACT_M) & (to_own > _CONTACT_M)
            rows.append(
                {
                    "object": key,
                    "stays_behind": float(weights[is_own][behind].sum() / weights[is_own].sum()),
                    "comes_along": float(along.mean()),
                }
            )
        return rows

    def _prompts(
        self, scene: Scene, truth_folder: Path, figures: dict[str, Any], seed: int
    ) -> list[Verdict]:
        truth = self.scorer.Truth(str(truth_folder))
        _, _, cameras = self.scorer.load_scene(str(scene.folder))
        frame = Frame(*self.scorer.align(cameras, truth.cams)[:3])
        view = next(camera for camera in scene.document.cameras if camera.id == scene.document.view)
        assert view.image is not None
        right = truth.cams[Path(view.image).name][:3, 0] * (1, 1, 0)
        right /= np.linalg.norm(right)
        away = np.array([-right[1], right[0], 0])
        axes = {"to the right": right, "to the left": -right, "back": away, "forward": -away}
        wording = Wording(truth_folder)
        cases: list[Case] = make_cases(wording, axes, frame.scale, seed, _PROMPTS)
        return [judge(scene, case, wording, frame, figures["matches"]) for case in cases]


def _distance(
    scorer: ModuleType, items: list[dict[str, Any]], points: np.ndarray, draw: np.random.Generator
) -> np.ndarray:
    """(N,) metres from points to the surfaces of objects, through points 5 mm apart."""
    sampled = [
        scorer.sample(
            item["w"],
            item["t"],
            int(np.clip(scorer.areas(item["w"], item["t"]).sum() / 0.005**2, 500, 300_000)),
            draw,
        )
        for item in items
    ]
    return scorer.cKDTree(np.concatenate(sampled)).query(points)[0]


def _seen_points(
    scene: Scene, item: dict[str, Any], scorer: ModuleType, draw: np.random.Generator
) -> np.ndarray:
    """(N, 3) points on what photos show of an object, true frame."""
    mesh = item["doc"]["geometry"]["mesh"]
    seen = scene.arrays[f"{mesh}.seen"][item["t"]].mean(1) > 0.5
    return scorer.sample(item["w"], item["t"][seen if seen.any() else slice(None)], 4000, draw)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, required=True, help="folder for what is made")
    parser.add_argument("--seeds", type=int, nargs="+", default=TEST_SEEDS)
    parser.add_argument("--quality", default="normal", choices=("draft", "normal", "high"))
    parser.add_argument("--again", nargs="*", default=(), choices=("reconstruct", "segment"))
    parser.add_argument(
        "--blender",
        default=str(ROOT / ".venv-blender" / "bin" / "python"),
        help="a Python with bpy",
    )
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    bench = Bench(options)
    rows = []
    for seed in options.seeds:
        rows.append(bench.measure(seed))
        (options.work / f"{seed}_figures.json").write_text(json.dumps(rows[-1], indent=1))
        print(report(rows[-1:]), flush=True)
    print("\n" + report(rows))


if __name__ == "__main__":
    main()
