"""Every bar of the main job in one run: cameras, depth, surface, texture, level, seconds and memory.

Needs the evaluation photo sets and `score_reconstruction.py` (--shared FOLDER, default: ../shared beside the checkout).
CPU seconds are user + system of the job's process with its children; memory is the largest of these.

    python benchmarks/reconstruction.py                  all rows, and a Markdown table at the end
    python benchmarks/reconstruction.py redkitchen_room  the rows of one set
"""

import argparse
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from calibration import calibration
from gravity import true_up
from unseen import evaluation_views, unseen_photos

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, kw_only=True)
class Run:
    """One finished (or failed) reconstruction and what it cost."""

    out: Path
    answer: dict[str, Any]
    status: int
    cpu_s: float
    peak_mb: float


@dataclass
class Table:
    """The rows as they are measured."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def add(self, what: str, where: str, bar: str, value: str) -> None:
        self.rows.append((what, where, bar, value))
        print(f"{what:34} {where:34} bar {bar:28} {value}", flush=True)

    def markdown(self) -> str:
        lines = ["| what | where | bar | measured |", "|---|---|---|---|"]
        return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in self.rows)])


class Bench:
    """Runs the command line on a set, scores what came out, fills the table."""

    def __init__(self, shared: Path, work: Path) -> None:
        self.shared, self.work, self.table = shared, work, Table()
        sys.path.insert(0, str(shared / "tools"))
        import score_reconstruction

        self.scorer: ModuleType = score_reconstruction

    def photos(self, name: str, subset: str | None) -> Path:
        """The folder with the photos of a set, or links to those of a subset."""
        images = self.shared / "data" / name / "images"
        if subset is None:
            return images
        chosen = json.loads((self.shared / "data" / name / "cameras.json").read_text())["subsets"]
        folder = self.work / f"{name}_{subset}_photos"
        folder.mkdir(parents=True, exist_ok=True)
        for photo in chosen[subset]:
            if not (folder / photo).exists():
                (folder / photo).symlink_to(images / photo)
        return folder

    def run(
        self, name: str, subset: str | None = None, *flags: str, quality: str = "normal"
    ) -> Run:
        """Reconstruct by the command line, in a fresh process."""
        label = "_".join(
            [name, *([subset] if subset else []), quality, *(["given"] if flags else [])]
        )
        out = self.work / label
        shutil.rmtree(out, ignore_errors=True)
        command = [sys.executable, "-m", "maquette.cli.main", "reconstruct"]
        command += [str(self.photos(name, subset)), "-o", str(out), "--quality", quality]
        command += ["--json", "--keep-depth", *flags]
        log = self.work / f"{label}.log"
        with log.open("w") as story:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=story, text=True)
            assert process.stdout is not None
            text = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
        return Run(
            out=out,
            answer=json.loads(text) if text.strip() else {},
            status=os.waitstatus_to_exitcode(status),
            cpu_s=usage.ru_utime + usage.ru_stime,
            peak_mb=usage.ru_maxrss / 1024,
        )

    def score(self, name: str, run: Run, subset: str | None = None, **more: Any) -> dict[str, Any]:
        """The scorer's figures for a run; `mesh=True` scores its surface, `depth=True` its depth."""
        truth = self.scorer.read_ground_truth(
            str(self.shared / "data" / name / "cameras.json"), subset
        )
        poses, sparse = self.scorer.read_colmap_text(str(run.out / "sparse"))
        mesh = None
        if more.get("mesh"):
            mesh = str(run.out.with_suffix(".ply"))
            subprocess.run(
                [sys.executable, "-m", "maquette.cli.main", "export", str(run.out), "-o", mesh],
                check=True,
                stdout=subprocess.DEVNULL,
            )
        depth_dir = str(run.out / "depth") if more.get("depth") else None
        result: dict[str, Any] = self.scorer.score(
            truth, poses, sparse, depth_dir, mesh, icp=bool(more.get("icp"))
        )
        return result


def percent(value: float) -> str:
    return f"{100 * value:.1f}"


def cameras_row(bench: Bench, name: str, subset: str | None, run: Run, bar: str) -> None:
    where = f"{name} {subset or 'all'}"
    if run.status:
        bench.table.add("cameras", where, bar, f"exit {run.status}")
        return
    s = bench.score(name, run, subset)
    count = f"{s['registered']['count']}/{s['photos']}"
    pairs = s["all_pairs"]
    value = f"{count} {run.answer['trust']}; AUC@5/30 {percent(pairs['AUC@5'])} / "
    value += f"{percent(pairs['AUC@30'])}; ATE {1000 * s['ate']['rmse']:.1f} mm; "
    value += f"focal {s['focal']['median_error_percent']:.2f} %; {run.cpu_s:.0f} CPU-s"
    bench.table.add("registered, AUC, camera error", where, bar, value)


