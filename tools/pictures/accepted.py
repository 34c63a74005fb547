"""The pictures in docs/images, which somebody has looked at."""

from __future__ import annotations

import io
import json
from pathlib import Path

from PIL import Image

from testing.backing_services import ROOT
from tools.pictures.camera import Picture
from tools.pictures.compare import differences

FOLDER = ROOT / "docs" / "images"
LAYOUT = "layout.json"
LARGEST = {390: 9_000, 768: 14_000, 1280: 18_000}  # bytes
QUALITIES = (82, 74, 66, 58, 50, 42, 34)


def save(pictures: list[Picture], folder: Path, *, whole: bool) -> int:
    """Writes them, and takes away what is older where these are all. Gives how many bytes all have."""
    folder.mkdir(parents=True, exist_ok=True)
    layout = layouts(folder)
    if whole:
        layout = {}
        for old in folder.glob("*.webp"):
            old.unlink()
    for picture in pictures:
        (folder / f"{picture.stem}.webp").write_bytes(as_webp(picture))
        layout[picture.layout] = [list(box) for box in picture.boxes]
    lines = [f'"{name}": {json.dumps(boxes, separators=(",", ":"))}' for name, boxes in sorted(layout.items())]
    (folder / LAYOUT).write_text("{\n" + ",\n".join(lines) + "\n}\n")
    return sum(path.stat().st_size for path in folder.iterdir())


def as_webp(picture: Picture) -> bytes:
    """As good as its size allows."""
    data = b""
    for quality in QUALITIES:
        file = io.BytesIO()
        picture.image.save(file, "WEBP", quality=quality, method=6)
        data = file.getvalue()
        if len(data) <= LARGEST[picture.width]:
            break
    return data


def layouts(folder: Path) -> dict[str, list[list[str | int]]]:
    """Where the parts of each picture are; nothing where there are none."""
    path = folder / LAYOUT
    return dict(json.loads(path.read_text())) if path.exists() else {}


def compared(picture: Picture, folder: Path = FOLDER) -> list[str]:
    """What differs from the accepted picture."""
    path, boxes = folder / f"{picture.stem}.webp", layouts(folder).get(picture.layout)
    if boxes is None or not path.exists():
        return ["there is no accepted picture: `make pictures` takes them"]
    with Image.open(path) as image:
        return differences(image, [tuple(box) for box in boxes], picture.image, picture.boxes)  # type: ignore[misc]
