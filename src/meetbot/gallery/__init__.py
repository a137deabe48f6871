"""The gallery: pictures that were painted, how people like them, and what to paint them after."""

from meetbot.gallery.gallery import Gallery
from meetbot.gallery.references import KeptReference, read_reference
from meetbot.gallery.rows import picture_png, picture_row
from meetbot.store.pictures import KeptPicture

__all__ = [
    "Gallery",
    "KeptPicture",
    "KeptReference",
    "picture_png",
    "picture_row",
    "read_reference",
]
