"""masked(), kept(), told(): what may be shown of a text, kept of a record nobody could read, and said of its code. Pure; imports nothing.

A record that goes to quarantine keeps the fields its mapping names and no other; what looks like a person even there (a row whose cells
moved by one puts a name where a code belongs) is masked. Nine to twelve digits in a row are an identity, insurance or phone number;
dossier codes are longer, shorter, or broken by dots and dashes. A name is a Vietnamese surname and at least one more word, all with
capitals, or capitalised words around Văn or Thị; not those whom places are called after, nor the words below that only begin like a
name. Better one word too many is masked than one name too few.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

MASK = "•••"
LONGEST = 240  # characters kept of one value: longer than any text a mapping accepts, so that one too long stays too long
MOST = 40  # values kept of one list
MOST_VALUES, DEEPEST, MOST_KEYS = 2_000, 8, 5_000  # of one record


def _words(joined: str) -> frozenset[str]:
    return frozenset(joined.split("|"))


_SURNAMES = (
    "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Trịnh Đoàn Trương Lâm Tạ Cao Lương Tô Đào Châu Quách Mai "
    "Hà Lưu Phùng Tống Thái Vương Nông Triệu Chu Kiều Giàng Thào Sùng Vàng Lò Cầm Quàng Hờ Mùa Y Niê Ksor Rơ Đàm Khổng Hứa Mạc Đậu Doãn "
    "Nghiêm Bạch Lường Tòng Bế Sầm Diệp Tăng Thạch Thân Giáp Vừ Lầu Cứ Tráng Phàn Tẩn Hoàn Rmah Siu Kpă"
)
# Without accents only what is no other word in some language.
_PLAIN = (
    "Nguyen Tran Pham Hoang Huynh Phan Dang Bui Duong Dinh Trinh Doan Truong Luong Quach Phung Vuong Trieu Kieu Giang Thao Khong "
    "Nghiem Diep Thach Luu Ngo"
)
_MIDDLE = frozenset(("văn", "thị", "van", "thi"))
_ALWAYS = frozenset(("nguyễn", "huỳnh", "trịnh", "nguyen", "huynh"))  # a surname in small letters too
# What only begins like a name: the first two words.
_NO_NAME = _words(
    "hồ sơ|hồ chứa|hồ nước|hồ thủy|hồ bơi|lý lịch|lý do|lý luận|lý thuyết|lưu trữ|lưu hành|lưu trú|lưu thông|lưu động|lưu ký|lưu giữ|"
    "đào tạo|cao đẳng|cao tốc|cao cấp|cao tuổi|cao học|cao su|đoàn thể|đoàn luật|đoàn viên|đoàn kết|đoàn đại|đoàn thanh|đoàn kiểm|"
    "lương thực|lương hưu|lương tối|lương cơ|châu âu|châu á|châu phi|châu mỹ|lâm nghiệp|lâm sản|dương lịch|dương tính|mai táng|"
    "tống đạt|vũ khí|vũ trường|võ thuật|kiều bào|kiều hối|vương quốc|triệu tập|triệu đồng|triệu chứng|vàng bạc|vàng miếng|lò mổ|"
    "lò giết|cầm cố|cầm đồ|mùa vụ|nông nghiệp|nông thôn|nông sản|nông dân|nông lâm|đỗ xe|y tế|y dược|y khoa|y học|chu kỳ|chu trình|"
    "tăng cường|tăng trưởng|thân nhân|thân thể|giáp ranh|hoàn thành|hoàn trả|hoàn thuế|hoàn thiện|hoàn tất|hoàn công|cứ điểm|"
    "hà nội|hà giang|hà nam|hà tĩnh|hà đông|hà tiên|hà lan|hà trung|cao bằng|cao lãnh|cao phong|thái bình|thái nguyên|thái hòa|"
    "thái lan|lâm đồng|lâm hà|lý sơn|lý nhân|vũ thư|vũ quang|vũng tàu|lương sơn|lương tài|mai châu|mai sơn|phan thiết|phan rang|"
    "trần đề|hoàng mai|hoàng sa|hoàng liên|hồ chí|châu đốc|châu thành|châu đức|đinh hóa|nông cống|triệu sơn|triệu phong|bạch long|"
    "dang lam|dang xu|dang giai|dang cho|dang tiep|dang tham|dang trinh|dang ky|dang thuc|dang phan|dang doi|"
    "bạch thông|thạch hà|thạch thất|thạch thành|tô giới|đặng xá|ngô quyền|lê chân"
)
_NO_MIDDLE = _words(
    "văn hóa|văn hoá|văn phòng|văn bản|văn thư|văn học|văn bằng|văn nghệ|văn minh|văn kiện|thị xã|thị trấn|thị trường|thị thực"
)
# Persons that streets, wards and schools are called after: no citizen, where such a word stands before them.
_BEFORE_PLACES = _words("phường|xã|quận|huyện|đường|phố|trường|thpt|thcs|p|x|q|h")
_REMEMBERED = _words(
    "trần hưng đạo|trần phú|trần quang khải|trần quốc toản|trần nhân tông|trần nguyên hãn|trần đại nghĩa|lê lợi|lê duẩn|lê hồng phong|"
    "lê thánh tông|lê đại hành|lê quý đôn|lê thanh nghị|lê văn tám|nguyễn trãi|nguyễn huệ|nguyễn du|nguyễn thái học|nguyễn công trứ|"
    "nguyễn bỉnh khiêm|nguyễn đình chiểu|nguyễn văn cừ|nguyễn thị minh khai|phan bội châu|phan chu trinh|phan châu trinh|"
    "phan đình phùng|lý thường kiệt|lý thái tổ|lý nam đế|lý tự trọng|ngô quyền|ngô gia tự|đinh tiên hoàng|hoàng văn thụ|hoàng hoa thám|"
    "phạm ngũ lão|phạm hồng thái|võ thị sáu|võ nguyên giáp|võ văn kiệt|hồ tùng mậu|hồ xuân hương|tô hiệu|lương khánh thiện|"
    "lương thế vinh|chu văn an|mạc đĩnh chi|bùi thị xuân|trương định|trưng vương|hồ chí minh"
)
_WORD = re.compile(r"[^\W\d_]+")
_GAP = re.compile(r"[\s._\-]{1,3}")
_NUMBER = re.compile(r"(?<!\d)(?<!:\d\d\.)(?:0084)?\d{9,12}(?!\d)")
_SPACED = re.compile(r"(?<![\d.\-/])(?:0\d{2,3}|\+?84[ .\-]?\d{2,3})(?:[ .\-]\d{3,4}){2,3}(?!\d)")
_EMAIL = re.compile(r"(?<![\w.+%'-])[\w.+%'-]+@[\w.-]+")
_DIGITS, _RUN = re.compile(r"\d{3}"), re.compile(r"\d+")
_CITIZEN = re.compile(r"0(?:0[1-9]|[1-8]\d|9[0-6])\d{9}|0[35789]\d{8}|(?:84|0084)[35789]\d{8}", re.ASCII)  # identity card, mobile phone


def _forms(words: str) -> Iterable[str]:
    return (form for word in words.split() for form in (word, word.upper()))


_FIRST = frozenset((*_forms(_SURNAMES), *_forms(_PLAIN), *_ALWAYS))
_TELLING = _FIRST | {form for word in _MIDDLE for form in (word.capitalize(), word.upper())}


def masked(text: str) -> str:
    """A text without what looks like a person's name, number, phone or address. Costs no more than its length."""
    text = _nameless(text)
    return _SPACED.sub(MASK, _NUMBER.sub(MASK, text)) if _DIGITS.search(text) else text


