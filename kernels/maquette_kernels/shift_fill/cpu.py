"""Costs of blocks and of their seams, and the copying, compiled."""

import numpy as np

from maquette_kernels.jit import inline, kernel


@inline
def is_known(known, row, column):
    return (
        row >= 0
        and column >= 0
        and row < known.shape[0]
        and column < known.shape[1]
        and known[row, column]
    )


@kernel
def match_costs(picture, known, wanted, shifts, corner, side, missing, start, stop, unary):
    """unary[n, k]: squared difference to known pixels, and `missing` for each wanted pixel that stays empty."""
    height, width, channels = picture.shape
    for node in range(start, stop):
        for k in range(len(shifts)):
            total = np.float32(0)
            for row in range(corner[node, 0], min(corner[node, 0] + side, height)):
                for column in range(corner[node, 1], min(corner[node, 1] + side, width)):
                    r, c = row + shifts[k, 0], column + shifts[k, 1]
                    if not is_known(known, r, c):
                        if wanted[row, column]:
                            total += missing
                    elif known[row, column]:
                        for n in range(channels):
                            total += (picture[r, c, n] - picture[row, column, n]) ** 2
            unary[node, k] = total


@kernel
def seam_costs(picture, known, shifts, corner, pairs, side, switch, start, stop, cost):
    """cost[e, a, b]: squared difference of the two contents over two pixels on each side of the border, per pixel."""
    channels = picture.shape[2]
    labels = len(shifts)
    step = max(1, side // 4)
    reach = min(2, side)
    most = 2 * reach * (side // step + 1)
    value = np.zeros((labels, most, channels), np.float32)
    there = np.zeros((labels, most), np.bool_)
    count = 0
    for edge in range(start, stop):
        first, second = corner[pairs[edge, 0]], corner[pairs[edge, 1]]
        is_across = first[0] == second[0]
        for k in range(labels):
            count = 0
            for along in range(0, side, step):
                for over in range(-reach, reach):
                    row = second[0] + (along if is_across else over) + shifts[k, 0]
                    column = second[1] + (over if is_across else along) + shifts[k, 1]
                    there[k, count] = is_known(known, row, column)
                    if there[k, count]:
                        value[k, count] = picture[row, column]
                    count += 1
        scale = np.float32(side * 2 * reach / count)
        for a in range(labels):
            for b in range(a):
                total = np.float32(0)
                for i in range(count):
                    total += switch
                    if there[a, i] and there[b, i]:
                        for n in range(channels):
                            total += (value[a, i, n] - value[b, i, n]) ** 2
                cost[edge, a, b] = total * scale
                cost[edge, b, a] = total * scale


@kernel
def fetch_blocks(picture, known, shifts, corner, side, label, out):
    """Add each block's content, weighted, to out[..., :-1] and the weights to out[..., -1]."""
    height, width, channels = picture.shape
    margin = side // 2
    for node in range(len(corner)):
        dr, dc = shifts[label[node], 0], shifts[label[node], 1]
        for row in range(
            max(corner[node, 0] - margin, 0), min(corner[node, 0] + side + margin, height)
        ):
            outside = max(corner[node, 0] - row, row - corner[node, 0] - side + 1, 0)
            falling = 1.0 - outside / (margin + 1.0)
            for column in range(
                max(corner[node, 1] - margin, 0), min(corner[node, 1] + side + margin, width)
            ):
                if not is_known(known, row + dr, column + dc):
                    continue
                beside = max(corner[node, 1] - column, column - corner[node, 1] - side + 1, 0)
                weight = np.float32(falling * (1.0 - beside / (margin + 1.0)))
                for n in range(channels):
                    out[row, column, n] += weight * picture[row + dr, column + dc, n]
                out[row, column, channels] += weight
