"""Text from before Unicode: recognised, converted; and nothing else taken for it."""

from __future__ import annotations

import pytest

from hkh.core.sheets.legacy import recognise, to_unicode
from hkh.demo import names

TCVN3 = {
    "NguyÔn V¨n An": "Nguyễn Văn An",
    "TrÇn ThÞ B×nh": "Trần Thị Bình",
    "Lª Quang Ph­¬ng": "Lê Quang Phương",
    "§Æng Thïy D­¬ng": "Đặng Thùy Dương",
    "Héi KhuyÕn häc tØnh Phó Thä": "Hội Khuyến học tỉnh Phú Thọ",
    "nguyÔn v¨n h­ëng": "nguyễn văn hưởng",
    "NGUYÔN V¡N AN": "NGUYỄN VĂN AN",
    "Vò §øc ThiÖn": "Vũ Đức Thiện",
    "Hoµng": "Hoàng",
}
VNI = {
    "Nguyeãn Vaên An": "Nguyễn Văn An",
    "Traàn Thò Bình": "Trần Thị Bình",
    "Leâ Quang Phöông": "Lê Quang Phương",
    "Ñaëng Thuøy Döông": "Đặng Thùy Dương",
    "Hoäi Khuyeán hoïc tænh Phuù Thoï": "Hội Khuyến học tỉnh Phú Thọ",
    "NGUYEÃN VAÊN AN": "NGUYỄN VĂN AN",
    "Vuõ Ñöùc Thieän": "Vũ Đức Thiện",
}
PLAIN = [
    "Nguyễn Văn An",
    "Hà",
    "Bá",
    "Lê Thị Hoà",
    "Ðặng Văn Ðô",
    "Lò Thị Ói",
    "Bùi Là",
    "Cà Mau",
    "Trà My",
    "José Muñoz",
    "François Hollande",
    "Müller",
    "Café Zoë",
    "5 × 3 m",
    "25 °C, 10 m²",
    "Coca-Cola®",
    "© HKH",
    "£5",
    "Ê Đê",
    "Niê H'Hen",
    "Good People International",
    "Bapak Suryadi",
    "– không rõ –",
    "1/2 và ½",
    "",
]


@pytest.mark.parametrize(("old", "new"), TCVN3.items())
def test_tcvn3(old, new):
    assert to_unicode(old) == (new, True)


@pytest.mark.parametrize(("old", "new"), VNI.items())
def test_vni(old, new):
    assert to_unicode(old) == (new, True)


@pytest.mark.parametrize("text", PLAIN)
def test_nothing_else_is_taken_for_it(text):
    assert to_unicode(text) == (text, False)


def test_columns_are_recognised():
    assert recognise(TCVN3) == "tcvn3"
    assert recognise(VNI) == "vni"
    assert recognise(PLAIN) == ""
    assert recognise([]) == ""


def test_what_reads_two_ways_goes_with_its_column():
    assert to_unicode("Bá", "tcvn3") == ("Bỏ", True)
    assert to_unicode("Bá", "") == ("Bá", False)
    assert to_unicode("Bỏ", "tcvn3") == ("Bỏ", False)


def _names() -> list[str]:
    """Every family, middle and given name of the demo province."""
    lists = [value for value in vars(names).values() if isinstance(value, list | tuple | dict)]
    found: set[str] = set()
    for value in lists:
        for entry in value:
            parts = entry if isinstance(entry, tuple) else (entry,)
            found |= {part for part in parts if isinstance(part, str)}
    return sorted(found)


def test_no_name_of_the_province_is_changed_and_its_column_is_unicode():
    known = _names()
    assert len(known) > 100
    assert [name for name in known if to_unicode(name)[1]] == []
    assert recognise(known) == ""


@pytest.mark.parametrize("charset", ["tcvn3", "vni"])
def test_every_name_of_the_province_comes_back_from_an_old_column(charset):
    from hkh.core.sheets.legacy import _CHARSETS

    back = {new: old for old, new in _CHARSETS[charset].signs.items() if old[:1].islower() == new[:1].islower()}
    back |= {new: old for old, new in _CHARSETS[charset].signs.items() if new not in back}
    known = [name for name in _names() if any(not letter.isascii() for letter in name)]
    typed = ["".join(back.get(letter) or back.get(letter.lower(), letter) for letter in name) for name in known]
    column = recognise(typed)
    assert column == charset
    # TCVN3 had no capitals with tones: Á was typed as a small one.
    lost = [name for name, old in zip(known, typed, strict=True) if to_unicode(old, column)[0].lower() != name.lower()]
    assert lost == []
