"""Where a CLIP model's weights lie and what state they are in: files only, no torch.

Cheap enough for every page to ask. A download by another process is seen as well, because it is
recognised by the growing file.
"""

from __future__ import annotations

import hashlib
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from core.errors import EncoderError, WeightsMissingError
from core.paths import at_home

MIB: Final = 1 << 20
_STALLED_AFTER_S: Final = 60.0  # a partial file this old is a download that was broken off


@dataclass(frozen=True, slots=True)
class Published:
    """One of the models that OpenAI published: its file, about its size, its input and checksum."""

    filename: str
    size_mib: int
    input_px: int
    sha256_start: str


# From `clip.clip._MODELS` (the checksum is the folder in each address); sizes as downloaded.
PUBLISHED: Final = {
    "RN50": Published("RN50.pt", 244, 224, "afeb0e10f9e5"),
    "RN101": Published("RN101.pt", 278, 224, "8fa8567bab74"),
    "RN50x4": Published("RN50x4.pt", 402, 288, "7e526bd135e4"),
    "RN50x16": Published("RN50x16.pt", 630, 384, "52378b407f34"),
    "RN50x64": Published("RN50x64.pt", 1260, 448, "be1cfb55d75a"),
    "ViT-B/32": Published("ViT-B-32.pt", 338, 224, "40d365715913"),
    "ViT-B/16": Published("ViT-B-16.pt", 335, 224, "5806e77cd80f"),
    "ViT-L/14": Published("ViT-L-14.pt", 890, 224, "b8cca3fd41ae"),
    "ViT-L/14@336px": Published("ViT-L-14-336px.pt", 891, 336, "3035c92b3509"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What is on the disk now; `fraction` of the download, 0..1, when one is under way."""

    state: Literal["whole", "growing", "partial", "absent"]
    fraction: float | None = None


class Weights:
    """The weights that `model` names: one of OpenAI's names, or the path of a checkpoint."""

    def __init__(self, model: str, download_root: Path | None = None) -> None:
        self.model = model
        self.root = download_root or at_home(Path("~/.cache/clip"))  # clip's own default
        self.published = PUBLISHED.get(model)

    @property
    def path(self) -> Path:
        """Where the file is, or will be once downloaded."""
        if self.published is not None:
            return self.root / self.published.filename
        return at_home(Path(self.model))

    def look(self) -> Found:
        """See what is on the disk now. Every published file and checkpoint is a zip archive."""
        try:
            if zipfile.is_zipfile(self.path):  # reads the directory at the end: whole, or not
                return Found("whole")
            about = self.path.stat()
        except OSError:
            return Found("absent")
        if self.published is None:
            return Found("partial")
        if time.time() - about.st_mtime > _STALLED_AFTER_S:
            return Found("partial")
        return Found("growing", min(0.99, about.st_size / (self.published.size_mib * MIB)))

    def identity(self) -> tuple[str, str]:
        """Give (model, pretrained) as recorded with an index.

        A copy of a published file is that model, wherever it lies, so that its vectors mix with
        those made by name. Anything else is its file's name and the start of its SHA-256.

        Raises:
            WeightsMissingError: there is no file at the path, or it cannot be read.
        """
        if self.published is not None:
            return self.model, "openai"
        try:
            start = self._sha256_start()
        except OSError as error:
            raise WeightsMissingError(self._missing_sentence()) from error
        for name, published in PUBLISHED.items():
            if published.sha256_start == start:
                return name, "openai"
        return self.path.stem, start

    def is_genuine(self) -> bool:
        """Say whether the published file is here, whole and unchanged."""
        if self.published is None or self.look().state != "whole":
            return False
        return self._sha256_start() == self.published.sha256_start

    def _sha256_start(self) -> str:
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:12]

    def check(self) -> Literal["archive", "state dict"]:
        """Say what kind of checkpoint lies at the path, without unpickling any of it.

        Raises:
            WeightsMissingError: there is no such file.
            EncoderError: it is no torch checkpoint, or was cut short.
        """
        try:
            with zipfile.ZipFile(self.path) as archive:
                inside = {name.rpartition("/")[2] for name in archive.namelist()}
        except (FileNotFoundError, NotADirectoryError) as error:
            raise WeightsMissingError(self._missing_sentence()) from error
        except (OSError, zipfile.BadZipFile) as error:
            raise EncoderError(
                f"{self.path} cannot be read as a CLIP checkpoint ({error}): it is another kind "
                "of file, or only part of one. Copy it again, or set REELSEEK_MODEL to another."
            ) from error
        if "constants.pkl" in inside:
            return "archive"
        if "data.pkl" in inside:
            return "state dict"
        raise EncoderError(
            f"{self.path} is a zip file but holds no torch checkpoint. Set REELSEEK_MODEL to the "
            "path of a CLIP checkpoint, such as a downloaded ViT-B-32.pt."
        )

    def _missing_sentence(self) -> str:
        looks_like_path = self.path.suffix in {".pt", ".pth"} or self.model[:1] in "./~"
        if looks_like_path:
            return (
                f"There is no CLIP checkpoint at {self.path}. Put the file there, or set "
                f"REELSEEK_MODEL to where it is or to one of {', '.join(PUBLISHED)}."
            )
        return (
            f"{self.model!r} is neither a CLIP model nor a file. Set REELSEEK_MODEL to one of "
            f"{', '.join(PUBLISHED)}, or to the path of a checkpoint."
        )

    def cannot_fetch_sentence(self, reason: object) -> str:
        """Word a failed download: which model, and the two ways to supply it."""
        return (
            f"The weights of CLIP {self.model} are not on this machine and could not be "
            f"downloaded ({reason}). Either let this machine reach the internet once, or put "
            f"{self.path.name} in {self.path.parent} (or anywhere, with REELSEEK_MODEL set to "
            "its path)."
        )
