from django.urls import path

from hkh.decisions.views import carrying, changes, papers, protocols, sheets

app_name = "decisions"
urlpatterns = [
    path("to-chuc/quyet-dinh/", papers.decision_list, name="decision-list"),
    path("to-chuc/quyet-dinh/moi/", papers.decision_add, name="decision-add"),
    path("to-chuc/quyet-dinh/<int:pk>/", changes.decision_detail, name="decision-detail"),
    path("to-chuc/quyet-dinh/<int:pk>/sua/", papers.decision_edit, name="decision-edit"),
    path("to-chuc/quyet-dinh/<int:pk>/xoa/", papers.decision_discard, name="decision-discard"),
    path("to-chuc/quyet-dinh/<int:pk>/van-ban/", papers.decision_file, name="decision-file"),
    path("to-chuc/quyet-dinh/<int:pk>/tim/", changes.unit_search, name="unit-search"),
    path("to-chuc/quyet-dinh/<int:pk>/them/<slug:kind>/", changes.change_add, name="change-add"),
    path("to-chuc/quyet-dinh/<int:pk>/bang/", sheets.sheet_add, name="sheet-add"),
    path("to-chuc/quyet-dinh/<int:pk>/bang/mau/", sheets.sheet_template, name="sheet-template"),
    path("to-chuc/quyet-dinh/<int:pk>/bo/", changes.change_remove, name="change-remove"),
    path("to-chuc/quyet-dinh/<int:pk>/bo-het/", changes.changes_clear, name="changes-clear"),
    path("to-chuc/quyet-dinh/<int:pk>/xem-truoc/", carrying.decision_preview, name="decision-preview"),
    path("to-chuc/quyet-dinh/<int:pk>/thuc-hien/", carrying.decision_apply, name="decision-apply"),
    path("to-chuc/quyet-dinh/<int:pk>/rut-lai/", carrying.decision_unschedule, name="decision-unschedule"),
    path("to-chuc/quyet-dinh/<int:pk>/hoan-tac/", carrying.decision_undo, name="decision-undo"),
    path("to-chuc/quyet-dinh/<int:pk>/soan-lai/", carrying.decision_redraft, name="decision-redraft"),
    path("to-chuc/quyet-dinh/<int:pk>/bien-ban/", protocols.protocol_ask, name="protocol-ask"),
]