def textured_row(bench: Bench, name: str, run: Run) -> None:
    if run.status:
        return
    document = json.loads((run.out / "scene.json").read_text())
    share = document["reconstruction"]["figures"]["textured_share"]
    bench.table.add("faces textured", name, "≥ 95 %", f"{percent(share)} %")


def unseen_row(bench: Bench, name: str, bar: str) -> None:
    # in a process of its own: a child's peak memory counts from its parent's
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        ratio, coverage = pool.submit(unseen_photos, bench.photos(name, None)).result()
    value = f"{ratio:.1f} dB at {percent(coverage)} %"
    bench.table.add("unseen photos, PSNR at coverage", name, bar, value)


def up_row(bench: Bench, name: str, run: Run) -> None:
    """The angle between the scene's Z and the true up, by the cameras' alignment."""
    scorer = bench.scorer
    truth = scorer.read_ground_truth(str(bench.shared / "data" / name / "cameras.json"))
    poses, _ = scorer.read_colmap_text(str(run.out / "sparse"))
    names = [n for n in truth["images"] if n in poses]
    predicted = np.array([poses[n]["cam_to_world"] for n in names])
    true = np.array([truth["images"][n]["cam_to_world"] for n in names])
    # by the cameras' own rotations: with a short path their centres say little about it
    total = sum(t[:3, :3] @ p[:3, :3].T for t, p in zip(true, predicted, strict=True))
    u, _, vt = np.linalg.svd(total)
    rotation = u @ np.diag([1, 1, np.linalg.det(u @ vt)]) @ vt
    up = np.array([0.0, 0, 1]) if name == "office_desk" else true_up(scorer, truth)
    error_deg = np.degrees(np.arccos(np.clip(rotation[:, 2] @ up, -1, 1)))
    document = json.loads((run.out / "scene.json").read_text())
    value = f"{error_deg:.2f}°, {document['reconstruction']['up']}"
    bench.table.add("up-vector error", name, "≤ 2° where certain", value)


def herzjesu_p8(bench: Bench) -> None:
    run = bench.run("herzjesu_p8")
    cameras_row(bench, "herzjesu_p8", None, run, "8/8; 100; ≤ 9 mm")
    textured_row(bench, "herzjesu_p8", run)
    unseen_row(bench, "herzjesu_p8", "≥ 24.5 dB at ≥ 85 %")
    run = bench.run("herzjesu_p8", "sparse3")
    cameras_row(bench, "herzjesu_p8", "sparse3", run, "3/3; 100")


def calibration_row(bench: Bench, name: str, run: Run) -> None:
    truth = bench.scorer.read_ground_truth(str(bench.shared / "data" / name / "cameras.json"))
    error, mean = calibration(run.out, truth, bench.scorer)
    value = f"{percent(error)} points off, {percent(mean)} % in the mean"
    bench.table.add("depth confidence, calibration", name, "–", value)


def redkitchen_room(bench: Bench) -> None:
    name = "redkitchen_room"
    run = bench.run(name)
    cameras_row(bench, name, None, run, "20/20; AUC@5 ≥ 26, @30 ≥ 82")
    s = bench.score(name, run, depth=True, mesh=True, icp=True)
    d = s["depth"]
    value = f"{percent(d['camera_scale']['delta_1.03_all'])} % (one scale: "
    value += (
        f"{percent(d['global_scale']['delta_1.03_all'])} %), coverage {percent(d['coverage'])} %"
    )
    bench.table.add("depth within 3 %, all true pixels", name, "≥ 66 %", value)
    calibration_row(bench, name, run)
    i, c = s["cloud"]["icp_alignment"], s["cloud"]["cameras_alignment"]
    value = f"{i['@0.05']['F']:.3f} / {i['@0.1']['F']:.3f} (by cameras: "
    value += f"{c['@0.05']['F']:.3f} / {c['@0.1']['F']:.3f}; ICP to its end: "
    # the scorer's 30 rounds end half-way here: see docs/benchmarks.md
    bench.scorer.trimmed_icp = partial(bench.scorer.trimmed_icp, rounds=120)
    e = bench.score(name, run, mesh=True, icp=True)["cloud"]["icp_alignment"]
    value += f"{e['@0.05']['F']:.3f} / {e['@0.1']['F']:.3f})"
    bench.table.add("surface F 5 / 10 cm, ICP", name, "≥ 0.72 / 0.87", value)
    textured_row(bench, name, run)
    up_row(bench, name, run)
    unseen_row(bench, name, "≥ 20 dB at ≥ 85 %")
    value = f"{run.cpu_s:.0f} CPU-s, {run.peak_mb:.0f} MB"
    bench.table.add("20 photos, normal", name, "≤ 220 CPU-s, ≤ 2048 MB", value)
    draft = bench.run(name, quality="draft")
    value = f"{draft.cpu_s:.0f} CPU-s, {draft.peak_mb:.0f} MB"
    bench.table.add("20 photos, draft", name, "≤ 70 CPU-s", value)
    for subset, bar in (("sparse10", "–"), ("sparse6", "AUC@30 ≥ 78")):
        cameras_row(bench, name, subset, bench.run(name, subset, quality="draft"), bar)


