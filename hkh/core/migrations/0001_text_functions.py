"""Keys by which Vietnamese text is searched and sorted, made by the database itself.

No ICU, no ``unaccent`` and no operating system's locale has a part in it: what they answer differs from
server to server, and a stored column may only hold what every server makes alike. ``lower(… COLLATE "C")``
touches ASCII alone, ``normalize`` follows Unicode, the rest is spelled out here. ``hkh.core.text`` holds
the same rules in Python; a parity test binds the two.

The functions are single expressions of immutable built-ins, so the planner puts them in place of their
call: that makes them bearable in COPY of a whole register (measured: 2 and 4 microseconds a name). STRICT
stands where the expression is made of strict parts alone, for elsewhere it would forbid just that; NULL
gives NULL everywhere. The bodies are parsed when created (``RETURN``), so a restore under an empty
search_path still works.
"""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations

#: Combining marks, soft hyphen, zero-width and direction marks: no part of any key.
IGNORED = r"[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]+"

#: White space other than single plain spaces, which are left alone: so a clean name costs one scan.
SPACES = r"\t\n\v\f\r\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
ODD_SPACE = rf"[ {SPACES}]*[{SPACES}][ {SPACES}]*|  +"


def ignoring(expression: str) -> str:
    return f"""regexp_replace({expression}, '{IGNORED}', '', 'g')"""


def spaced(expression: str) -> str:
    """One space between words, none around."""
    return f"""btrim(regexp_replace({expression} COLLATE "C", '{ODD_SPACE}', ' ', 'g'))"""


def lowered(expression: str) -> str:
    """Decomposed (capital Ấ = A + two marks), so that ASCII's lower case is enough."""
    return f"""lower(normalize({expression}, NFKD) COLLATE "C")"""


# Marks in their order: grave, hook above, tilde, acute, dot below; breve, circumflex, horn.
TONES = r"\0300\0309\0303\0301\0323"
SHAPES = r"\0306\0302\031B"

search_key = spaced(
    ignoring(
        # đ Đ and the look-alike Ð (U+00D0); the marks of Vietnamese are dropped here already, which is cheaper.
        rf"""translate({lowered("value")}, U&'\0111\0110\00D0\00F8\00D8\0142\0141{TONES}{SHAPES}', 'dddooll')"""
    )
)


def spelled(expression: str) -> str:
    """In letters whose C order is the Vietnamese one.

    The shape of a letter becomes a sign after ``z`` (a a{ a| … d d{ e e| … o o| o} … u u}), its tone a sign
    before the digits (! " # $ %), other marks go.
    """
    letters = ignoring(
        rf"""translate({lowered(expression)}, U&'\0110\00D0\00F8\00D8\0142\0141{TONES}{SHAPES}', U&'\0111\0111ooll!"#$%{{|}}')"""
    )
    return rf"""replace({letters}, U&'\0111', 'd{{')"""


def parts(v: str) -> str:
    """Given name, middle names, family name, a tab between: cut out of plain text, where cutting is cheap."""
    given, first_space = f"split_part({v}, ' ', -1)", f"position(' ' in {v})"
    middle = f"substr(left({v}, length({v}) - length({given})), 1 + {first_space})"
    return rf"""{given} || E'\t' || {middle} || E'\t' || left({v}, {first_space})"""


# A name is clean already but for one in thousands; looking is cheaper than cleaning it for every part.
name = rf"""CASE WHEN value COLLATE "C" ~ '^ |[{SPACES}]|  | $' THEN {parts(spaced("value"))} ELSE {parts("value")} END"""
# The tone moves to the end of its word: first the letters of a name count, then its tone.
toned = rf"""regexp_replace({spelled(name)}, '([!-%])([^\t !-%]+)', '\2\1', 'g')"""
sort_key = rf"""rtrim(replace({toned}, E' \t', E'\t'), E' \t')"""

# All the letters, a tab, all the tones; each number padded with zeros to six digits.
numbered = rf"""regexp_replace(regexp_replace({spelled(spaced("value"))}, '([0-9]+)', '00000\1', 'g'), '0+([0-9]{{6}})', '\1', 'g')"""
title_key = (
    rf"""rtrim(regexp_replace({numbered}, '[!-%]+', '', 'g') || E'\t' ||"""
    rf""" regexp_replace({spelled(spaced("value"))}, '[^ !-%]+', '', 'g'), E' \t')"""
)


def function(name: str, body: str, *, strict: str = "STRICT") -> migrations.RunSQL:
    return migrations.RunSQL(
        [
            f"CREATE FUNCTION {name}(value text) RETURNS text"
            f" LANGUAGE sql IMMUTABLE PARALLEL SAFE {strict} RETURN {body}"
        ],
        [f"DROP FUNCTION {name}(text)"],
    )


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        TrigramExtension(),
        BtreeGistExtension(),
        function("hkh_search_key", search_key),
        function("hkh_sort_key", sort_key, strict=""),
        function("hkh_title_key", title_key),
    ]
