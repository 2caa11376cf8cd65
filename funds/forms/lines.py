"""Several lines of one kind in a form: seats on a board, shares of a gift, goods, givers, instalments."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from funds.models import BoardBody
from hkh.core.fields import DateVnField


class Lines(forms.BaseFormSet):
    """Lines that may stay empty; ``said`` are those in which something was typed."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "use_required_attribute": False}

    def said(self) -> list[dict[str, Any]]:
        """What was typed, line by line, in order. Call once the lines are valid."""
        return [form.cleaned_data for form in self.forms if form.has_changed()]

    @property
    def columns(self) -> list[Any]:
        """The headings of the lines."""
        return [field for field in self.empty_form if not field.is_hidden]

    @property
    def has_trouble(self) -> bool:
        return self.is_bound and (bool(self.total_error_count()) or bool(self.non_form_errors()))


def lines_of(form: type[forms.Form], *, prefix: str, extra: int = 2, most: int = 50) -> type[Lines]:
    """Lines of ``form``; ``extra`` empty ones are offered, ``most`` are taken."""
    made: Any = forms.formset_factory(
        form, formset=Lines, extra=extra, max_num=most, absolute_max=most * 2, validate_max=True
    )
    made.get_default_prefix = classmethod(lambda cls: prefix)
    lines: type[Lines] = made
    return lines


class SeatForm(forms.Form):
    """One seat on a board."""

    id = forms.IntegerField(widget=forms.HiddenInput, required=False)
    body = forms.ChoiceField(label=gettext_lazy("Body"), choices=BoardBody.choices)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    position = forms.CharField(label=gettext_lazy("Position"), max_length=80, required=False)
    since = DateVnField(label=gettext_lazy("Since"))
    until = DateVnField(label=gettext_lazy("Until"), required=False)

    def has_changed(self) -> bool:
        """A line with nothing but the body chosen is an empty one."""
        return bool({*self.changed_data} - {"body", "id"}) or bool(self.initial.get("id"))


SeatLines = lines_of(SeatForm, prefix="seats", extra=3)
