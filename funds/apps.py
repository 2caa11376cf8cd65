from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _


class FundsConfig(AppConfig):
    name = "funds"
    verbose_name = _("Funds and donations")

    def ready(self) -> None:
        from funds.triggers import sentences
        from hkh.core import violations

        violations.register(sentences())
        connection_created.connect(_tell_today, dispatch_uid="funds.today")


def _tell_today(*, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Where today is fixed for trying out, a database of the demo must not take that day for the future."""
    if settings.HKH_TODAY:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('hkh.today', %s, false)", [settings.HKH_TODAY])
