"""One payload as the WebSocket frames different screens agreed to, each made once however many screens it goes to.

Used by ioc.hub. Pure; imports nothing of ours.
"""

from __future__ import annotations

import zlib

PLAIN = 0
RAW = -1  # not framed: for a line whose server makes the frames itself


class Frames(dict[int, bytes]):
    """The frames of one payload, each made when first asked for.

    Key: PLAIN, or 9..15: deflated in a window of that many bits without context takeover (RFC 7692), or RAW.
    """

    __slots__ = ("payload",)

    def __init__(self, payload: bytes) -> None:
        self.payload = payload

    def __missing__(self, bits: int) -> bytes:
        self[bits] = made = self.payload if bits == RAW else text_frame(self.payload, bits)
        return made


def text_frame(payload: bytes, bits: int) -> bytes:
    """A whole unmasked text message (RFC 6455, section 5.2)."""
    first = 0x81  # FIN, text
    if bits > 8:  # a client may agree to 8, zlib cannot make it; a plain message is always allowed
        packed = _deflated(payload, bits)
        if len(packed) < len(payload):  # RSV1 is per message: a small one may go plain to the same client
            payload, first = packed, 0xC1
    size = len(payload)
    if size < 126:
        head = bytes((first, size))
    elif size < 65536:
        head = bytes((first, 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, 127)) + size.to_bytes(8, "big")
    return head + payload


def _deflated(payload: bytes, bits: int) -> bytes:
    deflate = zlib.compressobj(wbits=-bits, memLevel=9)
    return (deflate.compress(payload) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]  # RFC 7692, 7.2.1: without the empty block's tail
