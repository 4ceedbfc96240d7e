"""Votes along lines of sight through a tetrahedralisation, and a minimum cut of it, compiled.

Facet k of a tetrahedron lies opposite its corner k; `neighbour[t, k]` is the tetrahedron across it, -1 outside.
"""

import numpy as np

from maquette_kernels.jit import inline, kernel

# corners of facet k, counter-clockwise seen from outside a positively oriented tetrahedron
FACETS = np.array([[1, 2, 3], [0, 3, 2], [0, 1, 3], [0, 2, 1]], np.int32)
FREE, EMPTY, FULL = np.uint8(0), np.uint8(1), np.uint8(2)
NONE, TERMINAL, ORPHAN = np.int8(-1), np.int8(4), np.int8(5)


@inline
def _volume6(a, b, c, d):
    """Six times the signed volume: positive where (b - a) × (c - a) points to d."""
    bx, by, bz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    cx, cy, cz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    dx, dy, dz = d[0] - a[0], d[1] - a[1], d[2] - a[2]
    return (by * cz - bz * cy) * dx + (bz * cx - bx * cz) * dy + (bx * cy - by * cx) * dz


@kernel
def orient(points, tetrahedra, neighbour):
    """Swap two corners (and neighbours) where needed, so that every tetrahedron is positively oriented."""
    for t in range(len(tetrahedra)):
        v = tetrahedra[t]
        if _volume6(points[v[0]], points[v[1]], points[v[2]], points[v[3]]) < 0:
            tetrahedra[t, 0], tetrahedra[t, 1] = v[1], v[0]
            a, b = neighbour[t, 0], neighbour[t, 1]
            neighbour[t, 0], neighbour[t, 1] = b, a


@kernel
def reverse_arcs(neighbour):
    """(M, 4) int8: which facet of the neighbour leads back; -1 outside."""
    reverse = np.full(neighbour.shape, -1, np.int8)
    for t in range(len(neighbour)):
        for k in range(4):
            other = neighbour[t, k]
            if other >= 0:
                for j in range(4):
                    if neighbour[other, j] == t:
                        reverse[t, k] = j
    return reverse


@kernel
def incident_tetrahedra(tetrahedra, num_points):
    """(first (N + 1,), incident (4 M,)): the tetrahedra around each point."""
    first = np.zeros(num_points + 1, np.int32)
    for t in range(len(tetrahedra)):
        for k in range(4):
            first[tetrahedra[t, k] + 1] += 1
    for i in range(num_points):
        first[i + 1] += first[i]
    place = first[:-1].copy()
    incident = np.empty(first[-1], np.int32)
    for t in range(len(tetrahedra)):
        for k in range(4):
            v = tetrahedra[t, k]
            incident[place[v]] = t
            place[v] += 1
    return first, incident


@inline
def _facet_normal(points, tetrahedra, t, k):
    a = points[tetrahedra[t, FACETS[k, 0]]]
    b = points[tetrahedra[t, FACETS[k, 1]]]
    c = points[tetrahedra[t, FACETS[k, 2]]]
    bx, by, bz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    cx, cy, cz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    return by * cz - bz * cy, bz * cx - bx * cz, bx * cy - by * cx


@inline
def _tetrahedron_towards(points, tetrahedra, first, incident, point, dx, dy, dz):
    """The tetrahedron at `point` into which the direction leads, and the corner that the point is.

    -1 where it leads out of the convex hull.
    """
    best, best_t, best_corner = -np.inf, -1, -1
    for i in range(first[point], first[point + 1]):
        t = incident[i]
        corner = 0
        for k in range(4):
            if tetrahedra[t, k] == point:
                corner = k
        inside = np.inf
        for k in range(4):
            if k != corner:
                nx, ny, nz = _facet_normal(points, tetrahedra, t, k)
                length = np.sqrt(nx * nx + ny * ny + nz * nz) + 1e-300
                inside = min(inside, -(nx * dx + ny * dy + nz * dz) / length)
        if inside > best:
            best, best_t, best_corner = inside, t, corner
    if best < -1e-9:  # the sine of the angle to the facet that is passed
        return -1, -1
    return best_t, best_corner


@inline
def _exit(points, tetrahedra, t, entry, ox, oy, oz, dx, dy, dz):
    """The facet through which the line leaves the tetrahedron, and how far along it."""
    nearest, facet = np.inf, -1
    for k in range(4):
        if k != entry:
            nx, ny, nz = _facet_normal(points, tetrahedra, t, k)
            slope = nx * dx + ny * dy + nz * dz
            if slope > 0:
                a = points[tetrahedra[t, FACETS[k, 0]]]
                along = (nx * (a[0] - ox) + ny * (a[1] - oy) + nz * (a[2] - oz)) / slope
                if along < nearest:
                    nearest, facet = along, k
    return facet, nearest


