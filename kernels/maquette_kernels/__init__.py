"""Maquette's numeric kernels: one public function each, a plain reference beside the fast versions.

A kernel package holds `__init__.py` (the public function: checks, allocates, runs), `reference.py`
(plain numpy, written to be read against the paper) and `cpu.py` (numba). A CUDA version joins as
`cuda.py` behind the same public function and the same tests.
"""
