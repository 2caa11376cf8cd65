from django.urls import path

from hkh.dashboard import views

app_name = "dashboard"
urlpatterns = [
    path("", views.my_work, name="my-work"),
    path("tong-quan/", views.overview, name="overview"),
    path("tong-quan/hop-nhat/", views.consolidation, name="consolidation"),
    path("tong-quan/bieu-do/<slug:name>/", views.chart, name="chart"),
    path("tong-quan/dien-bien/<slug:name>/", views.sparkline, name="sparkline"),
]
