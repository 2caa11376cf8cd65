"""Programmes, which all units share: kept by administrators, singly or by sheet. Nothing else of giving is here:
rounds, awards and distributions change by their verbs alone."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from import_export.admin import ImportExportModelAdmin
from import_export.formats.base_formats import CSV, XLSX

from members.rules import is_administrator
from scholarships.models import Programme
from scholarships.sheets import ProgrammeResource


@admin.register(Programme)
class ProgrammeAdmin(ImportExportModelAdmin):
    resource_classes = (ProgrammeResource,)
    formats = (XLSX, CSV)
    list_display = ("name", "code", "partner", "retired_on")
    search_fields = ("name", "code", "partner")
    ordering = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The code stays once it is given: sheets know a programme by it."""
        return ("code",) if obj else ()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_administrator(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_administrator(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A programme that has rounds is kept by the database; one entered by mistake may go."""
        return is_administrator(request.user)

    def has_import_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request.user)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request.user)
