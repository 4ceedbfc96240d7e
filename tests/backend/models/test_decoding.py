"""One token's step in fixed memory gives what a plain pass gives; recorded by CUDA, too."""

from pathlib import Path

import pytest
import torch

from maquette.models.g2vlm.chat import Chat
from maquette.models.g2vlm.decoding import TokenStep
from maquette.models.g2vlm.model import Session
from maquette.models.g2vlm.parity import read_cases
from maquette.models.g2vlm.prepare import open_photo, recon_images, vit_patches, vit_photo
from maquette.models.g2vlm.weights import LoadOptions, load_model

TOKENS = [5, 17, 3, 3, 120, 44]
CLOSE = 1e-5  # float32, relative to the largest logit: the order of sums differs


def _session(golden: Path, device: str, trace=None) -> Session:
    """Before an answer: a question about a photo was asked."""
    model = load_model(golden, LoadOptions(task="chat", dtype=torch.float32, device=device))
    case = next(case for case in read_cases(golden) if case.is_chat)
    photos = [open_photo(photo) for photo in case.photos]
    config = model.config.vit
    prepared = [vit_patches(vit_photo(one, config, case.vit_size_px), config) for one in photos]
    session = Session(model) if trace is None else Session(model, trace)
    Chat(session, recon_images(photos, case.recon_width_px), prepared)
    return session


def _assert_close(given: torch.Tensor, expected: torch.Tensor) -> None:
    assert (given - expected).abs().max() <= CLOSE * expected.abs().max()


@torch.inference_mode()
def test_a_step_in_fixed_memory_is_a_plain_pass(golden: Path):
    """Slots past the last one hold what would show: none of them may be looked at."""
    plain, stepped = _session(golden, "cpu"), _session(golden, "cpu")
    stepped.cache.reserve(len(TOKENS))
    begin = stepped.cache.length
    stepped.cache.keys[:, begin:] = stepped.cache.keys[:, begin - 1 : begin]
    stepped.cache.values[:, begin:] = 1e6
    step = TokenStep(stepped.model.language, stepped.cache)
    for index, token in enumerate(TOKENS):
        given = step(token, stepped.position + index, begin + index)
        _assert_close(given, plain.logits(token, "token"))
    end = plain.cache.length
    assert torch.allclose(stepped.cache.keys[:, :end], plain.cache.keys[:, :end], atol=1e-5)
    assert torch.allclose(stepped.cache.values[:, :end], plain.cache.values[:, :end], atol=1e-5)


@torch.inference_mode()
def test_a_step_is_made_anew_when_its_cache_has_grown_or_is_full(golden: Path):
    session = _session(golden, "cpu")
    step = TokenStep(session.model.language, session.cache)
    assert step.fits(session.cache)
    session.cache.length = session.cache.keys.shape[1]
    assert not step.fits(session.cache)
    session.cache.reserve(1)
    assert not step.fits(session.cache)
    assert TokenStep(session.model.language, session.cache).fits(session.cache)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@torch.inference_mode()
def test_a_recorded_step_is_a_plain_pass(golden: Path, caplog: pytest.LogCaptureFixture):
    """A session whose stages are looked at does plain passes; one without records its step."""
    plain = _session(golden, "cuda", trace=lambda name, value: None)
    recorded = _session(golden, "cuda")
    for token in TOKENS:
        _assert_close(recorded.logits(token, "token"), plain.logits(token, "token"))
    assert recorded.cache.length == plain.cache.length
    assert recorded.position == plain.position
    assert not caplog.records  # no warning that nothing was recorded
