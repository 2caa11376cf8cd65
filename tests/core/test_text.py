from __future__ import annotations

import csv
import random
import unicodedata
from pathlib import Path
from typing import Literal

import pytest
from django.db import connection, models
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hkh.core.text import SearchKey, SortKey, TitleKey, clean, name_key, search_key, sort_key, title_key

NAMES = Path(__file__).parents[2] / "hkh/demo/data/vn_names.csv"
VIETNAMESE = "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ"
KEYS = {"hkh_search_key": search_key, "hkh_sort_key": sort_key, "hkh_title_key": title_key}

Form = Literal["NFC", "NFD"]

#: Person names in the order in which a Vietnamese list has them.
PEOPLE_IN_ORDER = [
    "Lê An",
    "Nguyễn Văn An",
    "Lê Bảo Anh",
    "Lê Ánh",
    "Lê Ăn",
    "Lê Ân",
    "Phạm Thị Bính Bình",
    "Trần Văn Bình",
    "Nguyễn An Bính",
    "Nguyễn Cường",
    "Nguyễn Văn Dũng",
    "Nguyễn Văn Duy",
    "Nguyễn Văn Đặng",
    "Nguyễn Văn Đức",
    "Trần Văn Hoa",
    "Lê Thị Hoà",
    "Lê Thị Hòa",
    "Lê Thị Hoả",
    "Lê Thị Hoã",
    "Lê Thị Hoá",
    "Lê Thị Hoạ",
    "Lê Thị Hoan",
    "Đỗ Thị Hương",
    "Nguyễn Thị Hương",
    "Nguyễn Thị Ái Hương",
    "Nguyễn Thị Thu Hương",
    "Nguyễn Văn Ích",
    "Lê Mùi",
    "Thomas Müller",
    "Lê Oanh",
    "Lê Ông",
    "Lê Ơn",
    "Lê Uyên",
    "Lê Ưng",
    "Lê Vân",
    "Lê Yến",
]

#: As ICU has them (root collation with "vi" and numeric=yes).
TITLES_IN_ORDER = [
    "Chi hội Khu 1",
    "Chi hội Khu 2",
    "Chi hội Khu 10",
    "Chi hội Khu 10A",
    "Công ty TNHH Ánh Dương",
    "Dũng",
    "Duy",
    "Đặng",
    "Đức",
    "Xã Bản Nguyên",
    "Xã Bằng Luân",
    "Xã Đông Cửu",
    "Xã Đông Lĩnh",
    "Xã Đồng Lương",
    "Xã Đông Thành",
    "Xã Đồng Thịnh",
    "Xã Yên Lập",
]


def in_sql(function: str, texts: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(t) FROM unnest(%s::text[]) WITH ORDINALITY AS u(t, n) ORDER BY n", [texts])
        return [key for (key,) in cursor.fetchall()]


def people() -> list[str]:
    """Every surname, middle name and given name of the demo's list, put together at random but alike."""
    parts: dict[str, list[str]] = {}
    with NAMES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            parts.setdefault(row["kind"], []).append(row["value"])
    dice = random.Random(2)
    return [
        f"{dice.choice(parts['surname'])} {dice.choice(parts[f'middle_{sex}'])} {given_name}"
        for sex in ("male", "female")
        for given_name in parts[f"given_{sex}"]
    ]


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("  Nguyễn   Văn\tAn ", "Nguyễn Văn An"),
        ("Nguyễn\u00a0Văn\u202fAn", "Nguyễn Văn An"),
        ("Nguyễn\u200b Văn\ufeff An\u00ad", "Nguyễn Văn An"),
        (unicodedata.normalize("NFD", "Đặng Thuỳ"), "Đặng Thuỳ"),
        ("\u00d0ặng Ðức \u0189ỗ ðỗ", "Đặng Đức Đỗ đỗ"),
        ("", ""),
        (" \u00a0\u200b ", ""),
    ],
)
def test_clean(written: str, stored: str) -> None:
    assert clean(written) == stored


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Đặng  Thuỳ\u00a0Trâm ", "dang thuy tram"),
        ("\u00d0ỖNG ĐỨC", "dong duc"),
        (unicodedata.normalize("NFD", "Ước Mơ Ấm Ỷ"), "uoc mo am y"),
        ("Łódź Øresund Çelik Müller Škoda Ñandú", "lodz oresund celik muller skoda nandu"),
        ("Quỹ “Đất Tổ” số 2/2024", "quy “dat to” so 2/2024"),
        (VIETNAMESE.upper(), search_key(VIETNAMESE)),
        ("", ""),
    ],
)
def test_search_key(text: str, key: str) -> None:
    assert search_key(text) == key


def test_search_key_of_every_vietnamese_letter_is_ascii() -> None:
    assert search_key(VIETNAMESE) == (
        "a" * 18 + "bcdd" + "e" * 12 + "gh" + "i" * 6 + "klmn" + "o" * 18 + "pqrst" + "u" * 12 + "vx" + "y" * 6
    )


