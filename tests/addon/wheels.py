"""A small real wheel called maquette: what pip does with it is what it does with the backend's."""

import base64
import hashlib
import zipfile
from pathlib import Path

_SCRIPT = """
import sys

def main():
    print("maquette {version}")
    sys.exit({status})
"""


def make_wheel(folder: Path, version: str = "9.9.9", status: int = 0) -> Path:
    """A wheel whose `maquette` command prints its version and exits with `status`."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"maquette-{version}.dist-info"
    files = {
        "maquette_said.py": _SCRIPT.format(version=version, status=status),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: maquette\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\nmaquette = maquette_said:main\n",
    }
    rows = [f"{name},sha256={_digest(text)},{len(text.encode())}" for name, text in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""])
    path = folder / f"maquette-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
