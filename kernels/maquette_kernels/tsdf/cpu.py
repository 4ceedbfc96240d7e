"""Integration and surface nets over sparse blocks, compiled."""

import numpy as np

from maquette_kernels.jit import inline, kernel

UNKNOWN = np.float32(9.0)


@kernel
def integrate_blocks(
    blocks, origin, voxel, truncation, depth, weight, filled, K, M, distance, total, start, stop
):
    """Add one depth map to blocks start..stop."""
    height, width = depth.shape
    fx, fy, cx, cy = K[0, 0], K[1, 1], K[0, 2], K[1, 2]
    for b in range(start, stop):
        base_x = origin[0] + blocks[b, 0] * 8 * voxel
        base_y = origin[1] + blocks[b, 1] * 8 * voxel
        base_z = origin[2] + blocks[b, 2] * 8 * voxel
        # the block's centre tells whether any of it can be in view
        h = 3.5 * voxel
        mz = M[2, 0] * (base_x + h) + M[2, 1] * (base_y + h) + M[2, 2] * (base_z + h) + M[2, 3]
        if mz < -8 * voxel:
            continue
        for i in range(8):
            for j in range(8):
                for k in range(8):
                    x, y, z = base_x + i * voxel, base_y + j * voxel, base_z + k * voxel
                    c = M[2, 0] * x + M[2, 1] * y + M[2, 2] * z + M[2, 3]
                    if c <= 1e-9:
                        continue
                    u = fx * (M[0, 0] * x + M[0, 1] * y + M[0, 2] * z + M[0, 3]) / c + cx
                    v = fy * (M[1, 0] * x + M[1, 1] * y + M[1, 2] * z + M[1, 3]) / c + cy
                    if u < 0 or v < 0 or u >= width or v >= height:
                        continue
                    row, column = int(v), int(u)
                    d = depth[row, column]
                    if d <= 0:
                        continue
                    # bilinear where the neighbours lie on the same surface
                    x0, y0 = int(np.floor(u - 0.5)), int(np.floor(v - 0.5))
                    if 0 <= x0 < width - 1 and 0 <= y0 < height - 1:
                        a, e = depth[y0, x0], depth[y0, x0 + 1]
                        f, g = depth[y0 + 1, x0], depth[y0 + 1, x0 + 1]
                        low, high = min(min(a, e), min(f, g)), max(max(a, e), max(f, g))
                        if low > 0 and high - low < 0.05 * d:
                            s, t = u - 0.5 - x0, v - 0.5 - y0
                            d = (a * (1 - s) + e * s) * (1 - t) + (f * (1 - s) + g * s) * t
                    signed = (d - c) / truncation
                    if signed < -1.0:
                        continue
                    layer = 1 if filled[row, column] else 0
                    w = weight[row, column]
                    if signed > 1.0:
                        signed = 1.0
                        w *= np.float32(0.25)  # free space speaks, less loudly than a surface
                    old = total[b, i, j, k, layer]
                    distance[b, i, j, k, layer] = np.float32(
                        (distance[b, i, j, k, layer] * old + signed * w) / (old + w)
                    )
                    total[b, i, j, k, layer] = old + w


@kernel
def combine(distance, weight, min_weight, min_filled):
    """(value, measured): one signed distance per voxel, UNKNOWN where nothing is known."""
    shape = distance.shape[:4]
    value = np.full(shape, UNKNOWN, np.float32)
    measured = np.zeros(shape, np.float32)
    for b in range(shape[0]):
        for i in range(8):
            for j in range(8):
                for k in range(8):
                    if weight[b, i, j, k, 0] >= min_weight:
                        value[b, i, j, k] = distance[b, i, j, k, 0]
                        measured[b, i, j, k] = 1.0
                        continue
                    # too weak to count as measured, it still fills where nothing else does
                    w0, w1 = weight[b, i, j, k, 0], weight[b, i, j, k, 1]
                    if w1 >= min_filled:
                        value[b, i, j, k] = distance[b, i, j, k, 1]
                    elif w0 + w1 >= min_filled:
                        total = distance[b, i, j, k, 0] * w0 + distance[b, i, j, k, 1] * w1
                        value[b, i, j, k] = total / (w0 + w1)
    return value, measured


@inline
def _locate(blocks, table, b, i, j, k):
    """(block, i, j, k) of a voxel that may lie in a neighbouring block; block -1 where there is none."""
    bx, by, bz = blocks[b, 0], blocks[b, 1], blocks[b, 2]
    if i < 0:
        bx, i = bx - 1, i + 8
    elif i > 7:
        bx, i = bx + 1, i - 8
    if j < 0:
        by, j = by - 1, j + 8
    elif j > 7:
        by, j = by + 1, j - 8
    if k < 0:
        bz, k = bz - 1, k + 8
    elif k > 7:
        bz, k = bz + 1, k - 8
    if bx < 0 or by < 0 or bz < 0:
        return np.int32(-1), i, j, k
    if bx >= table.shape[0] or by >= table.shape[1] or bz >= table.shape[2]:
        return np.int32(-1), i, j, k
    return table[bx, by, bz], i, j, k


