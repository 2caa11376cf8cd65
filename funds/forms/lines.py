"""Several lines of one kind in a form: seats on a board, shares of a gift, goods, givers, instalments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from funds.models import MOST_VND, BoardBody, Fund, Valuation
from hkh.core.fields import DateVnField, QuantityField, VndField


class Lines(forms.BaseFormSet):
    """Lines that may stay empty; ``said`` are those in which something was typed.

    What is sent counts as it stands: a line is never taken for unchanged because it was shown so.
    """

    def __init__(self, data: Any = None, *args: Any, initial: Any = None, **kwargs: Any) -> None:
        kwargs["initial"] = None if data else initial
        super().__init__(data, *args, **kwargs)

    def initial_form_count(self) -> int:
        return 0 if self.is_bound else super().initial_form_count()

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
        """A new line with nothing but the body chosen is an empty one; a seat that is there keeps its name."""
        return bool({*self.changed_data} - {"body"})


SeatLines = lines_of(SeatForm, prefix="seats", extra=3)


class ShareForm(forms.Form):
    """How much of a gift goes into one fund."""

    fund = forms.ModelChoiceField(Fund.unscoped.none(), label=gettext_lazy("Fund"), empty_label="")
    amount_vnd = VndField(label=gettext_lazy("Amount (đồng)"), min_value=1, max_value=MOST_VND)


class GoodsForm(forms.Form):
    """One kind of goods."""

    what = forms.CharField(label=gettext_lazy("What"), max_length=120)
    quantity = QuantityField(label=gettext_lazy("Quantity"))
    measure = forms.CharField(label=gettext_lazy("Measure"), max_length=24)
    unit_value_vnd = VndField(label=gettext_lazy("Value of one (đồng)"), min_value=1, max_value=MOST_VND)
    valuation = forms.ChoiceField(label=gettext_lazy("How valued"), choices=Valuation.choices)
    valued_by = forms.CharField(label=gettext_lazy("Valued by"), max_length=120, required=False)

    def has_changed(self) -> bool:
        """A line with nothing but the way of valuing chosen is an empty one."""
        return bool({*self.changed_data} - {"valuation"})


class GiverForm(forms.Form):
    """Somebody on whose behalf the gift is handed over."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    amount_vnd = VndField(label=gettext_lazy("Amount (đồng)"), min_value=1, max_value=MOST_VND, required=False)
    note = forms.CharField(label=gettext_lazy("Note"), max_length=120, required=False)


ShareLines = lines_of(ShareForm, prefix="shares", extra=2, most=20)
GoodsLines = lines_of(GoodsForm, prefix="lines", extra=3)
GiverLines = lines_of(GiverForm, prefix="givers", extra=3, most=200)


class LevelForm(forms.Form):
    """From which sum on the roll of honour names a donor so."""

    name = forms.CharField(label=gettext_lazy("Level"), max_length=80)
    least_vnd = VndField(label=gettext_lazy("From (đồng)"), min_value=1, max_value=MOST_VND)


LevelLines = lines_of(LevelForm, prefix="levels", extra=2, most=12)


class Beside:
    """What stands beside a gift in its form: shares, lines of goods, givers. What was not sent at all is empty."""

    def __init__(self, data: Any, *, funds: QuerySet[Fund], initial: Mapping[str, list[dict[str, Any]]]) -> None:
        kinds: dict[str, type[Lines]] = {"shares": ShareLines, "lines": GoodsLines, "givers": GiverLines}
        self.all = {
            name: kind(data if data and f"{name}-TOTAL_FORMS" in data else None, initial=initial.get(name))
            for name, kind in kinds.items()
        }
        self.shares, self.lines, self.givers = self.all["shares"], self.all["lines"], self.all["givers"]
        for form in [*self.shares.forms, self.shares.empty_form]:
            form.fields["fund"].queryset = funds

    def is_valid(self) -> bool:
        """Whether every line can be read."""
        read = [lines.is_valid() for lines in self.all.values() if lines.is_bound]
        return all(read)

    def said(self, name: str) -> list[dict[str, Any]]:
        """The lines of one kind in which something was typed."""
        lines = self.all[name]
        return lines.said() if lines.is_bound and lines.is_valid() else []

    @property
    def is_split(self) -> bool:
        """Whether anything stands in the shares, be it right or wrong."""
        return self.shares.is_bound and any(form.has_changed() for form in self.shares.forms)

    @property
    def has_lines(self) -> bool:
        return self.lines.is_bound and any(form.has_changed() for form in self.lines.forms)

    def gift(self) -> dict[str, Any]:
        """What the verb asks for beside the columns."""
        return {
            "shares": [(share["fund"], share["amount_vnd"]) for share in self.said("shares")],
            "lines": self.said("lines"),
            "givers": self.said("givers"),
        }
