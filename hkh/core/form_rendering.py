"""How Django draws forms here: ``{{ form }}`` and ``{{ field.as_field_group }}`` come out as ours everywhere."""

from __future__ import annotations

from typing import Any

from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select, Widget
from django.forms.renderers import TemplatesSetting


class LabelledField(BoundField):
    """A field whose control carries the class that its kind of control is styled by."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: Widget | None = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        built = super().build_widget_attrs(attrs, widget)
        # The admin's widgets bring classes that its own scripts look for, and its own stylesheet.
        if not type(widget).__module__.startswith("django.contrib.admin"):
            own = f"{widget.attrs.get('class', '')} {built.get('class', '')}"
            if classes := f"{own} {control_class(widget)}".strip():
                built["class"] = classes
        return built

    @property
    def is_checkbox(self) -> bool:
        return isinstance(self.field.widget, CheckboxInput)

    @property
    def is_group(self) -> bool:
        return isinstance(self.field.widget, RadioSelect | CheckboxSelectMultiple)


def control_class(widget: Widget) -> str:
    """The stylesheet's class for this kind of control."""
    # Django writes a group's class on the box around it as well as on each button in it.
    if widget.is_hidden or isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return ""
    if isinstance(widget, CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, Select) else "form-control"


class Renderer(TemplatesSetting):
    """The FORM_RENDERER of the settings."""

    form_template_name = "components/_form.html"
    formset_template_name = "components/_formset.html"
    field_template_name = "components/_field.html"
    bound_field_class = LabelledField
