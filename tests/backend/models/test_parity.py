"""Every stage of the network against the published code's, within ten times that code's own float32 noise."""

from pathlib import Path

import pytest
import torch

from maquette.models.g2vlm.parity import check_parity, first_departure


@pytest.fixture(scope="module")
def results(golden: Path):
    return list(check_parity(golden))


@pytest.mark.parametrize("variant", ["default", "aligned"])
def test_no_stage_departs(results, variant: str):
    of_variant = [result for result in results if result.variant == variant]
    assert of_variant
    departure = first_departure(of_variant)
    assert departure is None, f"first departure: {departure}"


@pytest.mark.parametrize("variant", ["default", "aligned"])
def test_both_ways_through_the_model_are_covered(results, variant: str):
    stages = {result.stage for result in results if result.variant == variant}
    assert {"out.points", "out.camera_poses", "out.global_points", "out.token_ids"} <= stages


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_no_stage_departs_on_a_gpu(golden: Path):
    assert first_departure(check_parity(golden, "cuda")) is None
