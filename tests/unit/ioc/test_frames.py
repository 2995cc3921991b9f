"""What goes on the wire is what RFC 6455 and RFC 7692 say, read back here by the websockets library and by zlib."""

import zlib

import pytest
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from ioc.frames import PLAIN, RAW, Frames, text_frame

TEXT = "Hồ sơ quá hạn: 1.234,56 ".encode()


def parsed(frame: bytes, bits: int = 15) -> Frame:
    """The message as a client reads it that agreed to a window of `bits` and no context takeover."""
    reader = StreamReader()
    reader.feed_data(frame)
    deflate = PerMessageDeflate(True, True, bits, 15)
    parsing = Frame.parse(reader.read_exact, mask=False, extensions=[deflate])
    with pytest.raises(StopIteration) as done:
        next(parsing)
    assert reader.buffer == b""  # one whole frame, nothing after it
    return done.value.value


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 70_000])
def test_a_plain_frame_of_any_length_is_one_final_text_message(size):
    payload = (TEXT * 3000)[:size]
    wire = text_frame(payload, PLAIN)
    assert wire.endswith(payload)
    frame = parsed(wire)
    assert (frame.opcode, frame.data, frame.fin) == (Opcode.TEXT, payload, True)


@pytest.mark.parametrize("bits", range(9, 16))
def test_a_deflated_frame_inflates_from_nothing_in_its_own_window(bits):
    payload = TEXT * 200
    wire = text_frame(payload, bits)
    assert wire[0] == 0xC1  # FIN, RSV1, text
    assert len(wire) < len(payload) / 5
    assert parsed(wire, bits).data == payload
    data = wire[2 if wire[1] < 126 else 4 :]
    assert zlib.decompressobj(-bits).decompress(data + b"\0\0\xff\xff") == payload


def test_a_message_that_deflating_would_lengthen_goes_plain():
    assert text_frame(b'{"t":1}', 15) == b'\x81\x07{"t":1}'


def test_a_window_of_8_bits_which_zlib_cannot_make_is_answered_with_plain_frames():
    with pytest.raises(ValueError, match="Invalid initialization"):
        zlib.compressobj(wbits=-8)
    assert Frames(TEXT * 20)[8] == text_frame(TEXT * 20, PLAIN)


def test_each_kind_of_frame_is_made_once_and_raw_is_the_payload_itself():
    frames = Frames(TEXT * 20)
    assert frames[15] is frames[15]
    assert frames[PLAIN] is frames[PLAIN]
    assert frames[RAW] is frames.payload
    assert sorted(frames) == [RAW, PLAIN, 15]
