# Two commands for newcomers; what each runs is what you would type without make.
PYTHON ?= python3
BIN := .venv/bin
BLENDER_TESTS := "pytest==9.2.0" "pytest-timeout==2.4.0" "pytest-xdist==3.8.0"
SIDE_BY_SIDE := -n 2 --dist loadfile  # many tests wait for processes more than they compute
.PHONY: demo demo-blender test test-gui install blender extension test-blender-program test-all check format clean

# python3 -m venv .venv && .venv/bin/pip install -e ".[dev]" -c constraints.txt
install: .venv/.installed
.venv/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -e ".[dev]" -c constraints.txt
	touch $@

# Blender as a module, in an environment of its own (it needs an older numpy); writes .blend files
# python3 -m venv .venv-blender && .venv-blender/bin/pip install "bpy==4.5.15" pytest pytest-timeout pytest-xdist
blender: .venv-blender/.installed
.venv-blender/.installed: Makefile
	$(PYTHON) -m venv .venv-blender
	.venv-blender/bin/pip install --quiet "bpy==4.5.15" $(BLENDER_TESTS)
	touch $@

# one zip per platform in out/extension/, checked by Blender's own tool: Edit > Preferences > Get Extensions > Install from Disk
extension: install blender
	$(BIN)/python tools/build_extension.py

# examples/ photos to out/demo/: scene folders, .blend, .glb, report.html
demo: install blender
	$(BIN)/python examples/demo.py

# a real Blender window on a virtual screen, the example photos through its panel; the pictures of the README.
# Its Debian Blender lands in ~/.cache/maquette/blender-lab, once; needs root and leave to mount
demo-blender: install blender
	$(BIN)/python examples/demo_blender.py

# lint, format, types, imports one way, tests
test: install blender check
	$(BIN)/pytest $(SIDE_BY_SIDE) -m "not gui"
	.venv-blender/bin/python -m pytest $(SIDE_BY_SIDE) tests/blender

# what a user does in a real window; pictures in out/gui/
test-gui: install blender
	$(BIN)/pytest -m gui tests/gui

# the tests of the extension in other Blenders: as modules, and the current LTS as a program (needs root)
test-all: test test-blender-4.2.23 test-blender-5.0.1 test-blender-program

test-blender-program: install blender
	tests/blender/program.sh

.PRECIOUS: .venv-blender-%/.installed
test-blender-%: install blender .venv-blender-%/.installed
	.venv-blender-$*/bin/python -m pytest $(SIDE_BY_SIDE) tests/blender

.venv-blender-%/.installed: Makefile
	$(PYTHON) -m venv .venv-blender-$*
	.venv-blender-$*/bin/pip install --quiet "bpy==$*" $(BLENDER_TESTS)
	touch $@

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv .venv-blender .venv-blender-* out build
