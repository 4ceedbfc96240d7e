"""What the server's socket remembers of each connection: its manners, and what waits to be sent to it."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from maquette_protocol.messages import Hello, JobPartial, JobProgress, Message

STRIKE_S = 60.0  # until a bad message is forgiven
Frames = list[bytes | memoryview]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one client may ask of the server."""

    max_message_bytes: int = 16 * 2**20
    max_peers: int = 64  # connections at a time
    messages_per_s: float = 1000.0
    burst: float = 2000.0  # messages at once before the rate counts
    strikes: int = 16  # bad messages, each forgiven after a minute, until a connection is ignored
    max_waiting_messages: int = 512  # for a client that does not read
    max_waiting_bytes: int = 64 * 2**20
    heartbeat_s: float = 1.0
    silent_s: float = 15.0  # a client may be busy drawing; after so long it counts as gone


@dataclass
class Outbox:
    """What waits for a slow client: bounded, and of some messages only the newest is worth sending."""

    limits: Limits
    size_bytes: int = 0
    _waiting: dict[Hashable, Frames] = field(default_factory=dict[Hashable, Frames])
    _number: int = 0

    def put(self, message: Message, frames: Frames) -> bool:
        """Whether there was room."""
        key = _replaced_by_newer(message)
        if key is None:
            self._number += 1
            key = self._number
        self.drop(key)
        self._waiting[key] = frames
        self.size_bytes += _size(frames)
        fits = len(self._waiting) <= self.limits.max_waiting_messages
        return fits and self.size_bytes <= self.limits.max_waiting_bytes

    def first(self) -> tuple[Hashable, Frames] | None:
        """What has waited longest; None where nothing waits."""
        return next(iter(self._waiting.items()), None)

    def drop(self, key: Hashable) -> None:
        """Sent, or replaced."""
        if key in self._waiting:
            self.size_bytes -= _size(self._waiting.pop(key))

    def __len__(self) -> int:
        return len(self._waiting)


@dataclass
class Peer:
    """One connection."""

    routing_id: bytes
    key: str  # that it showed in the handshake
    address: str
    limits: Limits
    heard_s: float
    sent_s: float
    hello: Hello | None = None  # None: it has not introduced itself
    strikes: float = 0.0
    is_banned: bool = False
    tokens: float = 0.0
    is_warned: bool = False
    outbox: Outbox = field(init=False)
    _counted_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.limits)
        self.tokens = self.limits.burst
        self._counted_s = self.heard_s

    def strike(self) -> bool:
        """Count a bad message; whether that was one too many, and nothing more is read of this connection."""
        self.strikes += 1
        self.is_banned = self.strikes > self.limits.strikes - 1
        return self.is_banned

    def may_speak(self, now: float) -> bool:
        """Count a message against the rate."""
        passed_s, self._counted_s = now - self._counted_s, now
        self.tokens = min(self.limits.burst, self.tokens + passed_s * self.limits.messages_per_s)
        self.strikes = max(0.0, self.strikes - passed_s / STRIKE_S)
        if self.tokens < 1:
            return False
        self.tokens -= 1
        self.is_warned = False
        return True


def _replaced_by_newer(message: Message) -> Hashable | None:
    if isinstance(message, JobProgress | JobPartial):
        return type(message), message.job
    return None


def _size(frames: Frames) -> int:
    return sum(len(frame) for frame in frames)
