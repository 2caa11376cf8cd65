"""Vietnamese text from before Unicode (TCVN3 "ABC", VNI), recognised by what it would spell, and converted.

Both use the letters of western Europe for other sounds: "NguyÔn V¨n" and "Nguyeãn Vaên" are Nguyễn Văn. A text is
taken for one of them where its words are no Vietnamese syllables as they stand and all become such. Where a word
reads both ways ("Bá" is Bá, or Bỏ in TCVN3), the column that it stands in decides.
Sources: TCVN 5712:1993 (third form), the VNI-Windows table.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

#: Letters that neither has: a text with one of them is Unicode.
_BEYOND: Final = re.compile("[\u0100-\u024f\u0300-\u036f\u1ea0-\u1ef9]")
_BETWEEN: Final = re.compile("([\x00-@\\[-`{-\x7f\u00a0\u2000-\u206f]+)")
_LETTER: Final = re.compile("[A-Za-z]")
_LOOK_ALIKES: Final = str.maketrans("Ðð", "Đđ")


def recognise(texts: Iterable[str]) -> str:
    """The old character set that most of ``texts``, of one column, are written in: "tcvn3", "vni", or "" for none."""
    found: Counter[str] = Counter(verdict for text in texts if (verdict := _verdict(text)))
    charset = max(_CHARSETS, key=lambda name: found[name])
    return charset if found[charset] > found["unicode"] + found["open"] // 10 else ""


def to_unicode(text: str, charset: str = "") -> tuple[str, bool]:
    """``text`` in Unicode, and whether it had to be converted. ``charset`` is that of its column."""
    if text.isascii() or _BEYOND.search(text):
        return text, False
    if not charset and _reads_so(_marked_words(text)):
        return text, False
    verdict = _verdict(text)
    if verdict in _CHARSETS:
        return _converted(text, verdict), True
    if charset and verdict == "open":
        converted = _converted(text, charset)
        return converted, converted != text
    return text, False


def _verdict(text: str) -> str:
    """ "unicode" or a character set where the text can only be that; "open" where it may be either; "" for no sign."""
    if text.isascii():
        return ""
    if _BEYOND.search(text):
        return "unicode"
    words = _marked_words(text)
    if not words:
        return "open"
    others = [name for name in _CHARSETS if all(_is_syllable(_converted(word, name)) for word in words)]
    if not others or _reads_so(words):
        return "open" if others else "unicode"
    if len(others) > 1:
        return "open"
    enough = len(words) > 1 or re.search(r"[^\w\s]|[ªµº]", words[0]) or _is_telling(words[0], others)
    return others[0] if enough else "open"


def _marked_words(text: str) -> list[str]:
    """The words of ``text`` that have letters both with and without marks."""
    return [word for word in _BETWEEN.split(text)[::2] if not word.isascii() and _LETTER.search(word)]


def _reads_so(words: list[str]) -> bool:
    return all(_is_syllable(word.translate(_LOOK_ALIKES)) for word in words)


def _is_telling(word: str, charsets: list[str]) -> bool:
    """Whether one word is enough: it has letters that no language's word has where VNI or TCVN3 put them."""
    return "vni" in charsets and re.search("[aeouyAEOUY][\u00c0-\u00ff]", word) is not None


def _tcvn3() -> dict[str, str]:
    """The signs of TCVN3 by what they stand for."""
    signs = (
        "àµ á¸ ả¶ ã· ạ¹ ă¨ ằ» ắ¾ ẳ¼ ẵ½ ặÆ â© ầÇ ấÊ ẩÈ ẫÉ ậË đ® èÌ éÐ ẻÎ ẽÏ ẹÑ êª ềÒ ếÕ ểÓ ễÔ ệÖ "
        "ì× íÝ ỉØ ĩÜ ịÞ òß óã ỏá õâ ọä ô« ồå ốè ổæ ỗç ộé ơ¬ ờê ớí ởë ỡì ợî ùï úó ủñ ũò ụô ư\u00ad ừõ ứø ửö ữ÷ ựù "
        "ỳú ỷû ỹü ỵþ ýý Ă¡ Â¢ Đ§ Ê£ Ô¤ Ơ¥ Ư¦"
    )
    return {pair[1]: pair[0] for pair in signs.split(" ")}


