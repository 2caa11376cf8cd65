"""Keys by which Vietnamese text is searched and sorted, made by the database itself.

No ICU, no ``unaccent`` and no operating system's locale has a part in it: what they answer differs from
server to server, and a stored column may only hold what every server makes alike. ``lower(… COLLATE "C")``
touches ASCII alone, ``normalize`` follows Unicode, the rest is spelled out here. ``hkh.core.text`` holds
the same rules in Python; a parity test binds the two.

What makes them bearable in COPY of a whole register:
each is one expression of immutable built-ins, which the planner puts in place of the call (STRICT would
forbid that beside CASE; NULL gives NULL all the same); a name that is clean Vietnamese, as nearly all are,
takes the short way; and ``replace`` is five times as fast as ``translate`` with as many letters.
The bodies are parsed when created (``RETURN``), so a restore under an empty search_path still works.
"""

from functools import reduce

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations

VIETNAMESE = "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ"
#: Words of ASCII and Vietnamese letters with single plain spaces between.
USUAL = f"^[!-~{VIETNAMESE}]+( [!-~{VIETNAMESE}]+)*$"

#: Combining marks, soft hyphen, zero-width and direction marks: no part of any key.
IGNORED = r"[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]+"
SPACES = r"\t\n\v\f\r\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"

# Grave, hook above, tilde, acute, dot below, in the order of the tones; breve, circumflex, horn.
TONES = (r"\0300", r"\0309", r"\0303", r"\0301", r"\0323")
SHAPES = (r"\0306", r"\0302", r"\031B")
#: The letters with a stroke, which Unicode does not take apart; Ð (U+00D0) is often found for Đ.
STROKED = {"đ": "d", "Đ": "d", "Ð": "d", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l"}

PLAIN = {**dict.fromkeys((*TONES, *SHAPES), ""), **STROKED}
#: In letters whose C order is the Vietnamese one: the shape of a letter becomes a sign after z
#: (a a{ a| … d d{ e e| … o o| o} … u u}), its tone a sign before the digits.
SPELLED = {**dict(zip((*TONES, *SHAPES), '!"#$%{|}')), **STROKED, **dict.fromkeys("đĐÐ", "d{")}
ONLY_IN_UNUSUAL = "ÐøØłŁ"


def replaced(expression: str, letters: dict[str, str]) -> str:
    return reduce(lambda inner, pair: f"replace({inner}, U&'{pair[0]}', '{pair[1]}')", letters.items(), expression)


def lowered(expression: str) -> str:
    """Decomposed (capital Ấ = A and two marks), so that ASCII's lower case is enough."""
    return f"""lower(normalize({expression}, NFKD) COLLATE "C")"""


def spaced(expression: str) -> str:
    """One plain space between words, none around."""
    return f"""btrim(regexp_replace({expression} COLLATE "C", '[ {SPACES}]+', ' ', 'g'))"""


def quick(expression: str, letters: dict[str, str]) -> str:
    """For usual text: its letters replaced, nothing else to be found in it."""
    return replaced(lowered(expression), {a: b for a, b in letters.items() if a not in ONLY_IN_UNUSUAL})


def careful(expression: str, letters: dict[str, str]) -> str:
    """For any text."""
    return f"""regexp_replace({replaced(lowered(expression), letters)}, '{IGNORED}', '', 'g')"""


def case(usual: str, unusual: str) -> str:
    return f"""CASE WHEN value COLLATE "C" ~ '{USUAL}' THEN {usual} ELSE {unusual} END"""


search_key = case(quick("value", PLAIN), spaced(careful("value", PLAIN)))


def parts(v: str) -> str:
    """Given name, middle names, family name, a tab between: cut out of plain text, where cutting is cheap."""
    given, first_space = f"split_part({v}, ' ', -1)", f"position(' ' in {v})"
    middle = f"substr(left({v}, length({v}) - length({given})), 1 + {first_space})"
    return rf"""{given} || E'\t' || {middle} || E'\t' || left({v}, {first_space})"""


def toned(expression: str) -> str:
    """The tone moved to the end of its word: first the letters of a name count, then its tone."""
    return rf"""regexp_replace({expression}, '([!-%])([^\t !-%]+)', '\2\1', 'g')"""


sort_key = case(toned(quick(parts("value"), SPELLED)), toned(careful(parts(spaced("value")), SPELLED)))

# All the letters, each number padded with zeros to six digits; a tab; all the tones.
spelled = careful(spaced("value"), SPELLED)
numbered = rf"regexp_replace(regexp_replace({spelled}, '([0-9]+)', '00000\1', 'g'), '0+([0-9]{{6}})', '\1', 'g')"
letters_only = f"regexp_replace({numbered}, '[!-%]+', '', 'g')"
tones_only = f"regexp_replace({spelled}, '[^ !-%]+', '', 'g')"
title_key = rf"rtrim({letters_only} || E'\t' || {tones_only}, E' \t')"


def function(name: str, body: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        [f"CREATE FUNCTION {name}(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN {body}"],
        [f"DROP FUNCTION {name}(text)"],
    )


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        TrigramExtension(),
        BtreeGistExtension(),
        function("hkh_search_key", search_key),
        function("hkh_sort_key", sort_key),
        function("hkh_title_key", title_key),
    ]
