from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from hkh.core import violations


class ScholarshipsConfig(AppConfig):
    name = "scholarships"
    verbose_name = _("Scholarships and gifts")

    def ready(self) -> None:
        from scholarships.triggers import sentences

        violations.register(sentences())
