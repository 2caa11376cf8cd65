"""Form fields that read sums and dates as people type them, and keep what was typed where they cannot."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from hkh.core.dates import format_date, parse_date, today
from hkh.core.money import parse_vnd
from hkh.core.widgets import DayInput, MoneyInput


class VndField(forms.IntegerField):
    """A sum in whole đồng, cleaned to ``int``: "1.500.000", "1,5 triệu"; see ``money.parse_vnd``.

    Stands in for a model's integer field too (``field_classes``). 0 is allowed unless ``min_value`` is 1.
    """

    widget = MoneyInput
    default_error_messages = {
        "required": _("Write the amount, for example 1.500.000 or 1,5 triệu."),
        "min_value": _("The amount must be at least %(limit_value)s đồng."),
        "max_value": _("The amount must be at most %(limit_value)s đồng."),
    }

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        return value if isinstance(value, int) else parse_vnd(str(value))


class DateVnField(forms.DateField):
    """A day, cleaned to ``date``: "5/9/2024", "05092024", "5-9-24"; see ``dates.parse_date``.

    With ``allows_future=False`` days after today are refused.
    """

    widget = DayInput
    default_error_messages = {
        "required": _("Write the date as day/month/year, for example 5/9/2024."),
        "future": _("%(day)s has not come yet. Write today's date (%(today)s) or an earlier one."),
    }

    def __init__(self, *, allows_future: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.allows_future = allows_future

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, datetime):
            return value.date()
        return value if isinstance(value, date) else parse_date(str(value))

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and not self.allows_future and value > today():
            raise ValidationError(
                self.error_messages["future"],
                code="future",
                params={"day": format_date(value), "today": format_date(today())},
            )


class DayOrYearField(forms.CharField):
    """When something was that has been: a day, cleaned to ``date``, or a year alone, cleaned to ``int``."""

    _day = DateVnField(allows_future=False)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%d/%m/%Y}" if isinstance(value, date) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        if re.fullmatch(r"\d{4}", text) and not text.startswith("0"):
            return int(text)
        return self._day.to_python(text)


class QuantityField(forms.DecimalField):
    """How many or how much, above zero, with at most three decimals: "120", "1.200", "2,5", "2.5"."""

    default_error_messages = {
        "required": _("Write how many."),
        "invalid": _("“%(text)s” is not a quantity. Write for example 120 or 2,5."),
        "min_value": _("Write a quantity above zero."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=14, decimal_places=3, min_value=Decimal("0.001"), **kwargs)
        self.widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        if isinstance(value, Decimal):
            return value
        text = "".join(str(value).split())
        if re.fullmatch(r"[1-9]\d{0,2}(\.\d{3})+", text):
            text = text.replace(".", "")
        elif not re.fullmatch(r"\d+([.,]\d{1,3})?", text):
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"text": value})
        return Decimal(text.replace(",", "."))


class ForeignField(forms.DecimalField):
    """A sum of foreign money or an exchange rate: "25.450", "25.450,50", "25,450.50", "1.08".

    A dot before three digits marks thousands, as in amounts; one comma there could be read in two ways and is refused.
    """

    default_error_messages = {
        "invalid": _("“%(text)s” is not a number. Write for example 25.450 or 1,08."),
        "two_ways": _("“%(text)s” can be read in two ways. Write %(whole)s or %(part)s."),
    }

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values or isinstance(value, Decimal):
            return super().to_python(value)
        text = "".join(str(value).split())
        if doubtful := re.fullmatch(r"-?([1-9]\d{0,2}),(\d{3})", text):
            said = {"text": value, "whole": f"{doubtful[1]}.{doubtful[2]}", "part": f"{doubtful[1]},{doubtful[2]}0"}
            raise ValidationError(self.error_messages["two_ways"], code="two_ways", params=said)
        if re.fullmatch(r"-?[1-9]\d{0,2}(\.\d{3})+(,\d+)?", text):
            text = text.replace(".", "")
        elif re.fullmatch(r"-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", text):
            text = text.replace(",", "")
        elif not re.fullmatch(r"-?\d+([.,]\d+)?", text):
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"text": value})
        return Decimal(text.replace(",", "."))
