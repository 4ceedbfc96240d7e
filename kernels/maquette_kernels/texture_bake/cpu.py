"""Baking and label smoothing, compiled."""

import numpy as np

from maquette_kernels.jit import kernel


@kernel
def bake_triangles(photo, photo_xy, atlas_xy, correction, atlas, covered):
    """See `bake`. covered: 2 where a texel's centre is inside a triangle, 1 in the rim around."""
    height, width = atlas.shape[0], atlas.shape[1]
    rows, columns = photo.shape[0], photo.shape[1]
    for t in range(len(atlas_xy)):
        ax, ay = atlas_xy[t, 0, 0], atlas_xy[t, 0, 1]
        bx, by = atlas_xy[t, 1, 0], atlas_xy[t, 1, 1]
        cx, cy = atlas_xy[t, 2, 0], atlas_xy[t, 2, 1]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if abs(area) < 1e-9:
            continue
        x0 = max(0, int(np.floor(min(ax, bx, cx) - 1.0)))
        x1 = min(width - 1, int(np.floor(max(ax, bx, cx) + 1.0)))
        y0 = max(0, int(np.floor(min(ay, by, cy) - 1.0)))
        y1 = min(height - 1, int(np.floor(max(ay, by, cy) + 1.0)))
        # one texel beyond an edge, in barycentric units
        rim_a = np.sqrt((cx - bx) ** 2 + (cy - by) ** 2) / abs(area)
        rim_b = np.sqrt((cx - ax) ** 2 + (cy - ay) ** 2) / abs(area)
        rim_c = np.sqrt((bx - ax) ** 2 + (by - ay) ** 2) / abs(area)
        for y in range(y0, y1 + 1):
            for x in range(x0, x1 + 1):
                px, py = x + np.float32(0.5), y + np.float32(0.5)
                wa = ((bx - px) * (cy - py) - (by - py) * (cx - px)) / area
                wb = ((cx - px) * (ay - py) - (cy - py) * (ax - px)) / area
                wc = np.float32(1.0) - wa - wb
                if wa < -rim_a or wb < -rim_b or wc < -rim_c:
                    continue
                mark = 2 if wa >= 0 and wb >= 0 and wc >= 0 else 1
                if covered[y, x] >= mark:
                    continue
                u = wa * photo_xy[t, 0, 0] + wb * photo_xy[t, 1, 0] + wc * photo_xy[t, 2, 0]
                v = wa * photo_xy[t, 0, 1] + wb * photo_xy[t, 1, 1] + wc * photo_xy[t, 2, 1]
                u, v = u - np.float32(0.5), v - np.float32(0.5)
                left, top = int(np.floor(u)), int(np.floor(v))
                fx, fy = u - left, v - top
                l0, l1 = min(max(left, 0), columns - 1), min(max(left + 1, 0), columns - 1)
                t0, t1 = min(max(top, 0), rows - 1), min(max(top + 1, 0), rows - 1)
                for k in range(3):
                    value = (photo[t0, l0, k] * (1 - fx) + photo[t0, l1, k] * fx) * (1 - fy)
                    value += (photo[t1, l0, k] * (1 - fx) + photo[t1, l1, k] * fx) * fy
                    value += wa * correction[t, 0, k]
                    value += wb * correction[t, 1, k] + wc * correction[t, 2, k]
                    atlas[y, x, k] = np.uint8(min(max(value + 0.5, 0.0), 255.0))
                covered[y, x] = mark


@kernel
def smooth_labels(neighbours, first, views, costs, weight, rounds):
    """See the public function."""
    count = len(neighbours)
    label = np.full(count, -1, np.int32)
    for t in range(count):
        if first[t + 1] > first[t]:
            label[t] = views[first[t]]
    for n in range(rounds):
        for step in range(count):
            t = step if n % 2 == 0 else count - 1 - step
            best, best_cost = label[t], np.float32(np.inf)
            for c in range(first[t], first[t + 1]):
                cost = costs[c]
                for k in range(3):
                    other = neighbours[t, k]
                    if other >= 0 and label[other] != views[c]:
                        cost += weight
                if cost < best_cost:
                    best, best_cost = views[c], cost
            label[t] = best
    return label
