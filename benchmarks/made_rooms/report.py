"""The figures of `benchmarks/objects.py` as Markdown."""

import statistics
from collections import Counter
from typing import Any

import numpy as np

Figures = dict[str, Any]
_FAILURES = ("not separated", "not found", "wrong thing", "wrong place", "refused")
_COLUMNS = (
    "scene", "things, found", "recall, precision", "mean IoU of the matched", "supports", "floor, gravity", "time",
)  # fmt: skip


def report(scenes: list[Figures]) -> str:
    """All tables, over the scenes together."""
    parts = [_separation(scenes), _removals(scenes), _moves(scenes), _prompts(scenes)]
    return "\n\n".join("\n".join(lines) for lines in parts)


def _row(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def _head(*cells: str) -> list[str]:
    return [_row(*cells), "|" + "---|" * len(cells)]


def _separation(scenes: list[Figures]) -> list[str]:
    lines = _head(*_COLUMNS)
    for s in scenes:
        height = s["floor_height_error_m"]
        lines.append(
            _row(
                s["scene"],
                f"{s['true_things']}, {s['predicted_things']}",
                f"{s['recall@0.5']:.0%}, {s['precision@0.5']:.0%}",
                f"{s['mean_iou_matched']:.2f}",
                f"{s['support']['accuracy_matched'] or 0:.0%}",
                f"{'none' if height is None else f'{1000 * height:.0f} mm'}, {s['gravity_error_deg']:.2f}°",
                f"{s['cpu_s']['segment'] / s['cpu_s']['reconstruct']:.0%}",
            )
        )
    true, found = (sum(s[key] for s in scenes) for key in ("true_things", "predicted_things"))
    recalled = sum(s["recall@0.5"] * s["true_things"] for s in scenes)
    precise = sum(s["precision@0.5"] * s["predicted_things"] for s in scenes)
    iou = statistics.mean(s["mean_iou_matched"] for s in scenes)
    pairs = [s["support"]["pairs"] - len(s["missed"]) for s in scenes]
    stands = np.average([s["support"]["accuracy_matched"] or 0 for s in scenes], weights=pairs)
    both = f"{recalled / true:.0%}, {precise / max(found, 1):.0%}"
    lines.append(_row("all", f"{true}, {found}", both, f"{iou:.2f}", f"{stands:.0%}", "", ""))
    return lines


def _removals(scenes: list[Figures]) -> list[str]:
    removals = [removal for s in scenes for removal in s["removals"]]
    outcomes = Counter(removal["outcome"] for removal in removals)
    told = ", ".join(f"{count} {name}" for name, count in outcomes.items())
    lines = [f"Removals: {len(removals)} ({told})"]
    drawn = [removal for removal in removals if removal.get("views")]
    if drawn:
        psnr = statistics.median(removal["psnr"] for removal in drawn)
        outside = statistics.median(removal["psnr_outside"] for removal in drawn)
        holes = statistics.mean(removal["hole_share"] for removal in drawn)
        left = statistics.mean(removal["leftover_share"] for removal in drawn)
        lines.append(f"- holes {holes:.1%}, left in front {left:.1%} of the affected area (mean)")
        lines.append(f"- PSNR there {psnr:.1f} dB, elsewhere {outside:.1f} dB (median)")
    return lines


def _moves(scenes: list[Figures]) -> list[str]:
    moves = [move for s in scenes for move in s["moves"]]
    lines = [f"Moving {len(moves)} things that are matched by half:"]
    for key in ("stays_behind", "comes_along") if moves else ():
        shares = [move[key] for move in moves]
        little = statistics.mean(share <= 0.03 for share in shares)
        name = key.replace("_", " ")
        lines.append(
            f"- {name}: median {statistics.median(shares):.1%}, up to 3 % for {little:.0%} of them"
        )
    return lines


def _prompts(scenes: list[Figures]) -> list[str]:
    verdicts = [verdict for s in scenes for verdict in s["prompts"]]
    right = statistics.mean(not verdict["failure"] for verdict in verdicts)
    false = statistics.mean(verdict["is_false_apply"] for verdict in verdicts)
    lines = [f"Prompts: {len(verdicts)}; right {right:.0%}, false applies {false:.0%}", ""]
    lines += _head("effect", "said", "right", *_FAILURES)
    effects = dict.fromkeys(verdict["case"]["effect"] for verdict in verdicts)
    for effect in (*effects, "all"):
        failures = [v["failure"] for v in verdicts if effect in ("all", v["case"]["effect"])]
        counts = [failures.count(name) for name in ("", *_FAILURES)]
        lines.append(_row(effect, len(failures), *counts))
    return lines