def test_letters_and_tones_stand_in_their_order() -> None:
    letters = list("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")
    tones = ["ma", "mà", "mả", "mã", "má", "mạ"]
    for in_order in (letters, tones):
        for key in (sort_key, title_key):
            assert sorted(set(in_order), key=key) == in_order


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_people_are_sorted_the_vietnamese_way(form: Form) -> None:
    expected = [unicodedata.normalize(form, name) for name in PEOPLE_IN_ORDER]
    shuffled = random.Random(1).sample(expected, len(expected))
    by_key = sorted(shuffled, key=lambda name: (sort_key(name).encode(), name.find("à")))
    assert [sort_key(name) for name in by_key] == [sort_key(name) for name in expected]
    assert len({sort_key(name) for name in expected}) == len(expected) - 1  # Hoà = Hòa


def test_titles_are_sorted_from_left_to_right_with_numbers_by_value() -> None:
    shuffled = random.Random(1).sample(TITLES_IN_ORDER, len(TITLES_IN_ORDER))
    assert sorted(shuffled, key=title_key) == TITLES_IN_ORDER


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nguyễn Thị Hoà", "nguyễn thị hòa"),
        ("Trần Thuỷ", "TRẦN  THỦY"),
        ("Lê Khoẻ", unicodedata.normalize("NFD", "Lê Khỏe")),
        ("Ðặng Quý", "Đặng Quý"),
    ],
)
def test_one_name_in_two_spellings_has_one_name_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), [("Lê Hoa", "Lê Hòa"), ("Lê Đức", "Lê Dức"), ("Lê Ân", "Lê Ăn")])
def test_different_names_have_different_name_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


ANY_CHARACTER = st.characters(exclude_categories=("Cs", "Cn"), exclude_characters="\x00")
LIKELY = st.sampled_from(
    VIETNAMESE
    + VIETNAMESE.upper()
    + unicodedata.normalize("NFD", VIETNAMESE)
    + "0123456789 \t\n\u00a0\u200b\u3000ÐøŁ!\"#$%{|}'-./"
)


@pytest.mark.django_db
@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(LIKELY, max_size=40) | st.text(ANY_CHARACTER, max_size=20), min_size=1, max_size=60))
@example(["", " ", "  a", "a\u00a0", "\u200b", " \u200b a", "résumé résumés", "0000000000012 7 1234567 0"])
def test_sql_and_python_make_the_same_keys_of_anything(texts: list[str]) -> None:
    for function, twin in KEYS.items():
        assert in_sql(function, texts) == [twin(text) for text in texts]


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_sql_and_python_make_the_same_keys_of_the_demo_names(form: Form) -> None:
    texts = [unicodedata.normalize(form, text) for text in people() + PEOPLE_IN_ORDER + TITLES_IN_ORDER]
    for function, twin in KEYS.items():
        assert in_sql(function, texts) == [twin(text) for text in texts]


@pytest.mark.django_db
def test_the_database_sorts_as_python_does() -> None:
    names = people() + PEOPLE_IN_ORDER
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT t FROM unnest(%s::text[]) AS u(t) ORDER BY hkh_sort_key(t) COLLATE "C", t COLLATE "C"',
            [names],
        )
        assert [name for (name,) in cursor.fetchall()] == sorted(
            names, key=lambda name: (sort_key(name).encode(), name.encode())
        )


@pytest.mark.django_db
@pytest.mark.parametrize("function", KEYS)
def test_null_gives_null(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(NULL)")
        assert cursor.fetchone() == (None,)


@pytest.mark.django_db
@pytest.mark.parametrize("function", KEYS)
def test_the_planner_puts_the_expression_in_place_of_the_call(function: str) -> None:
    """A call for each of 530,000 rows would make the load several times slower."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE people (name varchar(200) NOT NULL)")
        cursor.execute(f"EXPLAIN (VERBOSE) SELECT {function}(name) FROM people")
        plan = " ".join(line for (line,) in cursor.fetchall())
    assert "normalize" in plan.lower()
    assert function not in plan


@pytest.mark.django_db
def test_generated_columns_are_filled_by_the_database() -> None:
    class Person(models.Model):
        full_name: models.CharField[str, str] = models.CharField(max_length=200)
        search = models.GeneratedField(
            expression=SearchKey("full_name"),
            output_field=models.TextField(db_collation="C"),
            db_persist=True,
        )
        sort = models.GeneratedField(
            expression=SortKey("full_name"), output_field=models.TextField(db_collation="C"), db_persist=True
        )
        title = models.GeneratedField(
            expression=TitleKey("full_name"), output_field=models.TextField(db_collation="C"), db_persist=True
        )

        class Meta:
            app_label = "core"
            managed = False

        def __str__(self) -> str:
            return self.full_name

    with connection.schema_editor() as editor:
        editor.create_model(Person)
    Person._default_manager.bulk_create(Person(full_name=name) for name in reversed(PEOPLE_IN_ORDER))
    rows = Person._default_manager.order_by("sort", "-pk").values_list("full_name", "search", "sort", "title")
    assert list(rows) == [(name, search_key(name), sort_key(name), title_key(name)) for name in PEOPLE_IN_ORDER]
