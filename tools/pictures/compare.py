"""Whether two pictures of a page show the same, also where other machines and browsers draw letters otherwise.

Its parts must be where they were, to a few pixels. Then colours are compared in squares so large that the shapes of
letters average out.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import islice

from PIL import Image, ImageChops

from tools.pictures.camera import Box

MOVED = 6  # pixels that a part may be elsewhere
SQUARE = 16  # pixels
COLOUR = 28  # of 255, in one channel of a square
SQUARES = 6  # that may differ more
NAMED = 5  # differences that are told


def differences(before: Image.Image, boxes: list[Box], after: Image.Image, found: list[Box]) -> list[str]:
    """What a person would see, in words; nothing where the two show the same."""
    return [*islice(_elsewhere(boxes, found), NAMED), *_other_colours(before, after)]


def _elsewhere(before: list[Box], after: list[Box]) -> list[str]:
    old_names, new_names = [[box[0] for box in boxes] for boxes in (before, after)]
    told = []
    changes = SequenceMatcher(None, old_names, new_names, autojunk=False).get_opcodes()
    for change, begin, end, begin_after, end_after in changes:
        if change != "equal":
            gone, new = old_names[begin:end], new_names[begin_after:end_after]
            told.append(f"{', '.join(gone[:NAMED]) or 'nothing'} became {', '.join(new[:NAMED]) or 'nothing'}")
            continue
        for old, new_box in zip(before[begin:end], after[begin_after:end_after], strict=True):
            if any(abs(one - other) > MOVED for one, other in zip(old[1:], new_box[1:], strict=True)):
                told.append(f"{old[0]} was at {old[1:]} and is at {new_box[1:]}")
    return told


def _other_colours(before: Image.Image, after: Image.Image) -> list[str]:
    if before.size != after.size:
        return [f"the picture has {after.size} pixels, not {before.size}"]
    size = (before.width // SQUARE, before.height // SQUARE)
    small = [image.convert("RGB").resize(size, Image.Resampling.BOX) for image in (before, after)]
    channels = ImageChops.difference(*small).split()
    largest = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
    other = [place for place, value in enumerate(largest.tobytes()) if value > COLOUR]
    if len(other) <= SQUARES:
        return []
    left, top = other[0] % size[0] * SQUARE, other[0] // size[0] * SQUARE
    return [f"{len(other)} of {size[0] * size[1]} squares have other colours, the first at {left}, {top}"]
