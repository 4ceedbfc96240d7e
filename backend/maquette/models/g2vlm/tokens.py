"""Text to ids and back: the byte-level BPE of Qwen2, from vocab.json and merges.txt.

The split into words is Qwen2's published pattern. Added tokens come from tokenizer_config.json.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from maquette_protocol.errors import InputError

# contractions · words · single digits · punctuation · line breaks · spaces
_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_RECON_PROMPT = "Reconstruct the 3D scene."
_SPECIAL = ("<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>")


@dataclass(frozen=True)
class Tokens:
    """The vocabulary and the four ids that have a role."""

    tokenizer: Tokenizer
    begin: int
    end: int
    image_start: int
    image_end: int

    @property
    def recon_prompt(self) -> list[int]:
        """What every reconstruction begins with."""
        return [self.begin, *self.encode(_RECON_PROMPT)]

    def encode(self, text: str) -> list[int]:
        """Ids of `text`; special tokens in it are recognised."""
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def decode(self, ids: Sequence[int]) -> str:
        """Text of the ids, special tokens as they are written."""
        return self.tokenizer.decode(list(ids), skip_special_tokens=False)

    def words(self, ids: Sequence[int]) -> str:
        """Text of the ids without special tokens."""
        return self.tokenizer.decode(list(ids), skip_special_tokens=True)


def load_tokens(folder: Path) -> Tokens:
    """The tokenizer of a model folder, or of its folder tokenizer/. Raises InputError."""
    home = folder / "tokenizer" if (folder / "tokenizer" / "vocab.json").is_file() else folder
    try:
        vocabulary = json.loads((home / "vocab.json").read_text(encoding="utf-8"))
        merges = _merges(home)
        added = _added(home)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"The tokenizer in {home} cannot be read: {error}.",
            hint="vocab.json, merges.txt and tokenizer_config.json belong beside the weights.",
        ) from error
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    tokenizer.normalizer = normalizers.NFC()  # pyright: ignore[reportAttributeAccessIssue]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(  # pyright: ignore[reportAttributeAccessIssue]
        [
            pre_tokenizers.Split(Regex(_WORDS), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()  # pyright: ignore[reportAttributeAccessIssue]
    for name, number in sorted(added.items(), key=lambda item: item[1]):
        tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False)])
        if tokenizer.token_to_id(name) != number:
            raise InputError(f"{home}: {name} is {tokenizer.token_to_id(name)}, expected {number}.")
    return Tokens(tokenizer, *(_special(tokenizer, name, home) for name in _SPECIAL))


def _special(tokenizer: Tokenizer, name: str, home: Path) -> int:
    number = tokenizer.token_to_id(name)
    if number is None:
        raise InputError(f"The tokenizer in {home} lacks {name}.")
    return number


def _merges(home: Path) -> list[tuple[str, str]]:
    as_json = home / "merges.json"
    if as_json.is_file():
        return [(left, right) for left, right in json.loads(as_json.read_text(encoding="utf-8"))]
    lines = (home / "merges.txt").read_text(encoding="utf-8").split("\n")
    pairs = [line.split(" ") for line in lines if line and not line.startswith("#version")]
    return [(left, right) for left, right in pairs]


def _added(home: Path) -> dict[str, int]:
    """Tokens that are not in vocab.json, with their ids."""
    config = home / "tokenizer_config.json"
    if config.is_file():
        listed = json.loads(config.read_text(encoding="utf-8"))["added_tokens_decoder"]
        return {entry["content"]: int(number) for number, entry in listed.items()}
    expected = json.loads((home / "expected.json").read_text(encoding="utf-8"))
    return {name: int(number) for name, number in expected["added_tokens"].items()}
