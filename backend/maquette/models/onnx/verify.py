"""Whether an ONNX model would run: its card, its file, the runtime, the names in its graph, checksums."""

from collections.abc import Iterator
from pathlib import Path

from maquette.models.catalog import size_text
from maquette.models.checksums import failed, verify_checksums
from maquette.models.onnx.card import OnnxCard
from maquette.models.onnx.session import Session, available_devices
from maquette_protocol.errors import InputError
from maquette_protocol.messages import Check


def verify_onnx(card: OnnxCard, file: Path, *, with_checksums: bool = True) -> Iterator[Check]:
    """One check after the other; state "missing" where the model would not run. None raises.

    file: the card's, wherever it lies
    """
    output = card.output
    known = "metres" if output.is_metric else "no known scale"
    found = f"{card.title}: {output.kind}, {known}, {card.licence}"
    yield Check(name="card", state="ok", found=found)
    yield Check(name="file", state="ok", found=f"{card.file}, {size_text(file.stat().st_size)}")
    try:
        yield Check(name="runtime", state="ok", found=f"for {', '.join(available_devices())}")
        session = Session(card, file)
    except InputError as error:
        yield failed("graph", error)
    else:
        device = session.device
        note = f"; {device.note}" if device.note else ""
        yield Check(name="graph", state="ok", found=f"as its card says, on {device.name}{note}")
    if with_checksums:
        folder = file.parents[card.file.count("/")]
        yield verify_checksums(folder, (card.file, *card.other_files))
