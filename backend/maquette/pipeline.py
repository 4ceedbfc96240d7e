"""Photos to scene, stage by stage; every stage's result is kept until the job is done, so a job can be resumed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from maquette.engines import load_engine
from maquette.engines.needs import check_needs
from maquette.level import (
    KnownDistance,
    Leveling,
    LevelOptions,
    apply_leveling,
    level_reconstruction,
)
from maquette.options import ReconstructOptions
from maquette.photos import PhotoOptions, PhotoSet, find_sky, list_sources, load_photos
from maquette.progress import Progress
from maquette.report import ReportData, write_report
from maquette.scene import Scene
from maquette.scene.build import build_scene
from maquette.sofar import partial_of
from maquette.surface import Surface, SurfaceOptions, build_surface
from maquette.texture import TextureOptions, texture_mesh
from maquette.types import DepthMap, Gps, Mesh, Reconstruction, TexturedMesh, View
from maquette.workspace import Workspace
from maquette_protocol.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Result:
    """A finished job: the scene (in the workspace until it is saved) and what is known about it."""

    scene: Scene
    photos: int  # given
    views: tuple[View, ...]  # used
    reconstruction: Reconstruction
    leveling: Leveling
    mesh: TexturedMesh
    seconds: dict[str, float]
    warnings: tuple[str, ...]

    def summary(self) -> dict[str, object]:
        """What the command line answers with --json, but for the scene's path."""
        return {
            "registered": len(self.views),
            "photos": self.photos,
            "trust": self.reconstruction.trust.level,
            "seconds": {key: round(value, 2) for key, value in self.seconds.items()},
            "vertices": len(self.mesh.vertices),
            "triangles": len(self.mesh.triangles),
            "metric": self.leveling.is_metric,
            "warnings": list(self.warnings),
        }


def job_workspace(photos: Sequence[Path | str], options: ReconstructOptions) -> Workspace:
    """Where the job of these photos and options works, and finds what it finished before."""
    return Workspace.for_job(list_sources(photos), asdict(options))


def run(
    photos: Sequence[Path | str],
    options: ReconstructOptions,
    workspace: Workspace,
    progress: Progress,
) -> Result:
    """Reconstruct. Raises InputError, NoReconstructionError, StorageError, CrashError, Cancelled."""
    known = tuple(KnownDistance.parse(text) for text in options.known)
    check_needs(options.engine, options.model)
    engine = load_engine(options.engine)
    if options.refine and options.engine != "g2vlm":
        raise InputError(
            f"The engine {options.engine} has no cameras of a network to adjust.",
            hint="Leave --refine out, or use --engine g2vlm.",
        )

    def load(progress: Progress) -> PhotoSet:
        photo_options = PhotoOptions(masks=options.masks, min_photos=engine.min_photos)
        loaded = load_photos(photos, workspace.folder, photo_options, progress)
        return replace(loaded, views=find_sky(loaded.views, workspace.folder, progress))

    photo_set = workspace.stage(
        "photos", "Reading photos", (0.0, 0.05), progress, load, (PhotoSet, View, Gps)
    )
    result = engine.reconstruct(photo_set.views, options, workspace, progress)
    views = result.views
    with progress.stage("Levelling", "level", 0.70, 0.73):
        leveling = level_reconstruction(
            views, result.reconstruction, LevelOptions(known=known), progress
        )
        reconstruction = apply_leveling(result.reconstruction, leveling)
    if progress.on_partial is not None:
        progress.on_partial(partial_of(reconstruction, len(photo_set.views), is_levelled=True))

    def surface(progress: Progress) -> Surface:
        return build_surface(
            views, reconstruction, SurfaceOptions.for_quality(options.quality), progress
        )

    built = workspace.stage(
        "surface",
        "Building the surface",
        (0.73, 0.83),
        progress,
        surface,
        (Surface, Mesh, DepthMap),
    )
    reconstruction = replace(reconstruction, depth=built.depth)
    seen_by = [v for v in views if options.depth_views is None or v.name in options.depth_views]
    cameras = {camera.name: camera for camera in reconstruction.cameras}

    def texture(progress: Progress) -> TexturedMesh:
        return texture_mesh(
            built.mesh,
            tuple(seen_by),
            tuple(cameras[view.name] for view in seen_by),
            TextureOptions.for_quality(options.quality),
            progress,
        )

    textured = workspace.stage(
        "texture", "Texturing", (0.83, 0.95), progress, texture, (TexturedMesh,)
    )
    left_out = {**photo_set.left_out, **reconstruction.left_out}
    warnings = _warnings(photo_set.warnings, left_out, reconstruction, leveling)
    with progress.stage("Writing the scene", "scene", 0.95, 1.0):
        scene = build_scene(
            textured,
            reconstruction,
            views,
            leveling=leveling.as_document(),
            keep_depth=options.keep_depth,
            warnings=warnings,
            seconds=progress.seconds,
            options=asdict(options),
            folder=workspace.folder / "scene",
        )
        progress.update(0.6, "report")
        if options.report:
            write_report(
                scene.folder / "report.html",
                ReportData(
                    views=views,
                    left_out=left_out,
                    warnings=warnings,
                    reconstruction=reconstruction,
                    mesh=textured,
                    leveling=leveling,
                    seconds=progress.seconds,
                    options=asdict(options),
                ),
            )
    return Result(
        scene=scene,
        photos=len(photo_set.views) + len(photo_set.left_out),
        views=views,
        reconstruction=reconstruction,
        leveling=leveling,
        mesh=textured,
        seconds=dict(progress.seconds),
        warnings=warnings,
    )


def _warnings(
    photo_warnings: tuple[str, ...],
    left_out: dict[str, str],
    reconstruction: Reconstruction,
    leveling: Leveling,
) -> tuple[str, ...]:
    """All that the user should know, each thing once, the gravest first."""
    trust = [f"The cameras are unsure: {reason}" for reason in reconstruction.trust.reasons]
    photos = [f"{name} was left out: {reason}" for name, reason in left_out.items()]
    level = [] if leveling.up_certain else [f"Which way is up is uncertain: {leveling.up_reason}"]
    lines = [
        *trust,
        *reconstruction.warnings,
        *photos,
        *level,
        leveling.scale_note,
        *photo_warnings,
    ]
    return tuple(dict.fromkeys(line for line in lines if line))
