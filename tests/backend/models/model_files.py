"""How the hub names what is in a file."""

import hashlib


def blob_name(name: str, content: bytes) -> str:
    """What the hub calls a file's content: SHA-256 of weights, git's own SHA-1 of the rest."""
    if name.endswith(".safetensors"):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
