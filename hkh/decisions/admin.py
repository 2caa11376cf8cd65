"""Decisions in the administration: drafted and put together here, looked at, carried out and undone by the verbs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hkh.core.money import dong, format_number
from hkh.decisions import actions
from hkh.decisions.plan import Plan
from members.admin import ByVerb, VerbForm
from members.models import Change, Decision
from members.rules import is_administrator

_FACTS = ("number", "signed_on", "issuer", "subject", "effective_on", "note")


class DecisionForm(VerbForm):
    """Drafts a decision; of a draft puts right what is written down."""

    class Meta:
        model = Decision
        fields = ("unit", *_FACTS)

    def verb(self, said: dict[str, Any]) -> Decision:
        if self.instance.pk is None:
            return actions.draft_decision(by=self.by, **said)
        facts = {name: said[name] for name in _FACTS if name in said}
        return actions.edit_decision(decision=self.instance, revision=self.instance.revision, by=self.by, **facts)


class ChangeForm(VerbForm):
    """Adds a change at the end of a draft."""

    class Meta:
        model = Change
        fields = (
            "decision",
            "kind",
            "unit",
            "code",
            "name",
            "unit_kind",
            "place",
            "tier",
            "parent",
            "parent_change",
            "target",
            "target_change",
            "share",
            "fund_rule",
            "cash_vnd",
            "goods_vnd",
        )

    def verb(self, said: dict[str, Any]) -> Change:
        given = {name: value for name, value in said.items() if value not in (None, "")}
        return actions.add_change(by=self.by, **given)


class ChangeInline(admin.TabularInline):
    """The changes in their order; they are added and taken out by themselves."""

    model = Change
    fields = readonly_fields = ("position", "kind", "unit", "code", "name", "tier", "parent", "target", "share")
    extra = 0
    can_delete = False
    show_change_link = True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_administrator(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class _NoSheets(ByVerb):
    """A decision comes in by its own sheet, not by the administration's."""

    def has_import_permission(self, request: HttpRequest) -> bool:
        return False

    has_export_permission = has_import_permission


@admin.register(Decision)
class DecisionAdmin(_NoSheets):
    form = DecisionForm
    list_display = ("number", "subject", "unit", "effective_on", "state", "applied_at", "undone_at")
    list_filter = ("state", "effective_on")
    list_select_related = ("unit",)
    search_fields = ("number", "subject", "issuer")
    autocomplete_fields = ("unit",)
    inlines = (ChangeInline,)
    actions = ("look", "carry_out", "take_back", "undo")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        return Decision.objects.visible_to(request.user).order_by("-effective_on", "-pk")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        done = ("state", "trouble", "decided_by", "applied_by", "applied_at", "undone_by", "undone_at")
        if obj is None:
            return ()
        return ("unit", *done) if obj.is_draft else ("unit", *_FACTS, *done)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.is_draft)

    def delete_model(self, request: HttpRequest, obj: Decision) -> None:
        actions.discard_decision(decision=obj, by=request.user)  # type: ignore[arg-type]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Decision]) -> None:
        for decision in queryset:
            self.delete_model(request, decision)

    @admin.action(description=gettext_lazy("Show what would be done"))
    def look(self, request: HttpRequest, queryset: QuerySet[Decision]) -> None:
        def show(decision: Decision) -> str:
            plan = actions.preview_decision(decision=decision, by=request.user)  # type: ignore[arg-type]
            for fault in plan.faults:
                messages.error(request, f"{decision}: {fault.sentence}")
            for note in plan.notes:
                messages.warning(request, f"{decision}: {note}")
            return summary(plan)

        self._each(request, queryset, show)

    @admin.action(description=gettext_lazy("Carry out"))
    def carry_out(self, request: HttpRequest, queryset: QuerySet[Decision]) -> None:
        def apply(decision: Decision) -> str:
            by: Any = request.user
            plan = actions.preview_decision(decision=decision, by=by)
            done = actions.apply_decision(decision=decision, basis=plan.basis, by=by)
            return f"{done.get_state_display()}. {summary(plan)}"

        self._each(request, queryset, apply)

    @admin.action(description=gettext_lazy("Take back into draft"))
    def take_back(self, request: HttpRequest, queryset: QuerySet[Decision]) -> None:
        by: Any = request.user
        self._each(request, queryset, lambda one: actions.unschedule_decision(decision=one, by=by).get_state_display())

    @admin.action(description=gettext_lazy("Undo"))
    def undo(self, request: HttpRequest, queryset: QuerySet[Decision]) -> None:
        by: Any = request.user
        self._each(request, queryset, lambda one: actions.undo_decision(decision=one, by=by).get_state_display())

    def _each(self, request: HttpRequest, queryset: QuerySet[Decision], verb: Callable[[Decision], str]) -> None:
        """``verb`` for each decision on its own; what is refused is said, a sentence each."""
        for decision in queryset:
            try:
                messages.info(request, f"{decision}: {verb(decision)}")
            except ValidationError as refusal:
                for sentence in refusal.messages:
                    messages.error(request, f"{decision}: {sentence}")
            except (PermissionDenied, Http404):
                messages.error(request, _("Your role does not allow this here. Ask the administrator for the right."))


@admin.register(Change)
class ChangeAdmin(_NoSheets):
    form = ChangeForm
    list_display = ("decision", "position", "kind", "unit", "name", "target", "share")
    list_filter = ("kind",)
    list_select_related = ("decision", "unit", "target")
    autocomplete_fields = ("decision", "unit", "place", "parent", "target")
    raw_id_fields = ("parent_change", "target_change")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Change]:
        seen = Decision.objects.visible_to(request.user).values("pk")
        return super().get_queryset(request).filter(decision__in=seen).order_by("-decision", "position")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was added wrongly is taken out and added anew."""
        return False

    def delete_model(self, request: HttpRequest, obj: Change) -> None:
        actions.remove_change(change=obj, by=request.user)  # type: ignore[arg-type]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> None:
        for change in queryset:
            self.delete_model(request, change)


def summary(plan: Plan) -> str:
    """The plan in one sentence."""
    return _(
        "%(closed)s units close, %(opened)s open, %(moved)s change; %(members)s members move; %(money)s handed over."
    ) % {
        "closed": format_number(len(plan.closed)),
        "opened": format_number(len(plan.opened)),
        "moved": format_number(len(plan.moved)),
        "members": format_number(plan.members_moving),
        "money": dong(plan.handed_over_vnd),
    }
