"""The administration of the organisation: tiers, units, places, accounts and their roles; by sheet too.

Open to administrators at the top alone. What verbs guard is saved by the verbs.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportExportModelAdmin
from import_export.formats.base_formats import CSV, XLSX

from hkh.core.dates import today
from hkh.core.money import format_number
from hkh.core.text import search_key
from hkh.core.violations import refusals
from members import actions
from members.forms import add_refusal
from members.models import Grant, Place, PlacePopulation, Succession, Tier, TitleTarget, Unit, UnitVersion, User
from members.rules import is_administrator
from members.sheets.administration import (
    GrantResource,
    PlaceResource,
    PopulationResource,
    SuccessionResource,
    TierResource,
    UserResource,
)
from members.sheets.units import UnitResource

admin.site.unregister(Group)


class AdministratorsOnly(ImportExportModelAdmin):
    """Rows that administrators look at, change, take out and bring in."""

    formats = (XLSX, CSV)
    show_full_result_count = False

    def _is_open(self, request: HttpRequest) -> bool:
        return is_administrator(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._is_open(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_open(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._is_open(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_open(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._is_open(request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """As typed, or with the marks off, as the search keys are kept."""
        typed, typed_repeats = super().get_search_results(request, queryset, search_term)
        plain, plain_repeats = super().get_search_results(request, queryset, search_key(search_term))
        return typed | plain, typed_repeats or plain_repeats

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        made: Any = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "refusal", None)
        if refusal is None:
            return made

        def clean(form: Any) -> None:
            made.clean(form)
            form.add_error(None, refusal)

        return type(made.__name__, (made,), {"clean": clean})

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """What the database refuses at the end comes back on the form, with what was typed."""
        try:
            with refusals():
                return super().changeform_view(request, *args, **kwargs)
        except forms.ValidationError as refusal:
            setattr(request, "refusal", refusal)  # noqa: B010 (for get_form)
            return super().changeform_view(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._or_say_why_not(request, super().delete_view, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._or_say_why_not(request, super().changelist_view, *args, **kwargs)

    def _or_say_why_not(self, request: HttpRequest, view: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            with refusals():
                return view(request, *args, **kwargs)
        except forms.ValidationError as refusal:
            for sentence in refusal.messages:
                messages.error(request, sentence)
            return HttpResponseRedirect(request.get_full_path())

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self._is_open(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self._is_open(request)


class VerbForm(forms.ModelForm):
    """A form of the administration that a verb saves; what the verb refuses shows like any other error."""

    by: User
    saved: Any = None

    def verb(self, said: dict[str, Any]) -> Any:
        raise NotImplementedError

    def _post_clean(self) -> None:
        """The verb checks more than the model does, and says it better."""
        if not self.errors:
            try:
                self.saved = self.verb(dict(self.cleaned_data))
            except forms.ValidationError as refusal:
                add_refusal(self, refusal)
            except (PermissionDenied, Http404):
                self.add_error(None, _("Your role does not allow this here. Ask the administrator for the right."))


class ByVerb(AdministratorsOnly):
    """Rows that come and change by verbs."""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        made = super().get_form(request, obj, change=change, **kwargs)
        return type(made.__name__, (made,), {"by": request.user})

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        return form.saved

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The verb has done it."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing that hangs on these rows is changed here; the log of changes asks what was."""
        for formset in formsets:
            formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []

    def get_import_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        return {"user": request.user}


