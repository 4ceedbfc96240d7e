"""Arrays in a frame: what safetensors' own library writes and reads, and nothing else."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from maquette_protocol.errors import ProtocolError
from maquette_protocol.tensors import DTYPES, ArraySpec, pack_arrays, unpack_arrays

SPECS = {
    "points": ArraySpec(dtype="float32", shape=("N", 3)),
    "colors": ArraySpec(dtype="uint8", shape=("N", 3), is_required=False),
}
shapes = st.lists(st.integers(0, 5), max_size=3).map(tuple)


@st.composite
def some_arrays(draw: st.DrawFn) -> dict[str, Any]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    names = draw(st.lists(st.sampled_from("abcdef"), unique=True))
    return {
        name: rng.integers(0, 200, draw(shapes)).astype(
            np.dtype(DTYPES[draw(st.sampled_from(list(DTYPES)))])
        )
        for name in names
    }


def specs_of(arrays: dict[str, Any]) -> dict[str, ArraySpec]:
    return {n: ArraySpec(dtype=a.dtype.name, shape=a.shape) for n, a in arrays.items()}


@settings(deadline=None)
@given(arrays=some_arrays())
def test_the_library_reads_what_is_packed_and_its_files_are_unpacked(
    arrays: dict[str, Any],
) -> None:
    for again in (
        load(bytes(pack_arrays(arrays))),
        unpack_arrays(memoryview(save(arrays)), specs_of(arrays)),
        unpack_arrays(pack_arrays(arrays), specs_of(arrays)),
    ):
        assert again.keys() == arrays.keys()
        for name, array in arrays.items():
            np.testing.assert_array_equal(again[name], array)
            assert again[name].dtype == array.dtype


@pytest.mark.parametrize("shift", range(8))
def test_wherever_a_frame_lies_in_memory_its_arrays_are_aligned(shift: int) -> None:
    packed = pack_arrays({"points": np.ones((5, 3), np.float32)})
    memory = np.empty(len(packed) + 8, np.uint8)
    memory[shift : shift + len(packed)] = packed
    points = unpack_arrays(memory[shift : shift + len(packed)].data, SPECS)["points"]
    assert points.flags.aligned
    assert not points.flags.writeable
    np.testing.assert_array_equal(points, np.ones((5, 3)))


def test_arrays_that_are_not_contiguous_or_of_another_byte_order_are_packed_as_they_look() -> None:
    points = np.arange(24, dtype=">f4").reshape(6, 4)[::2, :3]
    packed = pack_arrays({"points": points})
    np.testing.assert_array_equal(unpack_arrays(packed, SPECS)["points"], points)


def buffer(header: Any, data: bytes = b"", size: int | None = None) -> memoryview:
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return memoryview((len(raw) if size is None else size).to_bytes(8, "little") + raw + data)


def entry(**changes: Any) -> dict[str, Any]:
    return {"points": {"dtype": "F32", "shape": [1, 3], "data_offsets": [0, 12], **changes}}


@pytest.mark.parametrize(
    "broken",
    [
        memoryview(b""),
        memoryview(b"\0" * 7),
        buffer(entry(), b"\0" * 12, size=2**63),
        buffer(entry(), b"\0" * 12, size=70_000),
        buffer(b"{" * 60_000),
        buffer(b'{"points":1,"points":2}'),
        buffer([]),
        buffer(entry(), b"\0" * 11),
        buffer(entry(), b"\0" * 13),
        buffer(entry(dtype="F64"), b"\0" * 12),
        buffer(entry(dtype="BOOL"), b"\0" * 12),
        buffer(entry(dtype=3), b"\0" * 12),
        buffer(entry(shape=[3, 1]), b"\0" * 12),
        buffer(entry(shape=[-1, -3]), b"\0" * 12),
        buffer(entry(shape=[2**40, 2**40, 0], data_offsets=[0, 0])),
        buffer(entry(shape=[2**31, 3]), b"\0" * 12),
        buffer(entry(data_offsets=[12, 0]), b"\0" * 12),
        buffer(entry(data_offsets=[1, 13]), b"\0" * 13),
        buffer(entry(data_offsets=[0, 12, 12]), b"\0" * 12),
        buffer(entry(more=1), b"\0" * 12),
        buffer({**entry(), "other": entry()["points"]}, b"\0" * 12),
        buffer({"__metadata__": {"a": "b"}, **entry()}, b"\0" * 12),
        buffer({"colors": {"dtype": "U8", "shape": [1, 3], "data_offsets": [0, 3]}}, b"\0" * 3),
        buffer({}),
    ],
    ids=range(24),
)
def test_a_buffer_that_is_not_exactly_as_promised_is_refused(broken: memoryview) -> None:
    with pytest.raises(ProtocolError):
        unpack_arrays(broken, SPECS)