@kernel
def cast_votes(
    points,
    tetrahedra,
    neighbour,
    reverse,
    first,
    incident,
    sight_point,
    sight_camera,
    sight_weight,
    centres,
    sigma,
    start,
    stop,
    capacity,
    terminal,
):
    """Add the votes of lines of sight start..stop: to `capacity` from the camera's side, to `terminal`.

    A vote against a surface between camera and point weighs 1 - exp(-d² / 2 sigma²) at distance d
    from the point (soft visibility); the vote for matter goes to the tetrahedron one sigma behind.
    """
    for i in range(start, stop):
        p, weight = sight_point[i], sight_weight[i]
        origin, centre = points[p], centres[sight_camera[i]]
        ox, oy, oz = origin[0], origin[1], origin[2]
        dx, dy, dz = centre[0] - ox, centre[1] - oy, centre[2] - oz
        distance = np.sqrt(dx * dx + dy * dy + dz * dz)
        if distance <= 0:
            continue
        dx, dy, dz = dx / distance, dy / distance, dz / distance
        soft = 1.0 / (2.0 * sigma[p] * sigma[p])

        t, corner = _tetrahedron_towards(points, tetrahedra, first, incident, p, dx, dy, dz)
        if t >= 0:
            facet = corner
            _, along = _exit(points, tetrahedra, t, -1, ox, oy, oz, dx, dy, dz)
            for _step in range(100000):
                if along >= distance:
                    break
                other = neighbour[t, facet]
                if other < 0:
                    break
                back = reverse[t, facet]
                # `other` is nearer the camera: flow from it to t is what a surface here would cut
                capacity[other, back] += weight * (1.0 - np.exp(-along * along * soft))
                t = other
                facet, along = _exit(points, tetrahedra, t, back, ox, oy, oz, dx, dy, dz)
                if facet < 0:
                    break
            terminal[t] += weight

        behind = sigma[p]
        t, corner = _tetrahedron_towards(points, tetrahedra, first, incident, p, -dx, -dy, -dz)
        if t >= 0:
            facet = corner
            _, along = _exit(points, tetrahedra, t, -1, ox, oy, oz, -dx, -dy, -dz)
            for _step in range(1000):
                if along >= behind or neighbour[t, facet] < 0:
                    break
                back = reverse[t, facet]
                t = neighbour[t, facet]
                facet, along = _exit(points, tetrahedra, t, back, ox, oy, oz, -dx, -dy, -dz)
                if facet < 0:
                    break
            terminal[t] -= weight


@inline
def _circumsphere(points, tetrahedra, t):
    a, b = points[tetrahedra[t, 0]], points[tetrahedra[t, 1]]
    c, d = points[tetrahedra[t, 2]], points[tetrahedra[t, 3]]
    bx, by, bz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    cx, cy, cz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    dx, dy, dz = d[0] - a[0], d[1] - a[1], d[2] - a[2]
    bb, cc, dd = (
        bx * bx + by * by + bz * bz,
        cx * cx + cy * cy + cz * cz,
        dx * dx + dy * dy + dz * dz,
    )
    det = 2.0 * (bx * (cy * dz - cz * dy) - by * (cx * dz - cz * dx) + bz * (cx * dy - cy * dx))
    if abs(det) < 1e-300:
        return a[0], a[1], a[2], np.inf
    ux = (bb * (cy * dz - cz * dy) + cc * (dy * bz - dz * by) + dd * (by * cz - bz * cy)) / det
    uy = (bb * (cz * dx - cx * dz) + cc * (dz * bx - dx * bz) + dd * (bz * cx - bx * cz)) / det
    uz = (bb * (cx * dy - cy * dx) + cc * (dx * by - dy * bx) + dd * (bx * cy - by * cx)) / det
    return a[0] + ux, a[1] + uy, a[2] + uz, np.sqrt(ux * ux + uy * uy + uz * uz)


