"""Money in the administration: to look at and to take away, never to change. What changes goes through the pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from import_export.admin import ExportMixin

from funds.models import Donor, Fund
from funds.sheets.donors import DonorResource
from funds.sheets.funds import FundResource
from members.rules import is_administrator


class LookedAt(ExportMixin, admin.ModelAdmin):
    """Rows of the administrator's units, read and exported."""

    show_full_result_count = False
    list_select_related = ("unit",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.model.objects.visible_to(request.user)

    def get_export_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        return {"user": request.user}

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_administrator(request.user)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Fund)
class FundAdmin(LookedAt):
    resource_classes = [FundResource]
    list_display = ("name", "code", "unit", "is_restricted", "legal_status", "opened_on", "closed_on")
    list_filter = ("legal_status", "is_restricted")
    search_fields = ("name", "code", "unit__name")
    exclude = ("revision",)


@admin.register(Donor)
class DonorAdmin(LookedAt):
    resource_classes = [DonorResource]
    list_display = ("name", "kind", "unit", "phone", "is_anonymous")
    list_filter = ("kind",)
    search_fields = ("name", "phone", "tax_code")
    exclude = ("revision",)
