"""What a client may name and choose: options strictly, files only where it is allowed to read."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maquette.jobs.export import ExportKind
from maquette.jobs.kinds import KINDS, Kind, load_kind
from maquette.jobs.options import options_from_json
from maquette.jobs.reconstruct import ReconstructKind
from maquette.options import ReconstructOptions
from maquette.server.inputs import Confinement
from maquette_protocol.errors import InputError
from maquette_protocol.messages import JobRequest

UPLOAD = "0" * 31 + "1"
RESULT = "a" * 32


@pytest.fixture
def confinement(tmp_path: Path) -> Confinement:
    jobs = tmp_path / "store" / "jobs"
    (jobs / RESULT / "result" / "scene").mkdir(parents=True)

    def upload_folder(upload: str) -> Path:
        if upload != UPLOAD:
            raise InputError("There is no such upload.")
        return tmp_path / "store" / "uploads" / upload / "files"

    return Confinement(jobs=jobs, upload_folder=upload_folder)


def request(*inputs: str, **options: Any) -> JobRequest:
    return JobRequest(kind="reconstruct", title="", inputs=inputs, options=options)


def test_this_user_may_name_any_absolute_path(confinement: Confinement, tmp_path: Path) -> None:
    asked = request(str(tmp_path / "a*.jpg"), masks=str(tmp_path))
    inputs, options = confinement.paths_of(asked, is_this_user=True)
    assert inputs == asked.inputs
    assert options == asked.options


def test_uploads_become_their_folder(confinement: Confinement) -> None:
    asked = request(f"upload:{UPLOAD}", masks=f"upload:{UPLOAD}")
    inputs, options = confinement.paths_of(asked, is_this_user=False)
    assert inputs[0].endswith(f"uploads/{UPLOAD}/files")
    assert options["masks"] == inputs[0]
    for name in ("upload:", "upload:../..", f"upload:{uuid.uuid4().hex}"):
        with pytest.raises(InputError):
            confinement.paths_of(request(name), is_this_user=False)


def test_a_guest_may_read_results_and_nothing_else(
    confinement: Confinement, tmp_path: Path
) -> None:
    scene = confinement.jobs / RESULT / "result" / "scene"
    assert confinement.paths_of(request(str(scene)), is_this_user=False)[0] == (str(scene),)
    (scene / "way out").symlink_to("/etc")
    others = [
        "/etc/passwd",
        str(confinement.jobs / RESULT / "log.txt"),
        str(confinement.jobs),
        str(confinement.jobs.parent / "keys" / "server.json"),
        f"{scene}/../../log.txt",
        f"{scene}/way out/passwd",
        str(confinement.jobs / ".." / "keys" / "result"),
    ]
    for path in others:
        with pytest.raises(InputError, match="not open to you"):
            confinement.paths_of(request(path), is_this_user=False)
        with pytest.raises(InputError, match="not open to you"):
            confinement.paths_of(request(str(scene), cameras=path), is_this_user=False)


def test_a_relative_path_means_nothing_to_a_server(confinement: Confinement) -> None:
    with pytest.raises(InputError, match="absolute"):
        confinement.paths_of(request("photos"), is_this_user=True)


@pytest.mark.parametrize("is_this_user", [True, False])
def test_a_model_of_the_catalog_is_named_by_anyone_and_is_no_path(
    confinement: Confinement, is_this_user: bool
) -> None:
    scene = str(confinement.jobs / RESULT / "result" / "scene")
    named = request(scene, model="moge-2-small")
    _, options = confinement.paths_of(named, is_this_user=is_this_user)
    assert options["model"] == "moge-2-small"
    with pytest.raises(InputError, match="absolute"):
        confinement.paths_of(request(scene, masks="moge-2-small"), is_this_user=is_this_user)


def test_options_become_the_dataclass() -> None:
    given_options = {
        "quality": "high",
        "masks": "/m",
        "cameras": None,
        "known": ["a b 1"],
        "keep_depth": True,
    }
    assert options_from_json(ReconstructOptions, given_options) == ReconstructOptions(
        quality="high", masks=Path("/m"), known=("a b 1",), keep_depth=True
    )
    assert options_from_json(ReconstructOptions, {}) == ReconstructOptions()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


def hint_of_refusal(kind: Kind, options: dict[str, Any]) -> str | None:
    """None where the options are accepted."""
    try:
        kind.check(["/photos"], options)
    except InputError as error:
        return error.hint
    return None


@given(name=st.sampled_from([*vars(ReconstructOptions()), "colour"]), value=json_values)
def test_any_json_is_an_option_or_an_error_with_a_hint(name: str, value: Any) -> None:
    for kind in (ReconstructKind(), ExportKind()):
        assert hint_of_refusal(kind, {name: value}) != ""


def test_less_memory_means_the_next_lower_quality() -> None:
    kind = ReconstructKind()
    assert kind.smaller({"quality": "high", "known": []}) == {"quality": "normal", "known": []}
    assert kind.smaller({}) == {"quality": "draft"}
    assert kind.smaller({"quality": "draft"}) is None
    assert ExportKind().smaller({}) is None


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_names_its_result_and_checks_what_it_is_given(name: str) -> None:
    kind = load_kind(name)
    options = {"prompts": ["move the chair"]} if name in ("edit", "ask") else {}
    kind.check(["/scenes/Büro"], options)
    assert "/" not in kind.result_name(["/scenes/Büro"], {})
    with pytest.raises(InputError):
        kind.check([], options)


@pytest.mark.parametrize(
    ("scene", "form", "name"),
    [
        ("/scenes/Büro", ".glb", "Büro.glb"),
        ("/scenes/Büro/scene.json", ".blend", "Büro.blend"),
        ("/scenes/Büro", "colmap", "colmap"),
    ],
)
def test_an_export_is_called_like_its_scene(scene: str, form: str, name: str) -> None:
    assert ExportKind().result_name([scene], {"format": form}) == name
