"""Every message between a client (the add-on, the command line) and the server: plain data, defined once.

A message is a frozen dataclass; its fields are JSON values, its arrays (only where `arrays` is a field) travel beside
it as one safetensors frame. `docs/protocol.md` is the prose. A change here, or in `edit_messages.py`, is a new PROTOCOL
number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from maquette_protocol.arrays import Arrays
from maquette_protocol.fields import Length, Pattern, Range
from maquette_protocol.tensors import ArraySpec

PROTOCOL = 3

Id = Annotated[str, Pattern("[0-9a-f]{32}", "32 hexadecimal digits")]
OptionalId = Annotated[str, Pattern("([0-9a-f]{32})?", "32 hexadecimal digits or nothing")]
Sha256 = Annotated[str, Pattern("[0-9a-f]{64}", "64 hexadecimal digits")]
Key = Annotated[str, Pattern(r"[0-9a-zA-Z.\-:+=^!/*?&<>()\[\]{}@%$#]{40}", "a Z85 key")]
Port = Annotated[int, Range(1, 65535)]
Share = Annotated[float, Range(0, 1)]
Count = Annotated[int, Range(0, 2**53)]  # also bytes: every JSON library keeps these exact
Label = Annotated[str, Length(200)]
LongText = Annotated[str, Length(1_000_000)]

Json = Any  # what the json module reads: checked for depth and size when decoded
JobState = Literal["queued", "running", "cancelling", "done", "failed", "cancelled"]


@dataclass(frozen=True, kw_only=True)
class Message:
    """Base of all messages; `name` is what the wire calls the type."""

    name: ClassVar[str]
    array_specs: ClassVar[Mapping[str, ArraySpec]] = {}


# Greeting ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Hello(Message):
    """client → server, first on every connection; anything else before it is refused."""

    name: ClassVar[str] = "hello"
    protocol: Count
    version: Label  # of Maquette, for words like "the add-on is 0.2.0, the backend 0.1.0"
    client: Id  # id of this client, kept over reconnects
    kind: Literal["blender", "command-line", "test"]


@dataclass(frozen=True, kw_only=True)
class Welcome(Message):
    """server → client, answer to Hello where both speak the same protocol; else an Error "version-mismatch"."""

    name: ClassVar[str] = "welcome"
    protocol: Count
    version: Label
    server: Id  # id, new at every start: a client that sees another one has lost its subscriptions
    heartbeat_s: Annotated[float, Range(0.05, 60)]  # both sides send something at least this often
    max_message_bytes: Count
    probe_path: str  # a file of random text in the server's store
    # a client that reads the same there shares the disk: results are opened, not sent
    probe_sha256: Sha256


@dataclass(frozen=True, kw_only=True)
class Ping(Message):
    """Either way; keeps the connection known to be alive. Answered by Pong."""

    name: ClassVar[str] = "ping"


@dataclass(frozen=True, kw_only=True)
class Pong(Message):
    """Answer to Ping."""

    name: ClassVar[str] = "pong"


@dataclass(frozen=True, kw_only=True)
class Error(Message):
    """server → client: a request failed, or (with `job`) a job did."""

    name: ClassVar[str] = "error"
    code: str  # of maquette_protocol.errors
    message: str
    hint: str
    job: OptionalId = ""


@dataclass(frozen=True, kw_only=True)
class Pair(Message):
    """client → server, on the pairing socket only: let this key in. Answered by Paired or Error."""

    name: ClassVar[str] = "pair"
    code: Label  # one-time, shown by the server
    public_key: Key  # Z85, the client's
    label: Label  # shown where keys are listed: "Anna's laptop"


@dataclass(frozen=True, kw_only=True)
class Paired(Message):
    """server → client: the key is in; connect to this port with it."""

    name: ClassVar[str] = "paired"
    port: Port


# Jobs ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class JobRequest:
    """What a job is: plain data, so that any executor can run it. Inputs and outputs are files and folders."""

    kind: Label  # "reconstruct", "export", …: the server's registry
    title: str  # shown to the user: "24 photos of office"
    inputs: tuple[str, ...]  # absolute paths on the server's machine, or "upload:ID"
    options: dict[str, Json] = field(default_factory=dict[str, Json])
    priority: Annotated[int, Range(-1000, 1000)] = (
        0  # higher first; edits go before reconstructions
    )


@dataclass(frozen=True, kw_only=True)
class JobRecord:
    """What the server knows about a job."""

    job: Id
    request: JobRequest
    state: JobState
    created_s: float  # seconds since 1970, UTC
    started_s: float = 0.0  # 0: not yet
    ended_s: float = 0.0
    stage: str = ""  # shown as it is: "Matching photos"
    done: Share = 0.0  # 0..1, over the whole job
    note: str = ""
    summary: dict[str, Json] = field(default_factory=dict[str, Json])  # of a done job
    folder: str = ""  # of a done job: its result on the server's machine
    code: str = ""  # of a failed job: as in Error
    message: str = ""
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class SubmitJob(Message):
    """client → server. The client chooses the id, so that sending again after a lost reply does no harm.

    Answered by Jobs with the one record; the sender is attached to the job.
    """

    name: ClassVar[str] = "submit-job"
    job: Id  # 32 hexadecimal digits
    request: JobRequest


@dataclass(frozen=True, kw_only=True)
class CancelJob(Message):
    """client → server. Answered at once by Jobs (state "cancelling" or "cancelled"), later by JobEnded."""

    name: ClassVar[str] = "cancel-job"
    job: Id


@dataclass(frozen=True, kw_only=True)
class ListJobs(Message):
    """client → server: all records, newest first. Answered by Jobs."""

    name: ClassVar[str] = "list-jobs"


@dataclass(frozen=True, kw_only=True)
class AttachJob(Message):
    """client → server: send me this job's progress and end. Answered by Jobs, then as the job goes."""

    name: ClassVar[str] = "attach-job"
    job: Id


