"""OWLv2 and SAM 2 from tiny random checkpoints, by the real loading code: what comes out, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra vision is not installed")
transformers = pytest.importorskip("transformers", reason="the extra vision is not installed")

from maquette.models.catalog import MODELS  # noqa: E402
from maquette.models.vision import Detector, Masker, verify_vision  # noqa: E402
from maquette_protocol.errors import InputError  # noqa: E402

PHOTO = np.random.default_rng(3).integers(0, 255, (48, 80, 3), np.uint8)


def write_tokenizer(folder: Path) -> None:
    """CLIP's tokenizer with letters alone."""
    letters = [chr(n) for n in range(ord("a"), ord("z") + 1)]
    names = [*letters, *(f"{a}</w>" for a in letters), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({name: n for n, name in enumerate(names)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "CLIPTokenizer", "model_max_length": 16})
    )


@pytest.fixture(scope="module")
def owlv2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("owlv2")
    small = {
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
    }
    config = transformers.Owlv2Config(
        text_config={**small, "vocab_size": 60, "max_position_embeddings": 16, "eos_token_id": 53},
        vision_config={**small, "image_size": 64, "patch_size": 16},
        projection_dim=16,
    )
    torch.manual_seed(0)
    model = transformers.Owlv2ForObjectDetection(config)
    for weights in model.box_head.parameters():
        weights.data *= 0.01  # boxes of the grid's own size, as trained ones are at first
    model.save_pretrained(folder)
    write_tokenizer(folder)
    return folder


@pytest.fixture(scope="module")
def sam2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sam2")
    backbone = {
        "hidden_size": 8,
        "image_size": [64, 64],
        "blocks_per_stage": [1, 1, 2, 1],
        "embed_dim_per_stage": [8, 16, 32, 64],
        "num_attention_heads_per_stage": [1, 1, 1, 1],
        "window_size_per_stage": [8, 4, 4, 2],
        "window_positional_embedding_background_size": [4, 4],
        "global_attention_blocks": [3],
    }
    config = transformers.Sam2Config(
        vision_config={
            "backbone_config": {"model_type": "sam2_hiera_det_model", **backbone},
            "backbone_channel_list": [64, 32, 16, 8],
            "backbone_feature_sizes": [[16, 16], [8, 8], [4, 4]],
            "fpn_hidden_size": 32,
        },
        prompt_encoder_config={"hidden_size": 32, "image_size": 64},
        mask_decoder_config={
            "hidden_size": 32,
            "mlp_dim": 32,
            "iou_head_hidden_dim": 32,
            "num_attention_heads": 2,
        },
    )
    torch.manual_seed(0)
    transformers.Sam2Model(config).save_pretrained(folder)
    return folder


def test_boxes_lie_in_the_photo_the_surest_first(owlv2: Path) -> None:
    boxes = Detector(owlv2).find(PHOTO, ("chair", "lamp"), 0.0)
    assert len(boxes.words) == len(boxes.score) > 0
    assert set(boxes.words) <= {"chair", "lamp"}
    assert (np.diff(boxes.score) <= 0).all()
    assert (boxes.corners >= 0).all()
    assert (boxes.corners[:, 2] <= 80).all()
    assert (boxes.corners[:, 3] <= 48).all()
    assert (boxes.corners[:, 2:] > boxes.corners[:, :2]).all()
    surer = Detector(owlv2).find(PHOTO, ("chair", "lamp"), float(boxes.score[0]))
    assert len(surer.words) == 1


def test_boxes_are_those_of_the_librarys_own_preparation(owlv2: Path) -> None:
    """On a square photo of the network's size nothing is padded or resized: values must agree exactly."""
    photo = np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)
    model = transformers.Owlv2ForObjectDetection.from_pretrained(owlv2).eval()
    tokenizer = transformers.CLIPTokenizer.from_pretrained(owlv2)
    text = tokenizer(
        ["a photo of a cup"],
        padding="max_length",
        max_length=16,
        truncation=True,
        return_tensors="pt",
    )
    processor = transformers.Owlv2ImageProcessorPil(size={"height": 64, "width": 64})
    pixels = processor(photo, return_tensors="pt")["pixel_values"]
    with torch.inference_mode():
        answer = model(
            pixel_values=pixels, input_ids=text["input_ids"], attention_mask=text["attention_mask"]
        )
    expected = np.sort(answer.logits[0, :, 0].sigmoid().numpy())[::-1]
    found = Detector(owlv2).find(photo, ("cup",), 0.0)
    np.testing.assert_allclose(found.score[0], expected[0], rtol=1e-3)


def test_every_box_gets_a_mask_of_the_photos_size(sam2: Path) -> None:
    masker = Masker(sam2)
    corners = np.array([[4.0, 4, 40, 40], [30.0, 10, 79, 47]])
    masks = masker.masks(PHOTO, corners)
    assert (masks.shape, masks.dtype) == ((2, 48, 80), bool)
    assert masker.masks(PHOTO, np.zeros((0, 4))).shape == (0, 48, 80)
    np.testing.assert_array_equal(masks, masker.masks(PHOTO, corners))


def test_a_box_says_which_thing_is_meant(sam2: Path) -> None:
    masker = Masker(sam2)
    model = masker._model
    with torch.inference_mode():
        answers = [
            model(
                pixel_values=torch.zeros(1, 3, 64, 64),
                input_boxes=torch.tensor([[box]]),
                multimask_output=False,
            )
            for box in ([4.0, 4, 20, 20], [30.0, 30, 60, 60])
        ]
    assert not torch.allclose(answers[0].pred_masks, answers[1].pred_masks)


def test_weights_that_are_not_whole_are_refused(sam2: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    (tmp_path / "config.json").write_text((sam2 / "config.json").read_text())
    with pytest.raises(InputError, match="holds no weights"):
        Masker(tmp_path)
    tensors = load_file(sam2 / "model.safetensors")
    lost = "mask_decoder.iou_token.weight"
    save_file(
        {k: v for k, v in tensors.items() if k != lost},
        tmp_path / "model.safetensors",
        {"format": "pt"},
    )
    with pytest.raises(InputError, match=lost):
        Masker(tmp_path)
    (check,) = verify_vision(MODELS["sam2"], tmp_path, with_checksums=False)
    assert check.state == "missing"
    (check,) = verify_vision(MODELS["sam2"], sam2, with_checksums=False)
    assert check.state == "ok"


@pytest.mark.parametrize("name", ["owlv2", "sam2"])
def test_the_cards_say_licence_and_what_to_fetch(name: str) -> None:
    card = MODELS[name]
    assert card.licence == "Apache-2.0"
    assert "model.safetensors" in card.files
    assert not any(file.endswith((".bin", ".pt", ".pkl")) for file in card.files)
