"""The conversation about the scene that is open: prompts and proposals, over however many connections.

The scene is read by someone else (`Reader`), in pieces, when there is a prompt: only what changed since the last one.
Where the backend has forgotten the scene (it was restarted, its process was killed), it is told again from the
beginning.
"""

import secrets
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from maquette_protocol.arrays import Arrays
from maquette_protocol.client import Client, Received
from maquette_protocol.edit_messages import (
    AdjustEdit,
    AskEdit,
    ChooseCandidate,
    ChosenAmount,
    EditReply,
    EndEdit,
    MeshPart,
    SceneKnown,
    UpdateScene,
)
from maquette_protocol.errors import NoSceneError, NoServerError
from maquette_protocol.messages import Error, Message

Phase = Literal["idle", "reading", "sending", "asking"]
MAX_PIECE_BYTES = 6 * 2**20  # of meshes in one message
MAX_PIECE_ITEMS = 100  # of one message: packing and checking one takes 0.1 ms
KEPT_PROMPTS = 50


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Some of what is new in the scene; fields as in UpdateScene."""

    objects: tuple[dict[str, Any], ...] = ()
    cameras: tuple[dict[str, Any], ...] = ()
    removed: tuple[str, ...] = ()
    meshes: tuple[MeshPart, ...] = ()
    arrays: Arrays = field(default_factory=dict[str, Any])


@dataclass(frozen=True, kw_only=True)
class Look:
    """How the scene is looked at, and what a prompt may change; known once it has been read."""

    is_metric: bool
    view: str
    selection: tuple[str, ...]
    scope: tuple[str, ...] | None  # None: everything
    num_applied: int


class Reader(Protocol):
    """Whoever can see the scene."""

    def pieces(self, *, anew: bool) -> Iterator[Piece | None]:
        """What is new since the last time, or everything; None where it wants to be asked again later."""
        ...

    def look(self) -> Look:
        """After the last piece."""
        ...


@dataclass(frozen=True, kw_only=True)
class _Question:
    text: str
    planner: str


class Edits:
    """`go_on` is called often and returns soon; `on_reply` hears every reply."""

    def __init__(self) -> None:
        self.reader: Reader | None = None
        self.phase: Phase = "idle"
        self.reply: EditReply | None = None  # the newest, of whatever kind
        self.proposal: EditReply | None = None  # what Apply would do
        self.applied: EditReply | None = None  # what was applied last, for the redo panel
        self.problem = ""  # why a prompt could not be answered at all
        self.text = ""  # the prompt that is being answered, or was last
        self.history: list[str] = []  # newest last
        self.num_applied = 0  # proposals, so that the redo panel's operator knows its own
        self.news = 0  # grows with everything that is to be shown
        self._question: _Question | AdjustEdit | None = None
        self._pieces: Iterator[Piece | None] | None = None
        self._client: Client | None = None
        self._request = ""
        self._tries = 0
        self._begin_anew()

    # What the user does --------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        """Whether a prompt is on its way."""
        return self.phase != "idle"

    def ask(self, text: str, planner: str) -> None:
        """Have a prompt answered, as soon as the backend is there; one that was on its way is given up."""
        text = " ".join(text.split())[:4000]
        if not text:
            return
        self.history = [*(t for t in self.history if t != text), text][-KEPT_PROMPTS:]
        self.text, self.problem, self.reply = text, "", None
        self._question, self._tries = _Question(text=text, planner=planner), 0
        self._read()

    def choose(self, candidate: str) -> None:
        """Answer a question."""
        self._send(ChooseCandidate(scene=self.scene, candidate=candidate))

    def adjust(
        self,
        switched_off: tuple[int, ...],
        amounts: tuple[ChosenAmount, ...],
        spots: dict[str, int],
    ) -> None:
        """Have the proposal made again."""
        self._send(self.adjustment(switched_off, amounts, spots))

    def adjustment(
        self,
        switched_off: tuple[int, ...],
        amounts: tuple[ChosenAmount, ...],
        spots: dict[str, int],
    ) -> AdjustEdit:
        """The message for it."""
        return AdjustEdit(scene=self.scene, switched_off=switched_off, amounts=amounts, spots=spots)

    def refresh(self) -> None:
        """The scene was changed by hand: have the proposal made again on it."""
        if self.proposal is not None:
            parts = self.proposal.parts
            spots = {str(n): part.spot for n, part in enumerate(parts) if part.spot}
            off = tuple(n for n, part in enumerate(parts) if not part.is_on)
            amounts = tuple(
                ChosenAmount(part=n, field=amount.field, value=amount.value)
                for n, part in enumerate(parts)
                for amount in part.amounts
            )
            self._question, self._tries = self.adjustment(off, amounts, spots), 0
            self._read()

    def refuse(self, reason: str) -> None:
        """What was proposed cannot be carried out here."""
        reply = self.reply
        if reply is None:
            return
        self.discard()
        self.reply = replace(reply, status="refused", message=reason, parts=(), changes=())
        self.news += 1

    def applied_now(self, reply: EditReply) -> None:
        """The proposal is in the scene."""
        is_new = self.proposal is not None
        self.applied, self.proposal, self.reply = reply, None, None
        self.news += 1
        if is_new:
            self.num_applied += 1
            self._tell_end(is_applied=True)

    def discard(self) -> None:
        """Drop the proposal, a question, an answer, or a prompt on its way."""
        had_proposal = self.proposal is not None
        self.proposal, self.reply, self.problem = None, None, ""
        self._question, self._pieces, self._request = None, None, ""
        self._become("idle")
        if had_proposal:
            self._tell_end(is_applied=False)

    def forget(self) -> None:
        """Another scene: a new conversation."""
        self.discard()
        self.applied = None
        self._begin_anew()

    def hear_at_once(self, message: Message) -> EditReply | None:
        """For the redo panel, which cannot wait for a tick: the answer, None where there is none within a second."""
        if self._client is None or self._client.state != "ready":
            return None
        try:
            answer = self._client.request(message, timeout_s=1.0)
        except (NoServerError, NoSceneError):
            return None
        return answer if isinstance(answer, EditReply) else None

    # What the session tells ----------------------------------------------------------------------

    def greet(self, client: Client) -> None:
        """A connection has come about: what was on its way is asked again."""
        self._client = client
        if self._question is not None:
            self._read()
        elif self.phase != "idle":
            self._fail("The connection was cut; try again.")

    def part(self) -> None:
        """The client is closed."""
        self._client = None
        self._request = ""

    def hear(self, received: Received) -> None:
        """A message from the server, ours or not."""
        if not self._request or received.reply_to != self._request:
            return
        self._request = ""
        message = received.message
        if isinstance(message, SceneKnown):
            self.revision = message.revision
            self._become("reading")
        elif isinstance(message, EditReply):
            self._take(message)
        elif isinstance(message, Error):
            self._hear_error(message)

    def go_on(self, budget_s: float = 0.008) -> None:
        """Read and tell a little more of the scene; then ask."""
        end_s = time.monotonic() + budget_s
        while self.phase == "reading" and self._is_connected and time.monotonic() < end_s:
            if not self._step():
                return

    # -------------------------------------------------------------------------------------------

    @property
    def _is_connected(self) -> bool:
        return self._client is not None and self._client.state == "ready"

    def _begin_anew(self) -> None:
        self.scene, self.revision = secrets.token_hex(16), 0

    def _read(self) -> None:
        self._pieces, self._request = None, ""
        self._become("reading")

    def _step(self) -> bool:
        """One piece read; whether there may be another now."""
        reader = self.reader
        if reader is None:
            return False
        if self._pieces is None:
            self._pieces = reader.pieces(anew=self.revision == 0)
        try:
            piece = next(self._pieces)
        except StopIteration:
            self._pieces = None
            self._ask_now(reader.look())
            return False
        except (
            Exception
        ) as error:  # border: whatever data the scene holds, its user hears and goes on
            traceback.print_exc()
            self._begin_anew()
            self._fail(f"The scene could not be read: {type(error).__name__}: {error}")
            return False
        if piece is not None:
            self._tell(piece, reader.look())
            return False
        return True

    def _tell(self, piece: Piece, look: Look) -> None:
        message = UpdateScene(
            scene=self.scene,
            base=self.revision,
            revision=self.revision + 1,
            is_metric=look.is_metric,
            view=look.view,
            selection=look.selection,
            objects=piece.objects,
            cameras=piece.cameras,
            removed=piece.removed,
            meshes=piece.meshes,
            arrays=piece.arrays,
        )
        self._send(message, "sending")

    def _ask_now(self, look: Look) -> None:
        question = self._question
        if question is None:
            self._become("idle")
        elif isinstance(question, AdjustEdit):
            self._send(question)
        else:
            self._send(self._prompt(question, look))

    def _prompt(self, question: _Question, look: Look) -> AskEdit:
        return AskEdit(
            scene=self.scene,
            revision=self.revision,
            text=question.text,
            planner=question.planner,
            num_applied=look.num_applied,
            is_scoped=look.scope is not None,
            scope=look.scope or (),
        )

    def _send(self, message: Message, phase: Phase = "asking") -> None:
        if self._client is None:
            self._fail("There is no backend; start it, then try again.")
            return
        self._request = self._client.send(message)
        self._become(phase)

    def _tell_end(self, *, is_applied: bool) -> None:
        if self._is_connected and self._client is not None and self.revision:
            self._client.send(EndEdit(scene=self.scene, is_applied=is_applied))

    def _take(self, reply: EditReply) -> None:
        self._question = None
        self.reply = reply
        if reply.status == "proposed":
            self.proposal = reply if reply.parts else None
        self._become("idle")

    def _hear_error(self, error: Error) -> None:
        self._tries += 1
        if error.code in ("no-scene", "crash") and self._question is not None and self._tries < 3:
            self.proposal = None
            self._begin_anew()
            self._read()
        elif error.code == "no-scene":
            self.proposal = None
            self._begin_anew()
            self._fail("The backend was started anew; type it again.")
        else:
            self._fail(f"{error.message} {error.hint}".strip())

    def _fail(self, problem: str) -> None:
        self._question, self._pieces, self._request = None, None, ""
        self.problem = problem
        self._become("idle")

    def _become(self, phase: Phase) -> None:
        self.phase = phase
        self.news += 1
