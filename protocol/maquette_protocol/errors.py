"""The one tree of errors: each says what happened and what to do next.

    MaquetteError                 exit status 1
    ├── InputError                2   what was given cannot be used
    │   ├── PhotoError                a photo, folder or video
    │   ├── DocumentError             a scene document, with the JSON path
    │   ├── PathError                 a path that leaves its folder
    │   ├── NoSceneError              a scene is talked about that the backend does not have
    │   └── MissingPartError          an extra or a program that is not installed
    ├── NoReconstructionError     3   the photos allow no reconstruction
    ├── StorageError              2   disk full, read-only, or not writable
    ├── CrashError                1   a native library or child process died
    │   └── OutOfMemoryError          memory ran out, as far as can be told
    ├── ProtocolError             1   a message that this version cannot read
    │   └── VersionMismatchError      the other side speaks another protocol
    ├── NoServerError             1   no backend answers
    ├── RefusedError              1   the backend is there and does not let us in
    └── Cancelled                 130 the user asked to stop

The same error becomes an exit status, an error reply and an operator report.
"""

from typing import ClassVar


class MaquetteError(Exception):
    """What happened (`message`, with the values) and what to do next (`hint`)."""

    code: ClassVar[str] = "error"
    exit_status: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(MaquetteError):
    """What was given cannot be used."""

    code, exit_status = "bad-input", 2


class PhotoError(InputError):
    """A photo, folder or video cannot be used."""

    code = "bad-photo"


class DocumentError(InputError):
    """A scene document is malformed; the message opens with the JSON path."""

    code = "bad-document"


class PathError(InputError):
    """A path that leaves the folder it is meant for, or that some system can't have."""

    code = "bad-path"


class NoSceneError(InputError):
    """The backend does not have this state of the scene: tell it anew."""

    code = "no-scene"


class ShapeError(InputError):
    """An array has another shape or dtype than its function takes."""

    code = "bad-shape"


class MissingPartError(InputError):
    """An optional part (an extra, a program) is needed and not installed."""

    code = "missing-part"


class NoReconstructionError(MaquetteError):
    """The photos are readable, but no reconstruction is possible from them."""

    code, exit_status = "no-reconstruction", 3


class ModelError(MaquetteError):
    """A language model gave no usable answer: too slow, out of reach, too much for it."""

    code = "model"


class StorageError(MaquetteError):
    """The result cannot be stored: disk full, read-only, no permission."""

    code, exit_status = "storage", 2


class CrashError(MaquetteError):
    """A child process or native library ended without an answer."""

    code, exit_status = "crash", 1


class OutOfMemoryError(CrashError):
    """Memory ran out, or the system ended a process as it does when memory runs out."""

    code = "out-of-memory"


class ProtocolError(MaquetteError):
    """A message that cannot be read; `request` is its id where that much was readable."""

    code = "bad-message"

    def __init__(self, message: str, *, hint: str = "", request: str = "") -> None:
        super().__init__(message, hint=hint)
        self.request = request


class VersionMismatchError(ProtocolError):
    """The other side speaks another protocol; `version` is its Maquette's, where it told."""

    code = "version-mismatch"

    def __init__(
        self, message: str, *, hint: str = "", protocol: int = 0, version: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.protocol, self.version = protocol, version


class NoServerError(MaquetteError):
    """No backend answers: none was started, it ended, or the network is cut."""

    code = "no-server"


class RefusedError(MaquetteError):
    """The backend is there and does not let us in: wrong key, wrong pairing code, too many tries."""

    code = "refused"


class Cancelled(MaquetteError):  # noqa: N818  (it is no fault)
    """The user asked to stop."""

    code, exit_status = "cancelled", 130

    def __init__(self, message: str = "Stopped.", *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
