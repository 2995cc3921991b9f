"""The order in which offices and other names are listed."""

from __future__ import annotations

from ioc.offices import in_alphabet


def test_vietnamese_names_stand_in_the_order_of_their_alphabet() -> None:
    names = ["Đất đai", "Hộ tịch", "Dân tộc", "đấu thầu", "An toàn", "Ăn uống", "Y tế"]
    assert sorted(names, key=in_alphabet) == ["An toàn", "Ăn uống", "Dân tộc", "Đất đai", "đấu thầu", "Hộ tịch", "Y tế"]
