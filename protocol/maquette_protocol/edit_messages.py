"""Messages of a conversation about a scene that a client shows: what to change, in words.

The client tells what it shows in steps (`UpdateScene`), each built on the one before; the backend answers prompts by a
preview, an answer, a question or a refusal, and never changes the client's scene: that does the client, when its user
says Apply. Frames and units are those of the scene document. `docs/protocol.md` is the prose.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from maquette_protocol.arrays import Arrays
from maquette_protocol.fields import Length, Range
from maquette_protocol.messages import Count, Id, Json, Label, Message
from maquette_protocol.tensors import ArraySpec

Prompt = Annotated[str, Length(4000)]
Index = Annotated[int, Range(0, 9999)]


@dataclass(frozen=True, kw_only=True)
class MeshPart:
    """Rows of the message's arrays that belong to a mesh, in the order of the parts; a large mesh comes in several."""

    mesh: Label
    num_vertices: Count
    num_triangles: Count
    is_first: bool  # the mesh begins anew with these rows; else they follow on


@dataclass(frozen=True, kw_only=True)
class UpdateScene(Message):
    """client → server: a step from one state of its scene to the next; what is not named stays. Answered by SceneKnown.

    arrays: vertices (V, 3) float32 in object space; triangles (T, 3) int32, counted from the mesh's first vertex
    """

    name: ClassVar[str] = "update-scene"
    array_specs: ClassVar[Mapping[str, ArraySpec]] = {
        "vertices": ArraySpec(dtype="float32", shape=("V", 3), is_required=False),
        "triangles": ArraySpec(dtype="int32", shape=("T", 3), is_required=False),
    }
    scene: Id  # of the conversation, chosen by the client
    base: Count  # the state that this builds on; 0: nothing is known, begin anew
    revision: Count  # what it becomes
    is_metric: bool
    view: str  # id of the camera that is the viewer; "": none
    selection: tuple[str, ...]
    objects: tuple[Json, ...]  # as in the scene document, whole; new ones or changed ones
    cameras: tuple[Json, ...]
    removed: tuple[str, ...]  # objects and cameras
    meshes: tuple[MeshPart, ...]
    arrays: Arrays = field(default_factory=dict, compare=False)


@dataclass(frozen=True, kw_only=True)
class SceneKnown(Message):
    """server → client: the state that the backend has."""

    name: ClassVar[str] = "scene-known"
    scene: Id
    revision: Count


@dataclass(frozen=True, kw_only=True)
class AskEdit(Message):
    """client → server: a prompt. What an earlier prompt proposed and nobody has decided on stays part of the preview.

    Answered by EditReply; by Error "no-scene" where the backend has another state than `revision`.
    """

    name: ClassVar[str] = "ask-edit"
    scene: Id
    revision: Count
    text: Prompt
    planner: Label
    num_applied: Count  # of the edits told as applied, those in effect: the client's own undo may have taken some back
    is_scoped: bool  # only what `scope` names may be changed
    scope: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ChosenAmount:
    """An amount of a part, as the user set it."""

    part: Index
    field: Label
    value: float


@dataclass(frozen=True, kw_only=True)
class AdjustEdit(Message):
    """client → server: the preview, or the edit applied last, with parts switched off, other amounts or other spots.

    Answered by EditReply, Error "no-scene" where there is none.
    """

    name: ClassVar[str] = "adjust-edit"
    scene: Id
    switched_off: tuple[Index, ...]
    amounts: tuple[ChosenAmount, ...]
    spots: dict[
        str, Index
    ]  # part number (as text: JSON has no other keys) → which of the spots, best first


@dataclass(frozen=True, kw_only=True)
class ChooseCandidate(Message):
    """client → server: the answer to a question, by its id. Answered by EditReply."""

    name: ClassVar[str] = "choose-candidate"
    scene: Id
    candidate: str


@dataclass(frozen=True, kw_only=True)
class EndEdit(Message):
    """client → server: what was proposed is now in the scene, or is dropped. Answered by SceneKnown."""

    name: ClassVar[str] = "end-edit"
    scene: Id
    is_applied: bool


@dataclass(frozen=True, kw_only=True)
class Amount:
    """A number in a part that the user may change."""

    field: Label  # of the operation
    words: Label  # "Distance"
    value: float
    unit: Literal["length", "angle", "power", "temperature", "factor", "count", "number"]


@dataclass(frozen=True, kw_only=True)
class EditPart:
    """One operation of what is proposed."""

    words: str  # "Put the lamp on the desk"
    is_on: bool
    amounts: tuple[Amount, ...]
    spot: Index  # which of the possible places was taken
    has_spots: bool  # others can be asked for


@dataclass(frozen=True, kw_only=True)
class Change:
    """What becomes of one object or camera."""

    id: str
    action: Literal["change", "create", "delete"]
    fields: tuple[Label, ...]  # of the document's object: what is other than before
    item: Json  # as it is to be, as in the scene document; null where deleted
    source: str  # of a created copy: whose; else ""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One of the things that a prompt may have meant."""

    id: str  # "": all of what `ids` names is meant, the answer to yes or no
    words: str  # for its button


@dataclass(frozen=True, kw_only=True)
class EditReply(Message):
    """server → client: what a prompt comes to.

    "proposed": `changes` say what Apply would do; "undo" and "redo": the client's own, `steps` edits of ours.
    """

    name: ClassVar[str] = "edit-reply"
    scene: Id
    status: Literal["proposed", "answered", "clarify", "refused", "failed", "undo", "redo"]
    message: str  # one sentence: what was understood, the answer, the reason
    candidates: tuple[Candidate, ...]
    ids: tuple[str, ...]  # what an answer, or a question of yes or no, is about
    parts: tuple[EditPart, ...]
    changes: tuple[Change, ...]
    view: str  # the camera to look through; "": as it is
    selects: bool
    selection: tuple[str, ...]  # to be selected, where `selects`
    steps: Count
    seconds: float
