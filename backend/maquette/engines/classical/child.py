"""The child process that runs COLMAP: features, matches, and several independent models of the same photos.

Run as `python -m maquette.engines.classical.child`; one JSON request on stdin, JSON lines on stdout. COLMAP's failures
may end the whole process: that is why it has one of its own. It ends itself when its stdin closes.

Settings follow what was measured on few and many, sharp and plain photos: intrinsics shared per device and a focal
prior (four to nine times more exact cameras than an unknown focal), affine-adapted features and guided matching where
texture is weak, a mapper that starts from fewer matches; the incremental and the global mapper both, since
each is wrong, at times, where the other is right.
"""

import copy
import itertools
import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np
import pycolmap

from maquette.engines.classical.adjusting import adjust
from maquette.engines.classical.snapshots import Snapshots, incremental_mapping
from maquette.orphans import die_with_parent

Report = Callable[[float, str], None]
SEED = 0
_GUIDE_UP_TO = 1.5e9  # pairs of features, of all pairs of photos: about 40 CPU seconds
_WRONG_FROM = 4.0  # times the mean reprojection error
_LONG_TRACKS = 3.0  # photos that see a point, in the mean
_LEAST_KEPT = 0.75  # of a photo's points: it hangs on few, and fewer would not hold it
_LEAST_ANGLE_DEG = 0.1  # between the lines of sight of a point: two photos side by side have little
_EXHAUSTIVE_UP_TO = 60  # photos; more are matched along their order and by likeness


def main() -> None:
    """Answer the request on stdin."""
    die_with_parent()
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # COLMAP's own printing must not mix with the answers
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    pycolmap.logging.minloglevel = 2

    def send(event: dict[str, Any]) -> None:
        channel.write(json.dumps(event) + "\n")
        channel.flush()

    def report(done: float, note: str) -> None:
        send({"done": done, "note": note})

    tasks = {
        "match": match,
        "calibrate": calibrate,
        "map": map_models,
        "triangulate": triangulate,
        "crash": crash,
    }
    if request.get("shows"):
        request["snapshots"] = Snapshots(request, send)
    tasks[request["task"]](request, report)
    send({"finished": True})
    os._exit(0)  # COLMAP's destructors have nothing to add


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


def crash(request: dict[str, Any], report: Report) -> None:
    """End as a native library's abort does."""
    os.abort()


def match(request: dict[str, Any], report: Report) -> None:
    """Features and verified matches into request["database"]; photos lie in one folder per device."""
    database = Path(request["database"])
    images = Path(request["images"])
    extraction = pycolmap.FeatureExtractionOptions()
    extraction.num_threads = request["threads"]
    extraction.use_gpu = False
    extraction.max_image_size = request["max_side_px"]
    sift = extraction.sift
    sift.max_num_features = request["max_features"]
    sift.estimate_affine_shape = request["affine"]
    sift.peak_threshold = request["peak_threshold"]
    sift.edge_threshold = request["edge_threshold"]
    reader = pycolmap.ImageReaderOptions()
    reader.camera_model = request["camera_model"]
    if request["masks"]:
        reader.mask_path = request["masks"]
    report(0.0, "features")
    first_camera: dict[str, int] = {}
    done = 0
    for device, names in itertools.groupby(request["names"], key=lambda name: name.split("/")[0]):
        members = list(names)
        for start in range(0, len(members), 4):  # in small groups, so that progress can be told
            group = members[start : start + 4]
            # each call would make a camera of its own: later groups name the device's first one
            reader.existing_camera_id = first_camera.get(device, -1)
            pycolmap.extract_features(
                database,
                images,
                image_names=group,
                camera_mode=pycolmap.CameraMode.SINGLE,
                reader_options=reader,
                extraction_options=extraction,
            )
            if device not in first_camera:
                with pycolmap.Database.open(database) as opened:
                    image = opened.read_image_with_name(group[0])
                    if image is not None:
                        first_camera[device] = image.camera_id
            done += len(group)
            report(0.4 * done / len(request["names"]), f"features, {group[-1]}")
    with pycolmap.Database.open(database) as opened:
        _share_cameras(opened, request)
        pairs = _pairs(opened, request["names"])
    report(0.4, f"matching {len(pairs)} pairs")
    _match_pairs(database, pairs, request, report)
    with pycolmap.Database.open(database) as opened:
        _write_pairs(opened, database.with_name("pairs.npz"))