@admin.register(Tier)
class TierAdmin(AdministratorsOnly):
    """Tiers; their ranks change in the list, all at once, since one of them alone would often stand in the way."""

    resource_classes = (TierResource,)
    list_display = ("name_vi", "code", "rank", "stands_under", "units", "holds_members", "retired_on")
    list_editable = ("rank",)
    filter_horizontal = ("may_stand_under",)
    search_fields = ("code", "name_vi")
    fieldsets = (
        (None, {"fields": ("code", "name_vi", "name_en", "name_id")}),
        (
            _("Place in the tree"),
            {
                "fields": ("rank", "may_stand_under", "may_stand_alone", "retired_on"),
                "description": _("A change that the units standing now would break is refused, and says which."),
            },
        ),
        (_("What its units do"), {"fields": ("holds_members", "holds_funds", "owes_returns")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tier]:
        there = UnitVersion.objects.filter(tier=OuterRef("pk"), valid_until=None).order_by().values("tier")
        counted = Coalesce(Subquery(there.annotate(total=Count("pk")).values("total")), 0)
        return super().get_queryset(request).annotate(unit_count=counted).prefetch_related("may_stand_under")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A tier that ever had units is retired, not deleted."""
        is_in_use = obj is not None and UnitVersion.objects.filter(tier=obj).exists()
        return not is_in_use and super().has_delete_permission(request, obj)

    @admin.display(description=_("may stand under"))
    def stands_under(self, tier: Tier) -> str:
        return ", ".join(above.name for above in tier.may_stand_under.all()) or "–"

    @admin.display(description=_("units now"), ordering="unit_count")
    def units(self, tier: Tier) -> str:
        return format_number(tier.unit_count)  # type: ignore[attr-defined]


class PopulationInline(admin.TabularInline):
    model = PlacePopulation
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_administrator(request.user)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


@admin.register(Place)
class PlaceAdmin(AdministratorsOnly):
    resource_classes = (PlaceResource, PopulationResource)
    list_display = ("name", "level", "code", "parent", "valid_from", "valid_until")
    list_filter = ("level",)
    list_select_related = ("parent",)
    search_fields = ("name", "code", "uid")
    autocomplete_fields = ("parent",)
    inlines = (PopulationInline,)


class VersionInline(admin.TabularInline):
    """The unit through time; it changes on the unit's page, where the day is asked for."""

    model = UnitVersion
    fk_name = "unit"
    fields = readonly_fields = ("name", "tier", "parent", "valid_from", "valid_until")
    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_administrator(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class UnitForm(VerbForm):
    """Founds a unit; of a known one puts code, kind and place right."""

    class Meta:
        model = Unit
        fields = ("name", "code", "tier", "parent", "founded_on", "kind", "place")

    def verb(self, said: dict[str, Any]) -> Unit:
        if self.instance.pk is None:
            return actions.found_unit(by=self.by, **said)
        return actions.edit_unit(
            unit=self.instance,
            revision=self.instance.revision,
            code=said["code"],
            kind=said["kind"],
            place=said["place"],
            by=self.by,
        )


@admin.register(Unit)
class UnitAdmin(ByVerb):
    form = UnitForm
    resource_classes = (UnitResource,)
    list_display = ("name", "code", "tier", "kind", "parent", "founded_on", "dissolved_on")
    list_filter = ("tier", "kind")
    list_select_related = ("tier", "parent")
    search_fields = ("search_key", "versions__search_key", "code")
    autocomplete_fields = ("parent", "place")
    ordering = ("title_key", "id")
    inlines = (VersionInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Unit]:
        return Unit.objects.visible_to(request.user).order_by(*self.ordering)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("name", "tier", "parent", "founded_on") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A unit is dissolved on a day; it never was not."""
        return False


@admin.register(Succession)
class SuccessionAdmin(AdministratorsOnly):
    resource_classes = (SuccessionResource,)
    list_display = ("predecessor", "successor", "effective_on", "kind", "share", "legal_basis")
    list_filter = ("effective_on", "kind")
    list_select_related = ("predecessor", "successor")
    autocomplete_fields = ("predecessor", "successor")
    search_fields = ("predecessor__search_key", "successor__search_key")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Succession]:
        seen = Unit.objects.visible_to(request.user).values("pk")
        return super().get_queryset(request).filter(Q(predecessor__in=seen) | Q(successor__in=seen))


@admin.register(TitleTarget)
class TitleTargetAdmin(AdministratorsOnly):
    list_display = ("title", "year", "value_percent", "unit", "place", "basis")
    list_filter = ("title", "year")
    list_select_related = ("unit", "place")
    autocomplete_fields = ("unit", "place")
    search_fields = ("basis", "unit__search_key", "place__name")


class GrantForm(VerbForm):
    class Meta:
        model = Grant
        fields = ("user", "role", "unit", "valid_from", "valid_until")

    def verb(self, said: dict[str, Any]) -> Grant:
        if self.instance.pk is None:
            return actions.grant_role(by=self.by, **said)
        kept = {name: said[name] for name in ("role", "valid_from", "valid_until")}
        return actions.change_role(grant=self.instance, by=self.by, **kept)


@admin.register(Grant)
class GrantAdmin(ByVerb):
    form = GrantForm
    resource_classes = (GrantResource,)
    list_display = ("user", "role", "unit", "valid_from", "valid_until")
    list_filter = ("role",)
    list_select_related = ("user", "unit")
    autocomplete_fields = ("user", "unit")
    search_fields = ("user__username", "user__full_name", "unit__search_key")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Grant]:
        return super().get_queryset(request).filter(unit__in=Unit.objects.visible_to(request.user).values("pk"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user", "unit") if obj else ()

    def delete_model(self, request: HttpRequest, obj: Grant) -> None:
        assert isinstance(request.user, User)
        actions.revoke_role(grant=obj, on=today(), by=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Grant]) -> None:
        for grant in queryset.filter(valid_until=None):
            self.delete_model(request, grant)


@admin.register(User)
class UserAdmin(AdministratorsOnly, DjangoUserAdmin):
    """Accounts. Rights come from roles alone, so neither groups nor single permissions are here."""

    resource_classes = (UserResource,)
    list_display = ("username", "full_name", "email", "is_active", "last_login")
    list_filter = ("is_active",)
    search_fields = ("username", "full_name", "email")
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("full_name", "email", "phone")}),
        (_("State"), {"fields": ("is_active", "last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {"classes": ("wide",), "fields": ("username", "full_name", "usable_password", "password1", "password2")},
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The keeper's account is the keeper's: else an administrator could make himself one by its password."""
        if isinstance(obj, User) and obj.is_superuser and not getattr(request.user, "is_superuser", False):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What an account did bears its name; it is closed, not deleted."""
        return False
