"""What we say in place of the libraries is still what they ask for."""

import ast
from importlib.util import find_spec
from pathlib import Path

import polib

from hkh.core import borrowed

#: Catalogues that hold every text of their library.
CATALOGUES = {
    "django": ("conf/locale/en", "contrib/admin/locale/en", "contrib/auth/locale/en"),
    "axes": ("locale/id",),
    "import_export": ("locale/de",),
}


def borrowed_texts() -> set[str]:
    calls = (node for node in ast.walk(ast.parse(Path(borrowed.__file__).read_text("utf-8"))) if type(node) is ast.Call)
    return {str(text.value) for call in calls for text in call.args if isinstance(text, ast.Constant)}


def asked_for() -> set[str]:
    texts = set()
    for library, folders in CATALOGUES.items():
        spec = find_spec(library)
        assert spec is not None
        assert spec.origin is not None
        for folder in folders:
            path = Path(spec.origin).parent / folder / "LC_MESSAGES" / "django.po"
            texts |= {text for entry in polib.pofile(str(path)) for text in (entry.msgid, entry.msgid_plural)}
    return texts


def test_every_text_is_one_that_its_library_asks_for() -> None:
    assert borrowed_texts() - asked_for() == set()