@kernel
def place_vertices(blocks, table, value, measured):
    """Vertices in voxel units from the origin, their measured share, and the vertex of each cell."""
    index = np.full(value.shape, -1, np.int32)
    room = 1 << 16
    vertices = np.empty((room, 3), np.float32)
    seen = np.empty(room, np.float32)
    corner = np.empty((2, 2, 2), np.float32)
    count = 0
    for b in range(len(blocks)):
        for i in range(8):
            for j in range(8):
                for k in range(8):
                    known, inside, trust = True, 0, np.float32(0.0)
                    for n in range(8):
                        di, dj, dk = n & 1, (n >> 1) & 1, (n >> 2) & 1
                        o, ii, jj, kk = _locate(blocks, table, b, i + di, j + dj, k + dk)
                        if o < 0 or value[o, ii, jj, kk] == UNKNOWN:
                            known = False
                            break
                        corner[di, dj, dk] = value[o, ii, jj, kk]
                        trust += measured[o, ii, jj, kk]
                        inside += 1 if corner[di, dj, dk] < 0 else 0
                    if not known or inside == 0 or inside == 8:
                        continue
                    x = y = z = 0.0
                    crossings = 0
                    for p in range(2):
                        for q in range(2):
                            a, c = corner[0, p, q], corner[1, p, q]
                            if (a < 0) != (c < 0):
                                x, y, z = x + a / (a - c), y + p, z + q
                                crossings += 1
                            a, c = corner[p, 0, q], corner[p, 1, q]
                            if (a < 0) != (c < 0):
                                x, y, z = x + p, y + a / (a - c), z + q
                                crossings += 1
                            a, c = corner[p, q, 0], corner[p, q, 1]
                            if (a < 0) != (c < 0):
                                x, y, z = x + p, y + q, z + a / (a - c)
                                crossings += 1
                    if count == room:
                        room *= 2
                        vertices = np.concatenate((vertices, np.empty_like(vertices)))
                        seen = np.concatenate((seen, np.empty_like(seen)))
                    vertices[count, 0] = blocks[b, 0] * 8 + i + x / crossings
                    vertices[count, 1] = blocks[b, 1] * 8 + j + y / crossings
                    vertices[count, 2] = blocks[b, 2] * 8 + k + z / crossings
                    seen[count] = 1.0 if trust >= 4 else 0.0
                    index[b, i, j, k] = count
                    count += 1
    return vertices[:count], seen[:count], index


@inline
def _vertex(blocks, table, index, b, i, j, k):
    o, ii, jj, kk = _locate(blocks, table, b, i, j, k)
    return index[o, ii, jj, kk] if o >= 0 else np.int32(-1)


@kernel
def connect(blocks, table, value, index, vertices):
    """Two triangles for each grid edge whose ends differ in sign, between the four cells around it."""
    room = 1 << 17
    triangles = np.empty((room, 3), np.int32)
    count = 0
    quad = np.empty(4, np.int32)
    for b in range(len(blocks)):
        for i in range(8):
            for j in range(8):
                for k in range(8):
                    here = value[b, i, j, k]
                    if here == UNKNOWN:
                        continue
                    for axis in range(3):
                        di, dj, dk = int(axis == 0), int(axis == 1), int(axis == 2)
                        o, ii, jj, kk = _locate(blocks, table, b, i + di, j + dj, k + dk)
                        if o < 0 or value[o, ii, jj, kk] == UNKNOWN:
                            continue
                        if (here < 0) == (value[o, ii, jj, kk] < 0):
                            continue
                        # the cells around the edge, in turn about the axis
                        whole = True
                        for n in range(4):
                            p, q = -(n == 1 or n == 2), -(n >= 2)
                            if axis == 0:
                                quad[n] = _vertex(blocks, table, index, b, i, j + p, k + q)
                            elif axis == 1:
                                quad[n] = _vertex(blocks, table, index, b, i + q, j, k + p)
                            else:
                                quad[n] = _vertex(blocks, table, index, b, i + p, j + q, k)
                            whole = whole and quad[n] >= 0
                        if not whole:
                            continue
                        if count + 2 > room:
                            room *= 2
                            triangles = np.concatenate((triangles, np.empty_like(triangles)))
                        if here >= 0:  # empty here, full beyond: seen from this end
                            quad[1], quad[3] = quad[3], quad[1]
                        # the shorter diagonal makes the rounder triangles
                        d02 = d13 = np.float32(0.0)
                        for c in range(3):
                            d02 += (vertices[quad[0], c] - vertices[quad[2], c]) ** 2
                            d13 += (vertices[quad[1], c] - vertices[quad[3], c]) ** 2
                        s = 0 if d02 <= d13 else 1
                        for n in range(2):
                            triangles[count, 0] = quad[s]
                            triangles[count, 1] = quad[(s + 1 + n) % 4]
                            triangles[count, 2] = quad[(s + 2 + n) % 4]
                            count += 1
    return triangles[:count]
