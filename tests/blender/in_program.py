"""Runs these tests in a Blender program instead of Blender as a module:

blender --background --factory-startup --python tests/blender/in_program.py -- [pytest's arguments]

PYTEST_FOLDER: where pytest and pytest-timeout were installed (pip install --target), for Blender's Python has none.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, os.environ["PYTEST_FOLDER"])

import pytest  # found in the folder above

arguments = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
status = pytest.main([str(Path(__file__).parent), "-p", "no:cacheprovider", *arguments])
sys.stdout.flush()
os._exit(status)  # the program would go on, and its own status be 0