def temple_ring16(bench: Bench) -> None:
    run = bench.run("temple_ring16")
    cameras_row(bench, "temple_ring16", None, run, "16/16; AUC@5 ≥ 86")
    textured_row(bench, "temple_ring16", run)


def motorcycle_stereo(bench: Bench) -> None:
    name = "motorcycle_stereo"
    cameras_row(bench, name, None, bench.run(name), "2/2 trusted")
    model = bench.work / "motorcycle_truth"
    truth = bench.scorer.read_ground_truth(str(bench.shared / "data" / name / "cameras.json"))
    bench.scorer.write_colmap_text(str(model), bench.scorer.true_cameras(truth))
    run = bench.run(name, None, "--cameras", str(model))
    d = bench.score(name, run, depth=True)["depth"]
    value = f"{percent(d['camera_scale']['delta_1.03_all'])} %, coverage {percent(d['coverage'])} %"
    bench.table.add("depth within 3 %, true cameras", name, "≥ 85 %", value)
    textured_row(bench, name, run)


def office_desk(bench: Bench) -> None:
    name = "office_desk"
    run = bench.run(name)
    cameras_row(bench, name, None, run, "–")
    s = bench.score(name, run, mesh=True, depth=True)
    c = s["cloud"]["cameras_alignment"]
    value = f"{c['@0.02']['F']:.3f} / {c['@0.05']['F']:.3f}"
    bench.table.add("surface F 2 / 5 cm, by cameras", name, "≥ 0.75 / 0.88", value)
    value = f"{percent(s['depth']['camera_scale']['delta_1.03_all'])} %"
    bench.table.add("depth within 3 %, all true pixels", name, "–", value)
    calibration_row(bench, name, run)
    textured_row(bench, name, run)
    up_row(bench, name, run)
    truth_file = bench.shared / "data" / name / "cameras.json"
    ratio, coverage = evaluation_views(run.out, truth_file, bench.scorer)
    value = f"{ratio:.1f} dB at {percent(coverage)} %"
    bench.table.add("unseen views, PSNR at coverage", name, "≥ 22 dB at ≥ 92 %", value)


def registered_row(bench: Bench, name: str, bar: str) -> None:
    run = bench.run(name)
    if run.status:
        bench.table.add("registered, trust", name, bar, f"exit {run.status}")
        return
    a = run.answer
    value = f"{a['registered']}/{a['photos']} {a['trust']}; {run.cpu_s:.0f} CPU-s"
    bench.table.add("registered, trust", name, bar, value)
    textured_row(bench, name, run)


def lund_street_phone(bench: Bench) -> None:
    registered_row(bench, "lund_street_phone", "≥ 10/15 trusted")


def arkit_room_phone(bench: Bench) -> None:
    registered_row(bench, "arkit_room_phone", "≥ 11/20 trusted")


def skull_ring29(bench: Bench) -> None:
    registered_row(bench, "skull_ring29", "–")


def monstree_phone5(bench: Bench) -> None:
    registered_row(bench, "monstree_phone5", "–")


SETS = {
    function.__name__: function
    for function in (
        redkitchen_room,
        herzjesu_p8,
        office_desk,
        temple_ring16,
        motorcycle_stereo,
        lund_street_phone,
        arkit_room_phone,
        skull_ring29,
        monstree_phone5,
    )
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"of {', '.join(SETS)}")
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--work", type=Path, default=ROOT / "out" / "benchmark")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    # nothing is taken over from an earlier run
    shutil.rmtree(arguments.work / "cache", ignore_errors=True)
    os.environ["MAQUETTE_CACHE"] = str(arguments.work / "cache")
    bench = Bench(arguments.shared, arguments.work)
    for name in arguments.sets or SETS:
        SETS[name](bench)
    print("\n" + bench.table.markdown())


if __name__ == "__main__":
    main()