def _match_pairs(
    database: Path, pairs: list[tuple[str, str]], request: dict[str, Any], report: Report
) -> None:
    """Match and verify; what has matches already is verified anew only.

    One call for all pairs: each builds the photos' search indexes again, twenty calls took twice as long.
    """
    matching = pycolmap.FeatureMatchingOptions()
    matching.num_threads = request["threads"]
    matching.use_gpu = False
    matching.guided_matching = request["guided"]
    verification = pycolmap.TwoViewGeometryOptions()
    verification.ransac.random_seed = SEED
    list_file = database.with_suffix(".pairs.txt")
    list_file.write_text("".join(f"{a} {b}\n" for a, b in pairs), encoding="utf-8")
    pairing = pycolmap.ImportedPairingOptions()
    pairing.match_list_path = list_file
    is_done = threading.Event()

    def watch() -> None:
        with pycolmap.Database.open(database) as opened:
            while not is_done.wait(1.0):
                share = min(1.0, opened.num_verified_image_pairs() / max(1, len(pairs)))
                report(0.4 + 0.6 * share, "matching")

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        pycolmap.match_image_pairs(
            database,
            matching_options=matching,
            pairing_options=pairing,
            verification_options=verification,
        )
    finally:
        is_done.set()
        watcher.join()


def calibrate(request: dict[str, Any], report: Report) -> None:
    """Verify the matches anew, by cameras of known focal lengths: the best of request["lenses"].

    An essential matrix has less freedom to fit what is wrong: of weak photos it keeps the right pairs, and where
    guided, adds to them.
    """
    database = Path(request["database"])
    with pycolmap.Database.open(database) as opened:
        lens = _best_lens(opened, request["lenses"])
        images = {image.image_id: image for image in opened.read_all_images()}
        for image in images.values():
            opened.update_camera(_with_focal(opened, image, lens))
        pairs = []
        for pair_id in opened.read_all_matches()[0]:
            one, two = pycolmap.pair_id_to_image_pair(pair_id)
            pairs.append((images[one].name, images[two].name))
        opened.clear_two_view_geometries()
    _match_pairs(database, pairs, {**request, "guided": False}, report)
    if request["guided"]:
        with pycolmap.Database.open(database) as opened:
            pairs = _pairs_to_guide(opened, images, set(request["left_out"]))
        _match_pairs(database, pairs, request, report)
    with pycolmap.Database.open(database) as opened:
        _write_pairs(opened, database.with_name("pairs.npz"))


def _pairs_to_guide(
    database: pycolmap.Database, images: dict[int, pycolmap.Image], left_out: set[str]
) -> list[tuple[str, str]]:
    """Verified pairs, set free to be matched anew; where all cost too much, those of photos without a place."""
    stored = {}
    for pair_id, geometry in zip(*database.read_two_view_geometries(), strict=True):
        stored[pycolmap.pair_id_to_image_pair(pair_id)] = geometry
    pairs = [pair for pair, geometry in stored.items() if len(geometry.inlier_matches) >= 15]
    size = {key: database.num_keypoints_for_image(key) for key in images}
    if sum(size[one] * size[two] for one, two in pairs) > _GUIDE_UP_TO:
        pairs = [pair for pair in pairs if left_out.intersection(images[i].name for i in pair)]
    database.clear_two_view_geometries()
    for pair in stored.keys() - set(pairs):
        database.write_two_view_geometry(pair[0], pair[1], stored[pair])
    return [(images[one].name, images[two].name) for one, two in pairs]


def _with_focal(
    database: pycolmap.Database, image: pycolmap.Image, lens: dict[str, float]
) -> pycolmap.Camera:
    """The image's camera with its device's focal length, where `lens` has one."""
    camera = database.read_camera(image.camera_id)
    focal = lens.get(image.name.split("/")[0])
    if focal:
        camera.params = [focal, camera.width / 2, camera.height / 2, 0.0]
        camera.has_prior_focal_length = True
    return camera


def _best_lens(database: pycolmap.Database, lenses: list[dict[str, float]]) -> dict[str, float]:
    """The focal lengths whose essential matrices explain most of the verified matches."""
    if len(lenses) == 1:
        return lenses[0]
    options = pycolmap.RANSACOptions()
    options.random_seed, options.max_num_trials = SEED, 1000
    images = {image.image_id: image for image in database.read_all_images()}
    ids, geometries = database.read_two_view_geometries()
    explained = [0.0] * len(lenses)
    for pair_id, geometry in zip(ids, geometries, strict=True):
        matches = np.asarray(geometry.inlier_matches)
        if len(matches) < 30:
            continue
        pair = pycolmap.pair_id_to_image_pair(pair_id)
        pixels = []
        for side, image_id in enumerate(pair):
            found = np.asarray(database.read_keypoints(image_id))[:, :2].astype(np.float64)
            pixels.append(found[matches[:, side]])
        for number, lens in enumerate(lenses):
            one, two = (_with_focal(database, images[image_id], lens) for image_id in pair)
            options.max_error = 1.5 * max(1.0, max(one.width, one.height) / 1600)
            found = pycolmap.estimate_essential_matrix(pixels[0], pixels[1], one, two, options)
            if found is not None:
                explained[number] += min(found["num_inliers"], 200)
    return lenses[max(range(len(lenses)), key=explained.__getitem__)]