@inline
def _cosine_to_facet(points, tetrahedra, t, k):
    """Cosine of the angle between a tetrahedron's circumsphere and its facet k."""
    x, y, z, radius = _circumsphere(points, tetrahedra, t)
    if not radius < 1e12:
        return -1.0
    nx, ny, nz = _facet_normal(points, tetrahedra, t, k)
    length = np.sqrt(nx * nx + ny * ny + nz * nz) + 1e-300
    a = points[tetrahedra[t, FACETS[k, 0]]]
    # outward distance of the facet's plane from the sphere's centre
    outward = (nx * (a[0] - x) + ny * (a[1] - y) + nz * (a[2] - z)) / length
    return min(max(outward / radius, -1.0), 1.0)


@kernel
def add_quality(points, tetrahedra, neighbour, capacity, weight):
    """Add weight · (1 - min(cos φ, cos ψ)) to both directions of each facet (beta-skeleton term)."""
    for t in range(len(tetrahedra)):
        for k in range(4):
            other = neighbour[t, k]
            if other > t:
                j = 0
                for i in range(4):
                    if neighbour[other, i] == t:
                        j = i
                here = _cosine_to_facet(points, tetrahedra, t, k)
                there = _cosine_to_facet(points, tetrahedra, other, j)
                vote = weight * np.float32(1.0 - min(here, there))
                capacity[t, k] += vote
                capacity[other, j] += vote


@kernel
def boundary(tetrahedra, neighbour, is_empty):
    """(T, 3) int32 triangles between empty and full, counter-clockwise seen from the empty side."""
    count = 0
    for t in range(len(tetrahedra)):
        for k in range(4):
            other = neighbour[t, k]
            if other >= 0 and not is_empty[t] and is_empty[other]:
                count += 1
    triangles = np.empty((count, 3), np.int32)
    count = 0
    for t in range(len(tetrahedra)):
        for k in range(4):
            other = neighbour[t, k]
            if other >= 0 and not is_empty[t] and is_empty[other]:
                for i in range(3):
                    triangles[count, i] = tetrahedra[t, FACETS[k, i]]
                count += 1
    return triangles


@inline
def _push(queue, head_tail, queued, node):
    """Append to the ring of active nodes, once."""
    if not queued[node]:
        queued[node] = True
        queue[head_tail[1]] = node
        head_tail[1] = (head_tail[1] + 1) % len(queue)


@inline
def _reaches_terminal(neighbour, parent, stamp, distance, node, now):
    """Steps from `node` to its tree's root, or -1 where the path ends in an orphan; marks the path."""
    steps, at = 0, node
    while True:
        if stamp[at] == now:
            steps += distance[at]
            break
        steps += 1
        arc = parent[at]
        if arc == TERMINAL:
            stamp[at] = now
            distance[at] = 1
            break
        if arc in (ORPHAN, NONE):
            return -1
        at = neighbour[at, arc]
    left, at = steps, node
    while stamp[at] != now:
        stamp[at] = now
        distance[at] = left
        left -= 1
        at = neighbour[at, parent[at]]
    return steps


