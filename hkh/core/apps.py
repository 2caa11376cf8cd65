from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "hkh.core"
    verbose_name = _("Ground floor")

    def ready(self) -> None:
        from hkh.core.triggers import fix_search_paths

        post_migrate.connect(fix_search_paths, sender=self, dispatch_uid="core.search_paths")
