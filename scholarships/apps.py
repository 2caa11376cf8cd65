from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from hkh.core import violations


class ScholarshipsConfig(AppConfig):
    name = "scholarships"
    verbose_name = _("Scholarships and gifts")

    def ready(self) -> None:
        from funds import aftermath
        from scholarships.tracing.words import became_told
        from scholarships.triggers import sentences

        violations.register(sentences())
        aftermath.register(became_told)
