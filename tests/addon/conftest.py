"""The parts of the extension that need no Blender, imported as Blender does: from the addon folder."""

import sys

from support import ROOT

sys.path.insert(0, str(ROOT / "addon"))
