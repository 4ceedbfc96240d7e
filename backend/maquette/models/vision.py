"""Boxes of things that words name, and masks of boxes, by two published networks that transformers holds.

OWLv2 (Minderer et al., "Scaling open-vocabulary object detection", NeurIPS 2023) and SAM 2 (Ravi et al., "SAM 2:
segment anything in images and videos", 2024). Pictures are prepared here, so that torchvision is not needed. Words
go into the network as words to look for; what stands written in a photo is nothing but pixels.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from maquette.models.catalog import ModelCard
from maquette.models.checksums import failed, verify_checksums
from maquette.types import BoolArray, ByteArray, FloatArray
from maquette_protocol.errors import InputError
from maquette_protocol.messages import Check

_CLIP = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
_IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))  # mean and deviation of RGB 0..1
_OVERLAP = 0.6  # of two boxes of one word: the less sure one is the same thing
_PHRASE = "a photo of a {}"  # as the networks were trained


@dataclass(frozen=True, kw_only=True)
class Boxes:
    """What was found in one photo, the surest first."""

    corners: FloatArray  # (n, 4) left, top, right, bottom, pixels
    score: FloatArray  # (n,) 0..1
    words: tuple[str, ...]  # what each is


class Detector:
    """OWLv2: words and a photo in, boxes out."""

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        """Raises InputError where the folder's weights do not fit its configuration."""
        from transformers import CLIPTokenizer, Owlv2ForObjectDetection

        self._model = _loaded(Owlv2ForObjectDetection, folder, device)
        self._tokenizer: Any = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
        self._device = device

    def find(self, photo: ByteArray, words: tuple[str, ...], least_score: float) -> Boxes:
        """photo: (H, W, 3) sRGB. Boxes reach over nothing but the photo."""
        import torch

        height, width = photo.shape[:2]
        side = max(height, width)
        square = np.zeros((side, side, 3), np.uint8)
        square[:height, :width] = photo
        config = self._model.config
        text = self._tokenizer(
            [_PHRASE.format(word) for word in words],
            padding="max_length",
            max_length=config.text_config.max_position_embeddings,
            truncation=True,
            return_tensors="pt",
        )
        with torch.inference_mode():
            answer = self._model(
                pixel_values=_tensor(square, config.vision_config.image_size, _CLIP, self._device),
                input_ids=text["input_ids"].to(self._device),
                attention_mask=text["attention_mask"].to(self._device),
            )
        score, word = (x.float().cpu().numpy() for x in answer.logits[0].sigmoid().max(dim=-1))
        centre = answer.pred_boxes[0].float().cpu().numpy() * side
        corners = np.hstack([centre[:, :2] - centre[:, 2:] / 2, centre[:, :2] + centre[:, 2:] / 2])
        corners = np.clip(corners, 0, [width, height, width, height])
        size = corners[:, 2:] - corners[:, :2]
        right = np.flatnonzero((score >= least_score) & (size >= 4).all(axis=1))
        right = right[np.argsort(-score[right], kind="stable")]
        kept = _without_doubles(corners[right], word[right].astype(int))
        which = right[kept]
        return Boxes(
            corners=corners[which],
            score=score[which],
            words=tuple(words[int(n)] for n in word[which]),
        )


class Masker:
    """SAM 2: a photo and boxes in, a mask for each box out."""

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        """Raises InputError where the folder's weights do not fit its configuration."""
        from transformers import Sam2Model

        self._model = _loaded(Sam2Model, folder, device)
        self._device = device

    def masks(self, photo: ByteArray, corners: FloatArray) -> BoolArray:
        """(n, H, W) the thing in each box. photo: (H, W, 3) sRGB; corners: (n, 4) pixels."""
        import torch

        height, width = photo.shape[:2]
        if len(corners) == 0:
            return np.zeros((0, height, width), bool)
        side = self._model.config.vision_config.backbone_config.image_size
        side = int(side[0] if isinstance(side, list | tuple) else side)
        scale = np.array([side / width, side / height] * 2)
        boxes = torch.from_numpy((corners * scale).astype(np.float32))[None].to(self._device)
        with torch.inference_mode():
            answer = self._model(
                pixel_values=_tensor(photo, side, _IMAGENET, self._device),
                input_boxes=boxes,
                multimask_output=False,
            )
        logits = answer.pred_masks[0, :, 0].float().cpu().numpy()  # (n, h, w)
        return np.stack([cv2.resize(one, (width, height)) > 0 for one in logits])


def verify_vision(card: ModelCard, folder: Path, *, with_checksums: bool) -> Iterator[Check]:
    """Whether a copy would load, and its checksums hold; state "missing" where not. None raises."""
    kind = Detector if card.name == "owlv2" else Masker
    try:
        kind(folder)
    except InputError as error:
        yield failed("weights", error)
    else:
        yield Check(name="weights", state="ok", found=f"{card.title}: every tensor in its shape")
    if with_checksums:
        yield verify_checksums(folder, card.files)


def _loaded(kind: Any, folder: Path, device: str) -> Any:
    """The network, strictly: each of its tensors is in the folder, in its shape."""
    try:
        model, report = kind.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, output_loading_info=True
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(
            f"{folder} holds no weights for {kind.__name__}: {str(error).splitlines()[0]}",
            hint="maquette models pull owlv2, or sam2.",
        ) from error
    missing = sorted(report["missing_keys"]) + sorted(str(k) for k in report["mismatched_keys"])
    if missing:
        raise InputError(
            f"{folder} lacks {len(missing)} tensors of {kind.__name__}, among them {missing[0]}.",
            hint="maquette models verify says whether a copy is whole.",
        )
    return model.to(device).eval()


def _tensor(
    photo: ByteArray, side: int, scale: tuple[tuple[float, ...], tuple[float, ...]], device: str
) -> Any:
    """(1, 3, side, side) float32, each channel with the network's own mean and deviation."""
    import torch

    shrinks = max(photo.shape[:2]) > side
    small = cv2.resize(
        photo, (side, side), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    )
    mean, deviation = (np.array(x, np.float32) for x in scale)
    value = (small.astype(np.float32) / 255 - mean) / deviation
    return torch.from_numpy(value.transpose(2, 0, 1)[None].copy()).to(device)


def _without_doubles(corners: FloatArray, word: FloatArray) -> list[int]:
    """Numbers of the boxes, the surest first, of which none repeats a surer one of its word."""
    kept: list[int] = []
    area = (corners[:, 2:] - corners[:, :2]).prod(axis=1)
    for n in range(len(corners)):
        others = np.array([k for k in kept if word[k] == word[n]], int)
        low = np.maximum(corners[others, :2], corners[n, :2])
        high = np.minimum(corners[others, 2:], corners[n, 2:])
        both = np.clip(high - low, 0, None).prod(axis=1)
        if not (both > _OVERLAP * (area[others] + area[n] - both)).any():
            kept.append(n)
    return kept
