"""What is typed about a handing-out."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funds.forms import OnceForm
from funds.models import Stock
from hkh.core.dates import today
from hkh.core.fields import DateVnField, QuantityField
from hkh.core.money import format_number, format_quantity
from scholarships.forms import GivingForm
from scholarships.models import (
    MOST_AWARDS,
    Award,
    AwardState,
)


class DistributionForm(GivingForm, OnceForm):
    """A handing-out: date, place, document, of each award how many; and, for awards in goods, of which goods."""

    held_on = DateVnField(label=gettext_lazy("Date"), allows_future=False)
    venue = forms.CharField(label=gettext_lazy("Venue"), max_length=160, required=False)
    document = forms.CharField(
        label=gettext_lazy("Document"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Number of the list that was signed."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args: Any, awards: Sequence[Award], stocks: Sequence[Stock] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.awards, self.stocks = list(awards), list(stocks)
        self.fields["held_on"].initial = today
        for award in self.awards:
            self.fields[_count_of(award)] = forms.IntegerField(
                label=_("Number for %(who)s") % {"who": award.recipient_name or award.get_beneficiary_group_display()},
                required=False,
                min_value=0,
                max_value=MOST_AWARDS,
                initial=award.remaining_count,
                widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "data-count": ""}),
            )

        for stock in self.stocks:
            field = QuantityField(label=_("How many of “%(goods)s”") % {"goods": stock.item.name}, required=False)
            field.widget.attrs["data-goods-count"] = ""
            self.fields[_quantity_of(stock)] = field

    @property
    def goods_rows(self) -> list[tuple[Stock, forms.BoundField]]:
        return [(stock, self[_quantity_of(stock)]) for stock in self.stocks]

    @property
    def rows(self) -> list[tuple[Award, forms.BoundField]]:
        return [(award, self[_count_of(award)]) for award in self.awards]

    @property
    def head(self) -> list[forms.BoundField]:
        return [self[name] for name in ("held_on", "venue", "document", "note")]

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        counts = {award: said.get(_count_of(award)) or 0 for award in self.awards}
        for award, count in counts.items():
            if count <= award.remaining_count:
                continue
            if award.state == AwardState.APPROVED:
                left = format_number(award.remaining_count)
                sentence = _("Only %(left)s are left to hand out. Lower the number.") % {"left": left}
            else:
                sentence = _("This award is not approved any more. Write 0.")
            self.add_error(_count_of(award), sentence)
        for stock, quantity in self.goods():
            if quantity > stock.quantity:
                told = {"left": format_quantity(stock.quantity), "measure": stock.item.measure}
                sentence = _("Only %(left)s %(measure)s of these goods are there. Lower the quantity.") % told
                self.add_error(_quantity_of(stock), sentence)
        if not any(counts.values()) and not self.errors:
            raise ValidationError(_("Write of at least one award how many were handed out."), code="no_awards")
        return said

    def lines(self) -> list[tuple[Award, int]]:
        counted = ((award, self.cleaned_data.get(_count_of(award)) or 0) for award in self.awards)
        return [(award, count) for award, count in counted if count]

    def goods(self) -> list[tuple[Stock, Decimal]]:
        """Of which stock how many. Who writes what is shown of a stock means all of it, to the last decimal."""
        typed = [(stock, self.cleaned_data.get(_quantity_of(stock))) for stock in self.stocks]
        return [
            (stock, stock.quantity if format_quantity(quantity) == format_quantity(stock.quantity) else quantity)
            for stock, quantity in typed
            if quantity
        ]


def _quantity_of(stock: Stock) -> str:
    return f"goods_{stock.pk}"


def _count_of(award: Award) -> str:
    return f"count_{award.pk}"


class VoidDistributionForm(GivingForm, forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why it is voided"), max_length=240)
    on = DateVnField(label=gettext_lazy("Date of the void"), allows_future=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today
