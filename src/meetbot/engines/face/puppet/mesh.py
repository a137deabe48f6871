"""Which of MediaPipe's 468 landmarks are what (Kartynnik et al. 2019, canonical face model)."""

from __future__ import annotations

__all__ = [
    "BROWS",
    "CHEEKS",
    "CHIN",
    "EYES",
    "FOREHEAD",
    "INNER_LOWER",
    "INNER_UPPER",
    "JAW",
    "OUTER_LOWER",
    "OUTER_UPPER",
    "STILL",
]

INNER_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
INNER_LOWER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
OUTER_UPPER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
OUTER_LOWER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
"""Lip contours, from the picture's left corner of the mouth to its right one."""

JAW = (172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397)
"""The lower edge of the face, from left to right; the chin is in the middle."""

CHIN = 152
FOREHEAD = 10

EYES = (
    ((33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133)),
    ((362, 398, 384, 385, 386, 387, 388, 466, 263), (362, 382, 381, 380, 374, 373, 390, 249, 263)),
)
"""Upper and lower lid of each eye, from left to right."""

BROWS = (
    (70, 63, 105, 66, 107, 46, 53, 52, 65, 55),
    (336, 296, 334, 293, 300, 285, 295, 282, 283, 276),
)

CHEEKS = (50, 280)

STILL = (
    1, 2, 4, 5, 6, 98, 327, 129, 358, 168, 33, 133, 145, 362, 263, 374, 117, 346, 50, 280, 93, 323,
    234, 454, 127, 356,
)  # fmt: skip
"""Nose, eyes and the sides of the face: what does not move with the mouth."""
