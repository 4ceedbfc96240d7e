"""Clipping, projection and scan conversion, compiled."""

import numpy as np

from maquette_kernels.jit import kernel


@kernel
def clip_and_project(local, triangles, K, near, height):
    """(face (N,), corners (N, 3, 3) as u, v, 1/z, weights (N, 3, 2)) of what lies before the near plane.

    weights are the barycentrics (second, third) of each corner in its original triangle.
    """
    room = len(triangles) + 1024
    faces = np.empty(room, np.int32)
    corners = np.empty((room, 3, 3), np.float64)
    weights = np.empty((room, 3, 2), np.float64)
    count = 0
    polygon = np.empty((4, 3))
    shares = np.empty((4, 2))
    for t in range(len(triangles)):
        size = 0
        for k in range(3):
            a, b = local[triangles[t, k]], local[triangles[t, (k + 1) % 3]]
            if a[2] >= near:
                polygon[size] = a
                shares[size, 0] = 1.0 if k == 1 else 0.0
                shares[size, 1] = 1.0 if k == 2 else 0.0
                size += 1
            if (a[2] >= near) != (b[2] >= near):
                s = (near - a[2]) / (b[2] - a[2])
                polygon[size] = a + s * (b - a)
                here = np.array([1.0 if k == 1 else 0.0, 1.0 if k == 2 else 0.0])
                n = (k + 1) % 3
                there = np.array([1.0 if n == 1 else 0.0, 1.0 if n == 2 else 0.0])
                shares[size] = here + s * (there - here)
                size += 1
        for extra in range(size - 2):
            if count == room:
                room *= 2
                faces = np.concatenate((faces, np.empty(room - count, np.int32)))
                corners = np.concatenate((corners, np.empty((room - count, 3, 3))))
                weights = np.concatenate((weights, np.empty((room - count, 3, 2))))
            low, high = np.inf, -np.inf
            for j in range(3):
                place = 0 if j == 0 else extra + j
                p = polygon[place]
                corners[count, j, 0] = (K[0, 0] * p[0] + K[0, 1] * p[1]) / p[2] + K[0, 2]
                corners[count, j, 1] = K[1, 1] * p[1] / p[2] + K[1, 2]
                corners[count, j, 2] = 1.0 / p[2]
                weights[count, j] = shares[place]
                low, high = min(low, corners[count, j, 1]), max(high, corners[count, j, 1])
            if high > 0 and low < height:
                faces[count] = t
                count += 1
    return faces[:count], corners[:count], weights[:count]


@kernel
def draw_rows(faces, corners, weights, start, stop, triangle, inverse, barycentric):
    """Draw all triangles (sorted by their top) into rows start..stop."""
    width = triangle.shape[1]
    for n in range(len(faces)):
        a, b, c = corners[n, 0], corners[n, 1], corners[n, 2]
        top = min(a[1], b[1], c[1])
        if top > stop:
            break
        bottom = max(a[1], b[1], c[1])
        if bottom < start:
            continue
        area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        if abs(area) < 1e-12:
            continue
        first_x = max(0.0, np.ceil(min(a[0], b[0], c[0]) - 0.5))
        last_x = min(float(width - 1), np.floor(max(a[0], b[0], c[0]) - 0.5))
        first_y = max(float(start), np.ceil(top - 0.5))
        last_y = min(float(stop - 1), np.floor(bottom - 0.5))
        for y in range(int(first_y), int(last_y) + 1):
            py = y + 0.5
            for x in range(int(first_x), int(last_x) + 1):
                px = x + 0.5
                wa = ((b[0] - px) * (c[1] - py) - (b[1] - py) * (c[0] - px)) / area
                wb = ((c[0] - px) * (a[1] - py) - (c[1] - py) * (a[0] - px)) / area
                wc = 1.0 - wa - wb
                if wa < 0 or wb < 0 or wc < 0:
                    continue
                w = wa * a[2] + wb * b[2] + wc * c[2]
                if w > inverse[y, x]:
                    inverse[y, x] = w
                    triangle[y, x] = faces[n]
                    for k in range(2):
                        barycentric[y, x, k] = (
                            wa * a[2] * weights[n, 0, k]
                            + wb * b[2] * weights[n, 1, k]
                            + wc * c[2] * weights[n, 2, k]
                        ) / w


@kernel
def shade_rows(triangle, barycentric, triangles, uvs, texture, start, stop, out):
    """Sample the texture where a triangle shows."""
    height, width = texture.shape[0], texture.shape[1]
    for y in range(start, stop):
        for x in range(triangle.shape[1]):
            t = triangle[y, x]
            if t < 0:
                continue
            wb, wc = barycentric[y, x, 0], barycentric[y, x, 1]
            wa = np.float32(1.0) - wb - wc
            a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            u = (wa * uvs[a, 0] + wb * uvs[b, 0] + wc * uvs[c, 0]) * width - np.float32(0.5)
            v = (wa * uvs[a, 1] + wb * uvs[b, 1] + wc * uvs[c, 1]) * height
            v = height - v - np.float32(0.5)
            x0, y0 = int(np.floor(u)), int(np.floor(v))
            fx, fy = u - x0, v - y0
            for k in range(3):
                value = np.float32(0.0)
                for dy in range(2):
                    for dx in range(2):
                        yy = min(max(y0 + dy, 0), height - 1)
                        xx = min(max(x0 + dx, 0), width - 1)
                        share = (fx if dx else 1 - fx) * (fy if dy else 1 - fy)
                        value += share * texture[yy, xx, k]
                out[y, x, k] = np.uint8(min(max(value + np.float32(0.5), 0.0), 255.0))
