"""Labels of a graph's nodes: the best on trees, near the best elsewhere, and the same every time."""

import numpy as np
import pytest

from maquette_kernels.graph_labels import energy_of, label_graph, reference


def problem(seed: int, pairs: list, count: int, labels: int) -> tuple:
    rng = np.random.default_rng(seed)
    cost = rng.uniform(0, 1, (len(pairs), labels, labels)).astype(np.float32)
    unary = rng.uniform(0, 1, (count, labels)).astype(np.float32)
    return unary, np.array(pairs, np.int32).reshape(-1, 2), cost


@pytest.mark.parametrize("seed", range(10))
def test_on_a_tree_the_labels_are_the_best(seed: int) -> None:
    # a pair may name its nodes in either order
    unary, pairs, cost = problem(seed, [(0, 1), (2, 1), (1, 4), (4, 3), (5, 4)], 6, 3)
    best = reference.label_graph(unary, pairs, cost)
    np.testing.assert_array_equal(label_graph(unary, pairs, cost, 8), best)


@pytest.mark.parametrize("seed", range(10))
def test_with_cycles_they_are_near_the_best(seed: int) -> None:
    grid = [(0, 1), (1, 2), (3, 4), (4, 5), (6, 7), (7, 8)]
    grid += [(0, 3), (1, 4), (2, 5), (3, 6), (4, 7), (5, 8)]
    unary, pairs, cost = problem(seed, grid, 9, 3)
    best = energy_of(unary, pairs, cost, reference.label_graph(unary, pairs, cost))
    rng = np.random.default_rng(seed)
    usual = np.mean([energy_of(unary, pairs, cost, rng.integers(0, 3, 9)) for _ in range(200)])
    found = energy_of(unary, pairs, cost, label_graph(unary, pairs, cost, 8))
    assert best - 1e-5 <= found <= best + 0.12 * (usual - best)


@pytest.mark.parametrize(("count", "labels"), [(1, 1), (1, 4), (63, 1), (63, 5)])
def test_without_pairs_each_node_takes_what_is_cheapest(count: int, labels: int) -> None:
    unary, pairs, cost = problem(0, [], count, labels)
    np.testing.assert_array_equal(label_graph(unary, pairs, cost, 2), unary.argmin(axis=1))


def test_costs_of_another_size_are_refused() -> None:
    unary, pairs, _ = problem(0, [(0, 1)], 2, 3)
    with pytest.raises(ValueError, match=r"expected \(1, 3, 3\)"):
        label_graph(unary, pairs, np.zeros((1, 2, 2)), 1)
