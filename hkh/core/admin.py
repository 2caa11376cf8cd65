"""Jobs for the administrator: to look up what a number stands for, never to change it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from hkh.core.models import Job


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):
    list_display = ("pk", "title", "kind", "owner", "status", "attempts", "created_at", "finished_at")
    list_filter = ("status", "kind")
    search_fields = ("=id", "title", "kind")
    list_select_related = ("owner",)
    show_full_result_count = False
    exclude = ("claim",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        return Job.objects.visible_to(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
