"""What every section of the settings is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

__all__ = ["Device", "FolderOrFile", "Language", "Name", "Probability", "Section", "Threads"]

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Threads = Annotated[int, Field(ge=1, le=64)]
Device = Literal["auto", "cpu", "cuda"]


def _expanded(path: object) -> object:
    return Path(path).expanduser() if isinstance(path, str | Path) else path


FolderOrFile = Annotated[Path, BeforeValidator(_expanded)]


class Section(BaseModel):
    """A frozen part of the settings that knows all of its keys."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=()
    )

    @field_validator("*", mode="before")
    @classmethod
    def _true_is_no_number(cls, value: object, info: ValidationInfo) -> object:
        kind = cls.model_fields[str(info.field_name)].annotation
        if isinstance(value, bool) and bool not in {kind, *get_args(kind)}:
            raise ValueError("true and false are not values of this key")
        return value
