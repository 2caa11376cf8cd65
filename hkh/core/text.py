"""Vietnamese text: cleaned on the way in, searched without its marks, sorted by its own alphabet.

The keys have two forms: the SQL functions of migration 0001, which fill the stored columns, and the Python
twins here, which make the key of what somebody typed. ``tests/core/test_text.py`` holds them together.
"""

from __future__ import annotations

import re
import string
import unicodedata

from django.db import models

_IGNORED = re.compile("[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]+")
_SPACES = "\t\n\v\f\r\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_ODD_SPACE = re.compile(f"[ {_SPACES}]*[{_SPACES}][ {_SPACES}]*|  +")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\x00-\x08\x0e-\x1f\x7f]+")

_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_PLAIN = str.maketrans("đĐÐøØłŁ", "dddooll")
#: Grave, hook above, tilde, acute, dot below in the order of the tones; breve, circumflex, horn.
_SPELLED = str.maketrans("ĐÐøØłŁ\u0300\u0309\u0303\u0301\u0323\u0306\u0302\u031b", 'đđooll!"#$%{|}')
_TONE_IN_WORD = re.compile(r"([!-%])([^\t !-%]+)")

#: Look-alikes of Đ and đ that keyboards, fonts and name lists bring along (eth, African d).
_LOOK_ALIKES = str.maketrans("ÐðƉ", "ĐđĐ")


#: Most lines: words of ASCII and of composed Vietnamese letters, single spaces between them.
_WORD = "[!-~ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ]+"
_CLEAN = re.compile(f"{_WORD}(?: {_WORD})*")


def clean(text: str) -> str:
    """One line as it is stored: NFC, single plain spaces, nothing invisible, Đ where a look-alike stood."""
    if _CLEAN.fullmatch(text):
        return text
    text = unicodedata.normalize("NFC", text).translate(_LOOK_ALIKES)
    return _spaced(_INVISIBLE.sub("", text))


def search_key(text: str) -> str:
    """``text`` in lower case without any mark, "Đặng  Thuỳ" -> "dang thuy": what a search compares.

    The same for NFC and NFD. Twin of ``hkh_search_key``.
    """
    return _spaced(_IGNORED.sub("", _lowered(text).translate(_PLAIN)))


def sort_key(name: str) -> str:
    """The key of a person's name: given name, then middle names, then family name; compare as bytes.

    Within each word first the letters count (a ă â b c d đ e ê …), then the tone (none, huyền, hỏi, ngã,
    sắc, nặng), as in a Vietnamese dictionary: every Hoa stands before the first Hòa. Where in the word the
    tone mark is written makes no difference (Hoà = Hòa), nor does case. Twin of ``hkh_sort_key``.
    """
    name = _spaced(name)
    given = name.rpartition(" ")[2]
    family_end = name.find(" ") + 1
    middle = name[: len(name) - len(given)][family_end:]
    return _TONE_IN_WORD.sub(r"\2\1", _spelled(f"{given}\t{middle}\t{name[:family_end]}"))


def name_key(name: str) -> str:
    """Equal for two spellings of one person's name: case, spaces, Hoà/Hòa and Thuỷ/Thủy do not count.

    It is the sort key, so a stored ``sort_key`` column also finds equal names.
    """
    return sort_key(name)


def title_key(title: str) -> str:
    """The key of any other name (unit, firm, school), read from left to right; compare as bytes.

    First all the letters, then all the tones; numbers by value up to six digits ("Khu 2" < "Khu 10").
    Twin of ``hkh_title_key``.
    """
    spelled = _spelled(_spaced(title))
    numbered = re.sub(r"0+([0-9]{6})", r"\1", re.sub(r"([0-9]+)", r"00000\1", spelled))
    letters, tones = re.sub(r"[!-%]+", "", numbered), re.sub(r"[^ !-%]+", "", spelled)
    return f"{letters}\t{tones}".rstrip(" \t")


def _spaced(text: str) -> str:
    return _ODD_SPACE.sub(" ", text).strip(" ")


def _lowered(text: str) -> str:
    """Decomposed, so that a capital Ấ is A and two marks, and ASCII's lower case is all it takes."""
    return unicodedata.normalize("NFKD", text).translate(_ASCII_LOWER)


def _spelled(text: str) -> str:
    """In letters whose byte order is the Vietnamese one; see migration 0001."""
    return _IGNORED.sub("", _lowered(text).translate(_SPELLED)).replace("đ", "d{")


class _Key(models.Func):
    """A text key made by the database, for a ``GeneratedField``::

    sort_key = models.GeneratedField(
        expression=SortKey("full_name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )
    """

    arity = 1
    output_field = models.TextField()


class SearchKey(_Key):
    """See ``search_key``."""

    function = "hkh_search_key"


class SortKey(_Key):
    """See ``sort_key``. Ordered rightly only under COLLATE "C"."""

    function = "hkh_sort_key"


class TitleKey(_Key):
    """See ``title_key``. Ordered rightly only under COLLATE "C"."""

    function = "hkh_title_key"
