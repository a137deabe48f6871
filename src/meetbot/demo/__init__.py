"""The main job shown on real input: a meeting over WebRTC on loopback, recorded and measured."""

__all__: list[str] = []