def _nameless(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if "@" in text:
        text = _EMAIL.sub(MASK, text)
    return text if _TELLING.isdisjoint(_WORD.findall(text)) else _without_names(text)


@lru_cache(maxsize=8192)
def public(text: str) -> str:
    """The same for words that come again and again: procedures, steps, offices."""
    return masked(text)


def told(code: str | None) -> str | None:
    """A record's own code as it may be stored and shown; None for what is rather a person's name, address, identity card or phone.

    Twelve digits are an identity card where they begin as one; nine alone may be an old one, but are rather a running number.
    """
    if code is None or MASK in _nameless(code[:LONGEST]) or _SPACED.search(code[:LONGEST]):
        return None
    return None if any(_CITIZEN.fullmatch(run) for run in _RUN.findall(code[:LONGEST])) else code[:LONGEST]


def _without_names(text: str) -> str:
    """Every stretch of words that reads like a name, masked."""
    words = [(found[0], found.start(), found.end()) for found in _WORD.finditer(text)]
    pieces, done, at = [], 0, 0
    while at < len(words):
        end = _name_ends(text, words, at)
        if end > at:
            pieces += [text[done : words[at][1]], MASK]
            done = words[end - 1][2]
        at = max(end, at + 1)
    return "".join((*pieces, text[done:]))


def _name_ends(text: str, words: list[tuple[str, int, int]], at: int) -> int:
    """Behind the last word of a name that begins here; `at` itself where none does."""
    first = words[at][0]
    small = first in _ALWAYS
    if not (small or first[:1].isupper()):
        return at
    end = at + 1
    while end < len(words) and end - at < 7 and _GAP.fullmatch(text, words[end - 1][2], words[end][1]):
        if not (words[end][0][:1].isupper() or (small and end - at < 4)):
            break
        end += 1
    low = [word.lower() for word, _, _ in words[at : min(end, at + 3)]]
    if len(low) < 2 or (_is_place(text, words, at) and " ".join(word.lower() for word, _, _ in words[at:end]) in _REMEMBERED):
        return at
    if first in _FIRST and " ".join(low[:2]) not in _NO_NAME:
        return end
    middle = len(low) == 3 and low[1] in _MIDDLE and " ".join(low[1:]) not in _NO_MIDDLE
    return end if middle else at


def _is_place(text: str, words: list[tuple[str, int, int]], at: int) -> bool:
    """Whether the word before says that a place or a school follows."""
    if not at:
        return False
    before, _, end = words[at - 1]
    return before.lower() in _BEFORE_PLACES and _GAP.fullmatch(text, end, words[at][1]) is not None


def kept(record: object, names: Iterable[str]) -> dict[str, Any] | None:
    """The named fields of a record, masked and shortened; None when there is none. A dotted name keeps its place in nested objects.

    Whatever the record is, this raises nothing, and what it returns is bounded: values, their length, their depth.
    """
    if not isinstance(record, Mapping):
        return None
    return _Keeping().fields(record, frozenset(map(_folded, names)), 0) or None


class _Keeping:
    """One record being kept: counts what has been taken over."""

    __slots__ = ("room",)

    def __init__(self) -> None:
        self.room = MOST_VALUES

    def fields(self, record: Mapping[Any, Any], names: frozenset[str], depth: int) -> dict[str, Any]:
        below: dict[str, set[str]] = {}
        for name in names:
            head, _, rest = name.partition(".")
            below.setdefault(head, set()).update({rest} if rest else ())
        held = {}
        for _, (key, value) in zip(range(MOST_KEYS), record.items(), strict=False):
            if not isinstance(key, str) or len(key) > LONGEST:
                continue
            folded = _folded(key)
            if folded in names or folded in below:
                inner = {name.removeprefix(f"{folded}.") for name in names if name.startswith(f"{folded}.")}
                held[key.replace("\0", "").encode("utf-8", "ignore").decode()] = self.value(value, frozenset(inner), depth + 1)
        return held

    def value(self, value: Any, names: frozenset[str], depth: int) -> Any:
        """Of an object only what is named, of a list its first entries, of a text its beginning."""
        self.room -= 1
        if self.room < 0 or depth > DEEPEST:
            return None
        if isinstance(value, Mapping):
            return self.fields(value, names, depth)
        if isinstance(value, list | tuple):
            return [self.value(each, names, depth + 1) for each in value[:MOST]]
        if isinstance(value, str):
            text = masked(value[: LONGEST + 320].replace("\0", ""))[:LONGEST]
            return text.encode("utf-8", "ignore").decode()
        return _number(value) if isinstance(value, int | float) else None


def _number(value: float) -> float | str | None:
    """A number as it is, unless it could be a person's, or none that can be written down."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if 10**8 <= abs(value) < 10**12:
        return MASK
    return value if abs(value) < 10**60 else None


def _folded(name: str) -> str:
    return (name if name.isascii() else unicodedata.normalize("NFC", name)).casefold()
