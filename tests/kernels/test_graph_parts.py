"""Partitions of graphs: what attracts stays together, what repels is parted, and the energy says so."""

import itertools

import numpy as np
import pytest

from maquette_kernels.graph_parts import multicut, oversegment


def cut_energy(pairs: np.ndarray, weight: np.ndarray, part: np.ndarray) -> float:
    return float(weight[part[pairs[:, 0]] != part[pairs[:, 1]]].sum())


def test_two_groups_that_repel_each_other_are_parted() -> None:
    pairs = np.array([[0, 1], [1, 2], [3, 4], [4, 5], [2, 3], [0, 5]])
    part = multicut(6, pairs, np.array([2.0, 2.0, 2.0, 2.0, -1.0, -1.0]))
    assert part[0] == part[1] == part[2]
    assert part[3] == part[4] == part[5]
    assert part[0] != part[3]


def test_repeated_edges_add_up() -> None:
    pairs = np.array([[0, 1], [1, 0], [0, 1]])
    assert multicut(2, pairs, np.array([1.0, 1.0, -3.0])).tolist() == [0, 1]
    assert multicut(2, pairs, np.array([1.0, 1.0, -1.0])).tolist() == [0, 0]


def test_nodes_without_edges_stay_alone() -> None:
    part = multicut(3, np.zeros((0, 2), int), np.zeros(0))
    assert sorted(part.tolist()) == [0, 1, 2]


@pytest.mark.parametrize("seed", range(12))
def test_no_two_parts_would_rather_be_one_and_the_energy_is_near_the_best(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pairs = np.array(list(itertools.combinations(range(6), 2)))
    weight = rng.normal(0.0, 1.0, len(pairs))
    part = multicut(6, pairs, weight)
    for a, b in itertools.combinations(np.unique(part), 2):
        between = np.isin(part[pairs], [a, b]).all(axis=1)
        between &= part[pairs[:, 0]] != part[pairs[:, 1]]
        assert weight[between].sum() <= 1e-9
    best = min(
        cut_energy(pairs, weight, np.array(labels))
        for labels in itertools.product(range(6), repeat=6)
        if max(labels) < 6
    )
    found = cut_energy(pairs, weight, part)
    assert best - 1e-9 <= found <= 0.5 * best  # both negative: at least half of what can be had


def test_like_nodes_become_one_segment_and_a_step_parts_them() -> None:
    row = np.array([0.0] * 20 + [10.0] * 20)
    pairs = np.stack([np.arange(39), np.arange(1, 40)], axis=1)
    segment = oversegment(pairs, np.abs(np.diff(row)), np.ones(40), 5.0, 1.0)
    assert len(set(segment[:20])) == len(set(segment[20:])) == 1
    assert segment[0] != segment[-1]


def test_small_segments_join_what_is_most_like_them() -> None:
    row = np.array([0.0] * 20 + [8.0] * 2 + [10.0] * 20)
    pairs = np.stack([np.arange(41), np.arange(1, 42)], axis=1)
    segment = oversegment(pairs, np.abs(np.diff(row)), np.ones(42), 0.5, 5.0)
    assert segment[20] == segment[21] == segment[22]
    assert segment[20] != segment[19]
