"""Small videos for tests: each frame a grey of its own, so that a picture tells which frame is seen."""

import base64
import struct

STILLS = """(n) => Array.from({length: n}, (_, at) => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [64, 36];
  const pen = canvas.getContext('2d');
  pen.fillStyle = `rgb(${16 + 4 * at}, ${16 + 4 * at}, ${16 + 4 * at})`;
  pen.fillRect(0, 0, 64, 36);
  return canvas.toDataURL('image/webp', 0.9).split(',')[1];
})"""
SEEN = """() => {
  const video = document.querySelector('video');
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d');
  pen.drawImage(video, 0, 0, 64, 36);
  return Math.round((pen.getImageData(32, 18, 1, 1).data[0] - 16) / 4);
}"""
"""In a page: the number of the frame that its video shows."""


def webm(page, times_ms, last_ms):
    """A WebM file (VP8, key frames alone) whose frames begin at some times; the pictures are made by a browser's page."""
    frames = [_vp8(base64.b64decode(one)) for one in page.evaluate(STILLS, len(times_ms))]
    info = _element("1549A966", _element("2AD7B1", _uint(1_000_000)) + _element("4489", struct.pack(">d", last_ms)))
    video = _element("E0", _element("B0", _uint(64)) + _element("BA", _uint(36)))
    track = _element("D7", _uint(1)) + _element("73C5", _uint(1)) + _element("83", _uint(1)) + _element("86", b"V_VP8") + video
    tracks = _element("1654AE6B", _element("AE", track))
    clusters = [
        _element("1F43B675", _element("E7", _uint(at)) + _element("A3", b"\x81\x00\x00\x80" + frame))
        for at, frame in zip(times_ms, frames, strict=True)
    ]
    places = [0] * len(clusters)
    for _ in range(2):  # the index stands before what it points to; its own size does not depend on what it says
        cues = _element("1C53BB6B", b"".join(map(_cue, times_ms, places)))
        at = len(info) + len(tracks) + len(cues)
        places = [at + sum(map(len, clusters[:n])) for n in range(len(clusters))]
    head = _element("1A45DFA3", _element("4282", b"webm") + _element("4287", _uint(2)) + _element("4285", _uint(2)))
    return head + _element("18538067", info + tracks + cues + b"".join(clusters))


def _vp8(webp):
    at = webp.index(b"VP8 ")
    size = struct.unpack("<I", webp[at + 4 : at + 8])[0]
    return webp[at + 8 : at + 8 + size]


def _cue(at_ms, place):
    return _element("BB", _element("B3", _uint(at_ms)) + _element("B7", _element("F7", _uint(1)) + _element("F1", _uint(place))))


def _uint(value):
    return struct.pack(">Q", value)


def _element(name, content):
    return bytes.fromhex(name) + struct.pack(">Q", len(content) | 1 << 56) + content