@dataclass(frozen=True, kw_only=True)
class ForgetJob(Message):
    """client → server: delete an ended job's record and result. Answered by Jobs (empty)."""

    name: ClassVar[str] = "forget-job"
    job: Id


@dataclass(frozen=True, kw_only=True)
class Jobs(Message):
    """server → client: records asked for."""

    name: ClassVar[str] = "jobs"
    jobs: tuple[JobRecord, ...]


@dataclass(frozen=True, kw_only=True)
class JobProgress(Message):
    """server → client, many per job; only the newest per job matters."""

    name: ClassVar[str] = "job-progress"
    job: Id
    stage: str  # shown to the user as it is
    done: Share  # 0..1 over the whole job, never falls
    note: str  # "12 of 24 photos"
    seconds_left: float = -1.0  # negative: not known yet
    text: str = ""  # the answer that a job "ask" is giving, whole so far


@dataclass(frozen=True, kw_only=True)
class JobPartial(Message):
    """server → client: what is known of the scene so far, whole each time.

    arrays: points (N, 3) float32 in world, Z up where known; colors (N, 3) uint8 sRGB;
    cameras (C, 4, 4) float32 world_from_camera, OpenCV axes
    """

    name: ClassVar[str] = "job-partial"
    array_specs: ClassVar[Mapping[str, ArraySpec]] = {
        "points": ArraySpec(dtype="float32", shape=("N", 3), is_required=False),
        "colors": ArraySpec(dtype="uint8", shape=("N", 3), is_required=False),
        "cameras": ArraySpec(dtype="float32", shape=("C", 4, 4), is_required=False),
    }
    job: Id
    num_registered: Count
    num_photos: Count
    arrays: Arrays = field(default_factory=dict, compare=False)


@dataclass(frozen=True, kw_only=True)
class JobEnded(Message):
    """server → client: the job is done, failed or cancelled; the record says which and why."""

    name: ClassVar[str] = "job-ended"
    record: JobRecord


# Files: results to, and photos from, another machine -----------------------------------------------------

BYTES = {"data": ArraySpec(dtype="uint8", shape=("size",))}


@dataclass(frozen=True, kw_only=True)
class FileEntry:
    """A file of a result or an upload."""

    path: str  # relative, forward slashes, inside the folder
    size_bytes: Count
    sha256: Sha256


