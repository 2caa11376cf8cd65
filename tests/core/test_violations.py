from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from hkh.core import violations
from hkh.core.violations import refusals
from members.models import Tier, User
from members.triggers.sentences import SENTENCES


def refuse(rule: str, detail: str = "NULL") -> None:
    with refusals(), connection.cursor() as cursor:
        User.objects.create(username="half-written")
        cursor.execute(f"SELECT members_refuse('{rule}', 'for the log', {detail})")


@pytest.mark.django_db
def test_a_rule_by_trigger_speaks_in_its_sentence_with_its_values() -> None:
    with pytest.raises(ValidationError) as refusal:
        refuse("tree_no_circle", """'{"unit": "Hội xã 100%"}'""")
    error = refusal.value
    assert (error.code, error.params) == ("tree_no_circle", {"unit": "Hội xã 100%"})
    assert error.messages == [SENTENCES["tree_no_circle"] % {"unit": "Hội xã 100%"}]
    assert User.objects.count() == 0


@pytest.mark.django_db
def test_a_declared_constraint_speaks_in_the_sentence_of_its_model() -> None:
    from members.models import Place

    with pytest.raises(ValidationError) as refusal, refusals():
        Place.objects.create(
            uid="a", code="1", name="A", level="commune", valid_from="2025-07-01", valid_until="2025-07-01"
        )
    assert refusal.value.code == "place_dates_in_order"


@pytest.mark.django_db
def test_a_rule_without_sentence_is_a_fault_of_ours() -> None:
    with pytest.raises(IntegrityError):
        refuse("nobody_knows")
    with pytest.raises(IntegrityError), refusals():
        Tier.objects.create(code="A", rank=None, name_vi="A", name_en="A", name_id="A")  # type: ignore[misc]


def test_a_rule_has_one_sentence() -> None:
    violations.register({"tree_no_circle": SENTENCES["tree_no_circle"]})
    with pytest.raises(ValueError, match="tree_no_circle"):
        violations.register({"tree_no_circle": "another"})