def _share_cameras(database: pycolmap.Database, request: dict[str, Any]) -> None:
    """One camera per device, with its focal prior where one is known."""
    first: dict[str, int] = {}
    for image in sorted(database.read_all_images(), key=lambda image: image.name):
        device = image.name.split("/")[0]
        camera_id = first.setdefault(device, image.camera_id)
        camera = database.read_camera(camera_id)
        known = request["focal_px"].get(device)
        if request["camera_model"] == "SIMPLE_RADIAL":
            focal = known or request["focal_start_px"]
            camera.params = [focal, camera.width / 2, camera.height / 2, 0.0]
            camera.has_prior_focal_length = bool(known)
            database.update_camera(camera)


def _pairs(database: pycolmap.Database, names: list[str]) -> list[tuple[str, str]]:
    """Pairs worth matching: all of up to 60 photos; of more, neighbours in order and the most alike."""
    if len(names) <= _EXHAUSTIVE_UP_TO:
        return list(itertools.combinations(names, 2))
    ids = {image.name: image.image_id for image in database.read_all_images()}
    signatures = []
    rng = np.random.default_rng(SEED)
    words = None
    for name in names:
        descriptors = np.asarray(database.read_descriptors(ids[name]).data, np.float32)
        if words is None:
            # random descriptors of all photos serve as words: enough to rank likeness
            pool = [
                np.asarray(database.read_descriptors(ids[n]).data, np.float32)[:2000]
                for n in names[:: max(1, len(names) // 20)]
            ]
            pooled = np.concatenate(pool)
            words = pooled[rng.permutation(len(pooled))[:512]]
            words /= np.linalg.norm(words, axis=1, keepdims=True) + 1e-6
        some = descriptors[:1500]
        some = some / (np.linalg.norm(some, axis=1, keepdims=True) + 1e-6)
        histogram = np.bincount((some @ words.T).argmax(1), minlength=512).astype(float)
        signatures.append(np.sqrt(histogram / max(histogram.sum(), 1)))
    likeness = np.array(signatures) @ np.array(signatures).T
    chosen = {(i, j) for i in range(len(names)) for j in range(i + 1, min(len(names), i + 11))}
    for i in range(len(names)):
        for j in np.argsort(-likeness[i])[1:21]:
            chosen.add((min(i, int(j)), max(i, int(j))))
    return [(names[i], names[j]) for i, j in sorted(chosen)]


def map_models(request: dict[str, Any], report: Report) -> None:
    """Models of the matched photos into request["models"]/<mapper>_<n>, COLMAP binary."""
    out = Path(request["models"])
    report(0.0, request["mapper"])
    if request["mapper"] == "incremental":
        models = _incremental(request)
    else:
        options = pycolmap.GlobalPipelineOptions()
        options.num_threads = request["threads"]
        options.random_seed = request["seed"]
        options.mapper.global_positioning.use_gpu = False
        options.mapper.bundle_adjustment.ceres.use_gpu = False
        options.mapper.bundle_adjustment.refine_focal_length = request["refine_focal"]
        options.mapper.bundle_adjustment.refine_extra_params = request["refine_extra"]
        models = pycolmap.global_mapping(
            request["database"], request["images"], out / "work", options
        )
    for number, model in enumerate(models.values()):
        if model.num_reg_images() < 2:
            continue
        if request["refine"]:
            _refine(model, request)
        folder = out / f"{request['mapper']}_{request['label']}_{number}"
        folder.mkdir(parents=True, exist_ok=True)
        _write_arrays(model, folder / "model.npz")


def _write_arrays(model: pycolmap.Reconstruction, path: Path) -> None:
    """Cameras, points and tracks as plain arrays; intrinsics as (fx, fy, cx, cy, k1)."""
    images = sorted((i for i in model.images.values() if i.has_pose), key=lambda i: i.name)
    point_row = {identifier: row for row, identifier in enumerate(model.points3D)}
    intrinsics, poses, observations, pixels = [], [], [], []
    for row, image in enumerate(images):
        camera = model.cameras[image.camera_id]
        K = camera.calibration_matrix()
        has_k = camera.model == pycolmap.CameraModelId.SIMPLE_RADIAL
        k1 = float(camera.params[3]) if has_k else 0.0
        intrinsics.append([K[0, 0], K[1, 1], K[0, 2], K[1, 2], k1])
        poses.append(image.cam_from_world().matrix())
        for point in image.points2D:
            if point.has_point3D():
                observations.append((point_row[point.point3D_id], row))
                pixels.append(point.xy)
    points = list(model.points3D.values())
    np.savez(
        path,
        names=np.array([image.name for image in images]),
        intrinsics=np.array(intrinsics),
        camera_from_world=np.array(poses),
        xyz=np.array([point.xyz for point in points]).reshape(-1, 3),
        error_px=np.array([point.error for point in points]),
        observations=np.array(observations, np.int32).reshape(-1, 2),
        pixels=np.array(pixels, np.float64).reshape(-1, 2),
    )


def _write_pairs(database: pycolmap.Database, path: Path) -> None:
    """The verified matches of all pairs: names, and pixels of both sides, pair after pair."""
    names = {image.image_id: image.name for image in database.read_all_images()}
    keypoints: dict[int, Any] = {}
    pairs, counts, pixels = [], [], []
    ids, geometries = database.read_two_view_geometries()
    for pair_id, geometry in zip(ids, geometries, strict=True):
        matches = np.asarray(geometry.inlier_matches)
        if len(matches) < 15:
            continue
        one, two = pycolmap.pair_id_to_image_pair(pair_id)
        for image_id in (one, two):
            if image_id not in keypoints:
                found = database.read_keypoints(image_id)
                keypoints[image_id] = np.asarray(found)[:, :2].astype(np.float64)
        pairs.append((names[one], names[two]))
        counts.append(len(matches))
        a, b = keypoints[one][matches[:, 0]], keypoints[two][matches[:, 1]]
        pixels.append(np.concatenate([a, b], axis=1))
    np.savez(
        path,
        pairs=np.array(pairs).reshape(-1, 2),
        counts=np.array(counts, np.int64),
        pixels=np.concatenate(pixels) if pixels else np.zeros((0, 4)),
    )


def _incremental(request: dict[str, Any]) -> dict[int, pycolmap.Reconstruction]:
    options = pycolmap.IncrementalPipelineOptions()
    options.num_threads = request["threads"]
    options.random_seed = request["seed"]
    options.mapper.random_seed = request["seed"]
    options.min_model_size = request["min_model_size"]
    options.mapper.init_min_num_inliers = request["init_inliers"]
    options.mapper.init_min_tri_angle = request["init_angle_deg"]
    options.mapper.abs_pose_min_num_inliers = request["pose_inliers"]
    options.mapper.init_max_forward_motion = request["max_forward_motion"]
    options.ba_refine_focal_length = request["refine_focal"]
    options.ba_refine_extra_params = request["refine_extra"]
    options.mapper.abs_pose_refine_focal_length = request["refine_focal"]
    options.mapper.abs_pose_refine_extra_params = request["refine_extra"]
    options.triangulation.ignore_two_view_tracks = request["ignore_two_view_tracks"]
    options.mapper.filter_min_tri_angle = request["min_angle_deg"]
    options.triangulation.min_angle = request["min_angle_deg"]
    options.extract_colors = False
    if "snapshots" in request:
        return incremental_mapping(Path(request["database"]), options, request["snapshots"])
    work = Path(request["models"]) / "work"
    work.mkdir(parents=True, exist_ok=True)
    return dict(
        pycolmap.incremental_mapping(request["database"], request["images"], work, options=options)
    )


def _refine(model: pycolmap.Reconstruction, request: dict[str, Any]) -> None:
    """A last adjustment, robust to what is left of wrong matches; the principal point too, where
    the matches are exact and many enough to tell it.

    On sharp 6 MP photos that brings cameras from 6.6 to 4.4 mm of the truth; on blurred VGA frames
    it would only fit noise, hence the bound on the standard error of an angle.
    """
    options = pycolmap.BundleAdjustmentOptions()
    options.print_summary = False
    # points that two photos alone see fit whatever these two agree on: nothing there tells wrong matches
    overlaps_well = model.compute_mean_track_length() >= _LONG_TRACKS
    robust = (
        pycolmap.LossFunctionType.CAUCHY if overlaps_well else pycolmap.LossFunctionType.SOFT_L1
    )
    options.ceres.loss_function_type = robust
    options.ceres.loss_function_scale = 0.7 if overlaps_well else 1.0  # pixels
    options.ceres.solver_options.num_threads = request["threads"]
    options.refine_focal_length = request["refine_focal"]
    options.refine_extra_params = request["refine_extra"]
    pycolmap.bundle_adjustment(model, options)
    if overlaps_well:
        _drop_wrong_matches(model)
        pycolmap.bundle_adjustment(model, options)
    observations = model.compute_num_observations()
    side_px = max(max(camera.width, camera.height) for camera in model.cameras.values())
    angle_error = model.compute_mean_reprojection_error() / side_px
    if angle_error / max(observations, 1) ** 0.5 > 3e-6 / len(model.cameras) ** 0.5:
        return
    before = {key: camera.params.copy() for key, camera in model.cameras.items()}
    options.refine_principal_point = True
    pycolmap.bundle_adjustment(model, options)
    for key, camera in model.cameras.items():
        moved = np.abs(camera.params[1:3] - before[key][1:3]).max()
        if moved > 0.015 * side_px:  # no camera is off by so much: fitted noise
            for other, params in before.items():
                model.cameras[other].params = params
            options.refine_principal_point = False
            pycolmap.bundle_adjustment(model, options)
            return


def _drop_wrong_matches(model: pycolmap.Reconstruction) -> None:
    """What lies several times the usual error off pulls all the same; but no photo may lose its hold."""
    limit_px = _WRONG_FROM * model.compute_mean_reprojection_error()
    tried = copy.deepcopy(model)
    pycolmap.ObservationManager(tried).filter_all_points3D(limit_px, _LEAST_ANGLE_DEG)
    kept = [
        tried.images[key].num_points3D / max(image.num_points3D, 1)
        for key, image in model.images.items()
        if image.has_pose
    ]
    if min(kept) > _LEAST_KEPT:
        pycolmap.ObservationManager(model).filter_all_points3D(limit_px, _LEAST_ANGLE_DEG)


def triangulate(request: dict[str, Any], report: Report) -> None:
    """Points for given cameras: those of request["user_model"]."""
    report(0.0, "points")
    options = pycolmap.IncrementalPipelineOptions()
    options.num_threads = request["threads"]
    options.triangulation.ignore_two_view_tracks = False
    options.triangulation.min_angle = 0.5
    options.mapper.filter_min_tri_angle = 0.5
    options.extract_colors = False
    given = _given_cameras(request)
    if given is None:
        return
    out = Path(request["models"]) / "given_0"
    out.mkdir(parents=True, exist_ok=True)
    if request["adjusts"]:
        model = adjust(given, request, options, out)
    else:
        model = pycolmap.triangulate_points(
            given,
            request["database"],
            request["images"],
            out,
            options=options,
            refine_intrinsics=False,
        )
    _write_arrays(model, out / "model.npz")


def _given_cameras(request: dict[str, Any]) -> pycolmap.Reconstruction | None:
    """The user's cameras under the database's names and numbers; None where it is no such model."""
    try:
        user = pycolmap.Reconstruction(request["user_model"])
    except (ValueError, RuntimeError, OSError):
        return None
    by_name = {Path(image.name).name: image for image in user.images.values()}
    by_stem = {Path(name).stem: image for name, image in by_name.items()}
    folder = Path(request["models"]) / "user"
    folder.mkdir(parents=True, exist_ok=True)
    cameras: dict[int, str] = {}  # photos that share one have the lens of the first
    images: list[str] = []
    with pycolmap.Database.open(request["database"]) as database:
        stored = {image.name: image for image in database.read_all_images()}
    for name, internal in request["names_of_views"].items():
        found = by_name.get(name) or by_stem.get(Path(name).stem)
        if found is None or not found.has_pose:
            continue
        old = user.cameras[found.camera_id]
        K = old.calibration_matrix()
        identifier, camera_id = stored[internal].image_id, stored[internal].camera_id
        values = (K[0, 0], K[1, 1], K[0, 2], K[1, 2])
        lens = " ".join(f"{value:.17g}" for value in values)
        cameras.setdefault(camera_id, f"{camera_id} PINHOLE {old.width} {old.height} {lens}\n")
        pose = found.cam_from_world()
        x, y, z, w = pose.rotation.quat
        place = " ".join(f"{value:.17g}" for value in (w, x, y, z, *pose.translation))
        images.append(f"{identifier} {place} {camera_id} {internal}\n\n")
    if len(images) < 2:
        return None
    (folder / "cameras.txt").write_text("".join(cameras.values()), encoding="utf-8")
    (folder / "images.txt").write_text("".join(images), encoding="utf-8")
    (folder / "points3D.txt").write_text("", encoding="utf-8")
    return pycolmap.Reconstruction(folder)


if __name__ == "__main__":
    main()
