"""What the kernels' tests share."""

from pathlib import Path

import pytest
from pieces import OfficePieces


@pytest.fixture(scope="session")
def office_pieces(office_photos: Path) -> OfficePieces:
    """Pieces of the office photos."""
    return OfficePieces(office_photos)