@kernel
def minimum_cut(neighbour, reverse, capacity, terminal):
    """(flow, is_empty (M,) bool): the minimum cut by two search trees that grow towards each other.

    capacity: (M, 4) int32, of the arc from a tetrahedron across facet k; overwritten with the residue
    terminal: (M,) int32: positive from the source (empty), negative to the sink (full); overwritten
    """
    count = len(neighbour)
    tree = np.zeros(count, np.uint8)
    parent = np.full(count, NONE, np.int8)
    stamp = np.zeros(count, np.int64)
    distance = np.zeros(count, np.int32)
    queued = np.zeros(count, np.bool_)
    queue = np.empty(count + 1, np.int32)
    head_tail = np.zeros(2, np.int64)
    orphans = np.empty(count, np.int32)
    flow, now = np.int64(0), np.int64(0)
    for node in range(count):
        if terminal[node] != 0:
            tree[node] = EMPTY if terminal[node] > 0 else FULL
            parent[node] = TERMINAL
            distance[node] = 1
            _push(queue, head_tail, queued, node)

    current = np.int64(-1)
    while True:
        node = current
        if node >= 0 and parent[node] == NONE:
            node = np.int64(-1)
        if node < 0:
            while head_tail[0] != head_tail[1]:
                candidate = queue[head_tail[0]]
                head_tail[0] = (head_tail[0] + 1) % len(queue)
                queued[candidate] = False
                if parent[candidate] != NONE:
                    node = np.int64(candidate)
                    break
            if node < 0:
                break
        # grow the node's tree until it meets the other one
        meet, meet_arc = np.int64(-1), 0
        for k in range(4):
            other = neighbour[node, k]
            if other < 0:
                continue
            back = reverse[node, k]
            if tree[node] == EMPTY:
                residue = capacity[node, k]
            else:
                residue = capacity[other, back]
            if residue <= 0:
                continue
            if parent[other] == NONE:
                tree[other] = tree[node]
                parent[other] = back
                stamp[other] = stamp[node]
                distance[other] = distance[node] + 1
                _push(queue, head_tail, queued, other)
            elif tree[other] != tree[node]:
                meet, meet_arc = node, k
                break
            elif stamp[other] <= stamp[node] and distance[other] > distance[node]:
                parent[other] = back
                stamp[other] = stamp[node]
                distance[other] = distance[node] + 1
        now += 1
        if meet < 0:
            current = np.int64(-1)
            continue
        current = node
        if tree[meet] == EMPTY:
            low, low_arc = meet, meet_arc
            high = neighbour[meet, meet_arc]
        else:
            low, low_arc = np.int64(neighbour[meet, meet_arc]), np.int64(reverse[meet, meet_arc])
            high = np.int32(meet)
        # the bottleneck from the source through low → high to the sink
        push = capacity[low, low_arc]
        at = low
        while parent[at] != TERMINAL:
            up = neighbour[at, parent[at]]
            push = min(push, capacity[up, reverse[at, parent[at]]])
            at = np.int64(up)
        push = min(push, terminal[at])
        at = np.int64(high)
        while parent[at] != TERMINAL:
            push = min(push, capacity[at, parent[at]])
            at = np.int64(neighbour[at, parent[at]])
        push = min(push, -terminal[at])
        # push it; what gets saturated leaves orphans
        flow += push
        num_orphans = 0
        capacity[low, low_arc] -= push
        capacity[high, reverse[low, low_arc]] += push
        at = low
        while parent[at] != TERMINAL:
            arc = parent[at]
            up, down = neighbour[at, arc], reverse[at, arc]
            capacity[at, arc] += push
            capacity[up, down] -= push
            if capacity[up, down] == 0:
                parent[at] = ORPHAN
                orphans[num_orphans] = at
                num_orphans += 1
            at = np.int64(up)
        terminal[at] -= push
        if terminal[at] == 0:
            parent[at] = ORPHAN
            orphans[num_orphans] = at
            num_orphans += 1
        at = np.int64(high)
        while parent[at] != TERMINAL:
            arc = parent[at]
            up, down = neighbour[at, arc], reverse[at, arc]
            capacity[up, down] += push
            capacity[at, arc] -= push
            if capacity[at, arc] == 0:
                parent[at] = ORPHAN
                orphans[num_orphans] = at
                num_orphans += 1
            at = np.int64(up)
        terminal[at] += push
        if terminal[at] == 0:
            parent[at] = ORPHAN
            orphans[num_orphans] = at
            num_orphans += 1
        # find a new parent for each orphan, nearest the root; those without become free
        while num_orphans > 0:
            num_orphans -= 1
            orphan = orphans[num_orphans]
            best_steps, best_arc = np.int64(2**40), NONE
            for k in range(4):
                other = neighbour[orphan, k]
                if other < 0 or tree[other] != tree[orphan] or parent[other] == NONE:
                    continue
                if tree[orphan] == EMPTY:
                    residue = capacity[other, reverse[orphan, k]]
                else:
                    residue = capacity[orphan, k]
                if residue <= 0:
                    continue
                steps = _reaches_terminal(neighbour, parent, stamp, distance, other, now)
                if steps >= 0 and steps < best_steps:
                    best_steps, best_arc = np.int64(steps), np.int8(k)
            if best_arc != NONE:
                parent[orphan] = best_arc
                stamp[orphan] = now
                distance[orphan] = best_steps + 1
                continue
            parent[orphan] = NONE
            for k in range(4):
                other = neighbour[orphan, k]
                if other < 0 or tree[other] != tree[orphan] or parent[other] == NONE:
                    continue
                if tree[orphan] == EMPTY:
                    residue = capacity[other, reverse[orphan, k]]
                else:
                    residue = capacity[orphan, k]
                if residue > 0:
                    _push(queue, head_tail, queued, other)
                if parent[other] < TERMINAL and neighbour[other, parent[other]] == orphan:
                    parent[other] = ORPHAN
                    orphans[num_orphans] = other
                    num_orphans += 1
    is_empty = np.zeros(count, np.bool_)
    for node in range(count):
        is_empty[node] = parent[node] != NONE and tree[node] == EMPTY
    return flow, is_empty
