"""Files of the model hub, at a pinned commit, by the hub's own client.

The client goes on where a cut connection stopped, and takes the user's settings (token, mirror,
proxy, offline mode) from its own environment variables.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from meetbot.models.entries import SourceError

if TYPE_CHECKING:
    from meetbot.models.entries import Hub

__all__ = ["fetch_from_hub"]


def fetch_from_hub(hub: Hub, name: str, folder: Path, *, endpoint: str | None = None) -> Path:
    """Fetch ``name`` of the repository below ``folder``.

    ``endpoint`` is another server that speaks the hub's protocol. Raises SourceError.
    """
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError
    from huggingface_hub.utils.logging import set_verbosity_error
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    set_verbosity_error()  # type: ignore[no-untyped-call]  # its retries would be printed over our progress bars
    try:
        path = hf_hub_download(
            hub.repository, name, revision=hub.revision, local_dir=folder, endpoint=endpoint
        )
    except LocalEntryNotFoundError as error:
        raise SourceError(
            f"the model hub does not answer, so {name} of {hub.repository} cannot be fetched"
        ) from error
    except OSError as error:
        if isinstance(error, (HfHubHTTPError, ConnectionError)):
            raise _refusal(hub, name, error) from error
        raise  # the disk's
    except Exception as error:  # its HTTP library is another one in each version
        raise _refusal(hub, name, error) from error
    return Path(str(path))


def _refusal(hub: Hub, name: str, error: Exception) -> SourceError:
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    where = f"{hub.repository}@{hub.revision[:8]}"
    return SourceError(f"the model hub did not give {name} of {where}: {reason}")
