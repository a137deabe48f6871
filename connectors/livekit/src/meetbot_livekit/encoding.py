"""How the bot's videos and its voice are encoded and named in a LiveKit room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
from livekit import rtc
from livekit.rtc._proto.room_pb2 import AudioEncoding, DegradationPreference

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from meetbot.config import LiveKitSettings

__all__ = ["as_i420", "camera_options", "screen_options", "voice_options"]

STREAM = "meetbot"
"""Receivers keep the tracks of one stream in time with each other."""
VOICE_BITRATE = 48_000
TOLD = (rtc.FrameMetadataFeature.FMF_USER_TIMESTAMP, rtc.FrameMetadataFeature.FMF_USER_DATA)
"""With each picture of the face goes its time and how loud its sound is (see ``loudness``)."""
CAMERA_FPS = 25
SCREEN_FPS = 30
CODECS = {
    "h264": rtc.VideoCodec.H264,
    "vp8": rtc.VideoCodec.VP8,
    "vp9": rtc.VideoCodec.VP9,
}


def as_i420(pixels: NDArray[np.uint8]) -> tuple[int, int, bytes]:
    """Width, height and I420 (BT.601, limited) of uint8 RGB; an odd last row or column goes."""
    height, width = (side & ~1 for side in pixels.shape[:2])
    planes = cv2.cvtColor(pixels[:height, :width], cv2.COLOR_RGB2YUV_I420)
    return width, height, planes.tobytes()


def camera_options(settings: LiveKitSettings) -> rtc.TrackPublishOptions:
    """A face: smooth before sharp, in time with the voice."""
    return rtc.TrackPublishOptions(
        source=rtc.TrackSource.SOURCE_CAMERA,
        video_codec=CODECS[settings.codec],
        video_encoding=rtc.VideoEncoding(
            max_bitrate=settings.camera_bitrate, max_framerate=CAMERA_FPS
        ),
        simulcast=settings.simulcast,
        degradation_preference=DegradationPreference.DEGRADATION_PREFERENCE_MAINTAIN_FRAMERATE,
        stream=STREAM,
        frame_metadata_features=TOLD if settings.measured else (),
    )


def screen_options(settings: LiveKitSettings) -> rtc.TrackPublishOptions:
    """Writing and pictures: sharp before smooth."""
    return rtc.TrackPublishOptions(
        source=rtc.TrackSource.SOURCE_SCREENSHARE,
        video_codec=CODECS[settings.codec],
        video_encoding=rtc.VideoEncoding(
            max_bitrate=settings.pictures_bitrate, max_framerate=SCREEN_FPS
        ),
        simulcast=settings.simulcast,
        degradation_preference=DegradationPreference.DEGRADATION_PREFERENCE_MAINTAIN_RESOLUTION,
        stream=f"{STREAM}-screen",
    )


def voice_options() -> rtc.TrackPublishOptions:
    """Speech that costs nothing while it is silent, and survives a lost packet."""
    return rtc.TrackPublishOptions(
        source=rtc.TrackSource.SOURCE_MICROPHONE,
        audio_encoding=AudioEncoding(max_bitrate=VOICE_BITRATE),
        dtx=True,
        red=True,
        stream=STREAM,
    )
