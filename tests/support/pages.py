"""The test pages of LiveKit participants, bundled and served on loopback."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["page_address", "serving_pages"]

SCRIPT = Path(__file__).parents[2] / "scripts" / "build-test-pages.sh"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing of it is of interest."""


@contextlib.contextmanager
def serving_pages() -> Iterator[str]:
    """The address under which the pages are, while inside; built first where they are not."""
    built = subprocess.run(["bash", str(SCRIPT)], capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    handler = partial(_Quiet, directory=built.stdout.strip())
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, name="pages")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def page_address(pages: str, page: str, url: str, token: str) -> str:
    """A page that joins the LiveKit server at ``url`` with ``token``."""
    return f"{pages}/{page}/index.html#{urlencode({'url': url, 'token': token})}"