def _vni() -> dict[str, str]:
    """The letters and pairs of letters of VNI by what they stand for, small and capital."""
    tones = dict(zip("ùøûõï", "\u0301\u0300\u0309\u0303\u0323", strict=True))
    circumflex = dict(zip("âáàåãä", ("", *tones.values()), strict=True))
    breve = dict(zip("êéèúüë", ("", *tones.values()), strict=True))
    signs = {"ñ": "đ", "ô": "ơ", "ö": "ư", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
    signs |= {base + sign: base + tone for base in "aeouy" for sign, tone in tones.items()}
    signs |= {base + sign: base + "\u0302" + tone for base in "aeo" for sign, tone in circumflex.items()}
    signs |= {"a" + sign: "a\u0306" + tone for sign, tone in breve.items()}
    signs |= {"ô" + sign: "ơ" + tone for sign, tone in tones.items()}
    signs |= {"ö" + sign: "ư" + tone for sign, tone in tones.items()}
    small = {old: unicodedata.normalize("NFC", new) for old, new in signs.items()}
    capital = {old.upper(): new.upper() for old, new in small.items()}
    mixed = {old[0].upper() + old[1:]: new.upper() for old, new in small.items() if len(old) == 2}
    return small | capital | mixed


class _Charset(NamedTuple):
    signs: dict[str, str]
    pattern: re.Pattern[str]


def _charset(signs: dict[str, str]) -> _Charset:
    longest_first = sorted(signs, key=len, reverse=True)
    return _Charset(signs, re.compile("|".join(map(re.escape, longest_first))))


_CHARSETS: Final = {"tcvn3": _charset(_tcvn3()), "vni": _charset(_vni())}


def _converted(text: str, name: str) -> str:
    signs, pattern = _CHARSETS[name]
    return "".join(
        word if word.isascii() else _in_one_case(word, pattern.sub(lambda sign: signs[sign[0]], word))
        for word in _BETWEEN.split(text)
    )


def _in_one_case(old: str, new: str) -> str:
    """TCVN3 has no capitals with tones: of a word in capitals the others were typed small."""
    plain = [letter for letter in old if letter.isascii() and letter.isalpha()]
    return new.upper() if len(plain) > 1 and all(letter.isupper() for letter in plain) else new


_ONSETS: Final = "ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdđghklmnprstvx]"
_RHYMES: Final = (
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo ep et "
    "ê êch êm ên êng ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu o oa oac oach oai oam oan "
    "oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông "
    "ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt up ut uơ uy "
    "uya uych uyên uyêt uyn uynh uyt uyu ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y ych yêm yên "
    "yêng yêt yêu ynh yt"
)
_SYLLABLE: Final = re.compile(f"(?:{_ONSETS})?(?:{'|'.join(sorted(_RHYMES.split(), key=len, reverse=True))})")
_TONES: Final = "\u0300\u0301\u0303\u0309\u0323"
#: Before these ends only the sharp and the heavy tone are spoken.
_STOPS: Final = ("c", "ch", "p", "t")


@lru_cache(maxsize=20_000)
def _is_syllable(word: str) -> bool:
    """Whether ``word`` is spelled as a Vietnamese syllable is; whether it means anything is not asked."""
    if not word.isupper() and word[1:] != word[1:].lower():
        return False
    parts = unicodedata.normalize("NFD", word.lower())
    tones = [sign for sign in parts if sign in _TONES]
    if len(tones) > 1:
        return False
    letters = unicodedata.normalize("NFC", "".join(sign for sign in parts if sign not in _TONES))
    if tones and tones[0] not in "\u0301\u0323" and letters.endswith(_STOPS):
        return False
    return _SYLLABLE.fullmatch(letters) is not None
