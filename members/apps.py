from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from hkh.core import violations


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Organisation and members")

    def ready(self) -> None:
        from members.triggers.sentences import SENTENCES

        violations.register(SENTENCES)
