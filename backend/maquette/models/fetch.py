"""Fetch a model into the hub's shared cache, and take it out again. The one place where Maquette downloads anything.

What was fetched before an interruption is kept and gone on from, file by file and within a file.
"""

import shutil
from pathlib import Path

from maquette.models.catalog import ModelCard, cached_folder, hub_cache, size_text
from maquette_protocol.errors import InputError, MissingPartError, StorageError

_SPARE_BYTES = 10**9  # a disk filled to the last byte helps nobody


def fetch_model(card: ModelCard) -> Path:
    """The folder of the model's newest revision. Raises MissingPartError, StorageError."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import FileMetadataError, LocalEntryNotFoundError

    # the base of all that its HTTP library raises; which library that is has changed before
    from huggingface_hub.errors import HTTPError  # pyright: ignore[reportPrivateImportUsage]  # isort: skip

    check_room(card)
    cache = hub_cache()
    try:
        places = [
            Path(hf_hub_download(card.repository, name, cache_dir=cache)) for name in card.files
        ]
    except (HTTPError, LocalEntryNotFoundError, FileMetadataError, ConnectionError) as error:
        raise MissingPartError(
            f"{card.title} could not be fetched from {card.repository}: {error}",
            hint="Run the same command again: it goes on where it stopped.",
        ) from error
    except OSError as error:
        raise StorageError(
            f"{card.title} could not be written to {cache}: {error}.",
            hint="HF_HUB_CACHE names another folder.",
        ) from error
    return places[0].parent


def check_room(card: ModelCard) -> None:
    """Raises StorageError where the disk has no room for what is still to come."""
    folder = hub_cache()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    needed = card.size_bytes - folder_size(cached_folder(card))
    if free < needed + _SPARE_BYTES:
        raise StorageError(
            f"{card.title} needs {size_text(needed)} more, and {folder} has {size_text(free)} free.",
            hint="Free some space, or set HF_HUB_CACHE to a folder on another disk.",
        )


def remove_model(card: ModelCard) -> None:
    """Take all revisions of a model out of the cache. Raises InputError, StorageError."""
    folder = cached_folder(card)
    if not folder.is_dir():
        raise InputError(f"{card.title} is not in {hub_cache()}: nothing to remove.")
    gone = folder.with_name(f".removed-{folder.name}")  # at once; what is left of it is no model
    try:
        if gone.exists():
            shutil.rmtree(gone)
        folder.rename(gone)
        shutil.rmtree(gone)
    except OSError as error:
        raise StorageError(f"{folder} cannot be removed: {error}.") from error


def folder_size(folder: Path) -> int:
    """Bytes of the files in a folder; links count nothing."""
    files = (file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    return sum(file.stat().st_size for file in files)
