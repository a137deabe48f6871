"""Language models: what writes the answers."""

__all__: list[str] = []
