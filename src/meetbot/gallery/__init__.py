"""The gallery: pictures that were painted, how people like them, and what to paint them after."""

from meetbot.gallery.gallery import Gallery
from meetbot.store.pictures import KeptPicture

__all__ = ["Gallery", "KeptPicture"]
