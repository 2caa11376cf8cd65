"""Controls of our own: money, dates, and the combobox that picks one of thousands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.urls import reverse_lazy


def grouped(amount_vnd: int) -> str:
    """1500000 -> "1.500.000" in every language: a money field is typed and read with dots."""
    return f"{amount_vnd:,}".replace(",", ".")


class MoneyInput(forms.TextInput):
    """A sum in đồng: groups the digits while typing and says the amount in words below."""

    template_name = "components/widgets/money.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", **(attrs or {})})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["words_url"] = reverse_lazy("core:amount-words")
        return context

    def format_value(self, value: Any) -> str | None:
        """Digits in groups of three; what cannot be read stays as it was typed."""
        return grouped(value) if isinstance(value, int) else super().format_value(value)


class DayInput(forms.TextInput):
    """A date typed as 5/9/2024, 05092024 or 5-9-24, with the browser's own picker beside it."""

    template_name = "components/widgets/day.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "numeric", "autocomplete": "off", **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        return f"{value:%d/%m/%Y}" if isinstance(value, date) else super().format_value(value)


class Combobox(forms.Widget):
    """One of many, found by typing. Posts the chosen key; ``label_for(key)`` says how it reads.

    ``url`` answers ``?q=`` with ``<li role="option" data-value="KEY">…</li>``, twenty at the most,
    and with nothing outside the user's scope.
    """

    template_name = "components/widgets/combobox.html"

    def __init__(
        self,
        url: Any,
        label_for: Callable[[Any], str],
        placeholder: Any = "",
        attrs: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(attrs)
        self.url = url
        self.label_for = label_for
        self.placeholder = placeholder

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        text = self.label_for(value) if value not in (None, "") else ""
        context["widget"] |= {"url": self.url, "text": text, "placeholder": self.placeholder}
        return context
