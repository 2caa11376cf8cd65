"""Django's admin as one of our doors: open to administrators by their role, not by a flag on the account."""

from __future__ import annotations

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest


class Administration(AdminSite):
    def has_permission(self, request: HttpRequest) -> bool:
        from members.rules import is_administrator  # the app's models are not there yet when this module is read

        return is_administrator(request.user)


class AdministrationConfig(AdminConfig):
    default_site = "members.administration.Administration"
