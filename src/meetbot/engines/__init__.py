"""Engines: one file each, behind the Protocols of ``core.ports``, found by entry points."""

from __future__ import annotations

import os

__all__: list[str] = []

# Read by OpenMP when CTranslate2 loads it. By default a thread that has nothing to do spins, on
# a core that another process could use, and recognition takes twice as long on a busy machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
