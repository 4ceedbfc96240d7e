"""Compile every Triton kernel to machine code for a GPU that need not be there: run by test_triton_compiles."""

import sys

import triton
import triton.language as tl
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from maquette_kernels.matvec import cuda as matvec
from maquette_kernels.qk_rope import cuda as qk_rope
from maquette_kernels.rms_norm import cuda as rms_norm
from maquette_kernels.swiglu import cuda as swiglu

HOPPER = GPUTarget("cuda", 90, 32)
HIGH, LOW, COUNT = "*fp32", "*bf16", "i32"
NORM = {"x": HIGH, "weight": HIGH, "out": LOW, "x_stride": COUNT, "width": COUNT, "eps": "fp32"}
ADD_NORM = NORM | {"branch": LOW, "scale": HIGH, "added": HIGH, "branch_stride": COUNT}
STRIDES = ("qkv", "table", "key", "key_head", "value", "value_head")
TOKEN = {
    **dict.fromkeys(("qkv", "query", "keys", "values"), LOW),
    **dict.fromkeys(("q_norm", "k_norm", "cos_table", "sin_table"), HIGH),
    **{f"{name}_stride": COUNT for name in STRIDES},
    "eps": "fp32",
    "width": COUNT,
}
HEADS = {"heads": 12, "kv_heads": 2, "head_block": 16, "kv_block": 2, "half_block": 64}
WIDE = {"wide": tl.float32}
KERNELS = (
    (rms_norm._norm, NORM, WIDE | {"block": 2048}),
    (rms_norm._add_norm, ADD_NORM, WIDE | {"block": 2048, "has_scale": True}),
    (rms_norm._add_norm, ADD_NORM, WIDE | {"block": 2048, "has_scale": False}),
    (
        swiglu._gate,
        {"x": LOW, "out": LOW, "x_stride": COUNT, "width": COUNT},
        WIDE | {"block": 1024},
    ),
    (
        matvec._rows,
        {"x": LOW, "weight": "*i8", "scale": HIGH, "out": HIGH, "height": COUNT, "width": COUNT},
        {"row_block": 8, "column_block": 512},
    ),
    (qk_rope._token, TOKEN, WIDE | HEADS),
)

for kernel, types, constants in KERNELS:
    names = kernel.arg_names
    source = ASTSource(
        fn=kernel,
        signature={name: types.get(name, "constexpr") for name in names},
        constexprs={(names.index(name),): value for name, value in constants.items()},
    )
    code = triton.compile(source, target=HOPPER).asm["cubin"]
    sys.stdout.write(f"{kernel.__name__} {len(code)}\n")
