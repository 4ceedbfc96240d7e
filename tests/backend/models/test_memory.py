"""How many photos fit into memory: chosen, or said why not."""

import pytest

torch = pytest.importorskip("torch", reason="the extra g2vlm is not installed")

from maquette.models.g2vlm.config import Config  # noqa: E402
from maquette.models.g2vlm.memory import need_bytes, place  # noqa: E402
from maquette_protocol.errors import OutOfMemoryError  # noqa: E402

CONFIG = Config()


@pytest.fixture(autouse=True)
def _on_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


def test_as_many_photos_as_fit_are_taken_in_the_best_precision():
    ample = place(CONFIG, "chat", 8, free_bytes=64e9)
    assert (ample.device, ample.dtype, ample.num_photos) == ("cpu", torch.float32, 8)
    for_three = need_bytes(CONFIG, "chat", torch.float32, 3)
    tight = place(CONFIG, "chat", 8, free_bytes=for_three)
    assert (tight.dtype, tight.num_photos) == (torch.float32, 3)
    small = place(CONFIG, "chat", 8, free_bytes=13e9)
    assert (small.dtype, small.num_photos) == (torch.bfloat16, 8)


def test_more_photos_at_once_are_worth_a_lower_precision():
    for_three = need_bytes(CONFIG, "recon", torch.float32, 3)
    assert place(CONFIG, "recon", 9, free_bytes=for_three).dtype == torch.float32
    assert place(CONFIG, "recon", 9, free_bytes=for_three, at_least=8).dtype == torch.bfloat16
    assert place(CONFIG, "recon", 2, free_bytes=for_three, at_least=8).dtype == torch.float32


def test_where_nothing_fits_both_numbers_are_said():
    with pytest.raises(
        OutOfMemoryError, match=r"9\.1 GB of memory for one photo; 8\.0 GB are free"
    ):
        place(CONFIG, "chat", 8, free_bytes=8e9)


def test_a_system_that_does_not_tell_is_trusted(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("maquette.models.g2vlm.memory.free_memory_mb", lambda: 0)
    assert place(CONFIG, "recon", 9).num_photos == 9
