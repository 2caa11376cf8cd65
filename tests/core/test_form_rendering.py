"""Django's forms in our dress."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget

from hkh.core.fields import VndField
from hkh.core.form_rendering import LabelledField
from hkh.core.widgets import Combobox, grouped

CHOICES = [("a", "A"), ("b", "B")]


class Sample(forms.Form):
    name = forms.CharField(label="Họ và tên", help_text="Như trong giấy khai sinh")
    note = forms.CharField(label="Ghi chú", required=False, widget=forms.Textarea)
    kind = forms.ChoiceField(label="Loại", choices=CHOICES)
    form_of_gift = forms.ChoiceField(label="Hình thức", choices=CHOICES, widget=forms.RadioSelect)
    is_open = forms.BooleanField(label="Đang mở", required=False)
    amount_vnd = VndField(label="Số tiền")
    unit = forms.CharField(label="Đơn vị", widget=Combobox("/tim/", lambda key: f"Hội {key}"))
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


@pytest.mark.parametrize(
    ("field", "css"),
    [("name", "form-control"), ("note", "form-control"), ("kind", "form-select"), ("is_open", "form-check-input")],
)
def test_each_kind_of_control_has_its_class(field: str, css: str) -> None:
    assert f'class="{css}"' in str(Sample()[field])


def test_hidden_fields_and_groups_have_none() -> None:
    assert [str(Sample()[field]).count("class=") for field in ("secret", "form_of_gift")] == [0, 0]


def test_the_admin_keeps_its_own_classes() -> None:
    class Foreign(forms.Form):
        name = forms.CharField(widget=AdminTextInputWidget)

    assert 'class="vTextField"' in str(Foreign()["name"])


def test_only_what_may_be_left_out_is_marked() -> None:
    marked = {field.name for field in Sample().visible_fields() if "optional" in field.as_field_group()}
    assert marked == {"note"}


def test_a_refusal_stands_at_its_field_and_is_named_by_it() -> None:
    form = Sample({"name": "", "amount_vnd": "12 con gà"})
    name = form["name"].as_field_group()
    assert 'aria-invalid="true"' in name
    described = re.search(r'aria-describedby="([^"]+)"', name)
    assert described is not None
    assert described[1].split() == ["id_name_helptext", "id_name_error"]
    assert all(f'id="{part}"' in name for part in described[1].split())
    assert 'value="12 con gà"' in form["amount_vnd"].as_field_group()


def test_every_field_with_an_error_is_linked_from_the_summary() -> None:
    form = Sample({})
    assert form.is_valid() is False
    html = str(form)
    linked = set(re.findall(r'<a href="#([^"]+)">', html))
    assert linked == {f"id_{name}" for name in form.errors}
    assert all(f'id="{target}"' in html for target in linked)


def test_a_combobox_shows_the_name_and_posts_the_key() -> None:
    html = str(Sample({"unit": "K1"})["unit"])
    assert '<input type="hidden" name="unit" value="K1">' in html
    assert 'value="Hội K1"' in html
    assert html.count('name="') == 1


def test_an_unbound_form_has_no_summary_and_is_ours() -> None:
    form = Sample()
    assert "error-summary" not in str(form)
    assert isinstance(form["name"], LabelledField)


@pytest.mark.parametrize(
    ("amount_vnd", "shown"), [(0, "0"), (999, "999"), (1_500_000, "1.500.000"), (-2_000, "-2.000")]
)
def test_sums_are_grouped_with_dots(amount_vnd: int, shown: str) -> None:
    assert grouped(amount_vnd) == shown