@dataclass(frozen=True, kw_only=True)
class ListFiles(Message):
    """client → server: which files a done job's result has. Answered by Files."""

    name: ClassVar[str] = "list-files"
    job: Id


@dataclass(frozen=True, kw_only=True)
class Files(Message):
    """server → client."""

    name: ClassVar[str] = "files"
    files: tuple[FileEntry, ...]


@dataclass(frozen=True, kw_only=True)
class ReadChunk(Message):
    """client → server: a piece of a result's file. The client asks for a few at a time: that is the flow control."""

    name: ClassVar[str] = "read-chunk"
    job: Id
    path: str
    offset: Count
    size_bytes: Annotated[int, Range(1, 8 * 2**20)]


@dataclass(frozen=True, kw_only=True)
class Chunk(Message):
    """server → client. arrays: data (size,) uint8"""

    name: ClassVar[str] = "chunk"
    array_specs: ClassVar[Mapping[str, ArraySpec]] = BYTES
    job: Id
    path: str
    offset: Count
    arrays: Arrays = field(default_factory=dict, compare=False)


@dataclass(frozen=True, kw_only=True)
class BeginUpload(Message):
    """client → server: these files will come. Sent again after a cut, it says how far each one is.

    Answered by UploadState.
    """

    name: ClassVar[str] = "begin-upload"
    upload: Id  # 32 hexadecimal digits, chosen by the client
    files: tuple[FileEntry, ...]


@dataclass(frozen=True, kw_only=True)
class WriteChunk(Message):
    """client → server. Answered by UploadState. arrays: data (size,) uint8"""

    name: ClassVar[str] = "write-chunk"
    array_specs: ClassVar[Mapping[str, ArraySpec]] = BYTES
    upload: Id
    path: str
    offset: Count  # must be what UploadState says the file has
    arrays: Arrays = field(default_factory=dict, compare=False)


@dataclass(frozen=True, kw_only=True)
class UploadState(Message):
    """server → client: bytes that are safe, by path; complete once every checksum was right."""

    name: ClassVar[str] = "upload-state"
    upload: Id
    received_bytes: dict[str, Count]
    is_complete: bool


# The server itself -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class GetStatus(Message):
    """client → server. Answered by Status."""

    name: ClassVar[str] = "get-status"


@dataclass(frozen=True, kw_only=True)
class Status(Message):
    """server → client: what a panel or a bug report shows."""

    name: ClassVar[str] = "status"
    version: str
    device: str  # "CPU, 8 threads", "NVIDIA H100"
    free_memory_mb: Count  # of the machine
    free_device_memory_mb: int  # of the GPU; -1 without one
    free_disk_mb: Count  # where scenes are stored
    num_queued: Count
    num_running: Count
    num_clients: Count
    uptime_s: float
    engines: tuple[str, ...]  # that can run now
    models: tuple[str, ...]  # whose weights are here


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that the doctor looked at."""

    name: str
    state: Literal["ok", "missing", "note"]
    found: str
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class RunDoctor(Message):
    """client → server. Answered by Diagnosis."""

    name: ClassVar[str] = "run-doctor"


@dataclass(frozen=True, kw_only=True)
class Diagnosis(Message):
    """server → client: the same checks, in the same words, as `maquette doctor`."""

    name: ClassVar[str] = "diagnosis"
    checks: tuple[Check, ...]


@dataclass(frozen=True, kw_only=True)
class GetLog(Message):
    """client → server: the end of the server's log, or of a job's. Answered by Log."""

    name: ClassVar[str] = "get-log"
    job: OptionalId = ""


@dataclass(frozen=True, kw_only=True)
class Log(Message):
    """server → client: text fit for a bug report; private paths are shortened."""

    name: ClassVar[str] = "log"
    text: LongText


@dataclass(frozen=True, kw_only=True)
class Shutdown(Message):
    """client → server: end; running jobs stop and go on at the next start. Answered by Goodbye."""

    name: ClassVar[str] = "shutdown"


@dataclass(frozen=True, kw_only=True)
class Goodbye(Message):
    """Either way: this side leaves on purpose."""

    name: ClassVar[str] = "goodbye"
    reason: str = ""
