from django.urls import path

from hkh.reports import views

app_name = "reports"
urlpatterns = [
    path("bao-cao/", views.report_room, name="report-room"),
    path("bao-cao/xem-truoc/", views.preview, name="report-preview"),
]
