from django.urls import path

from hkh.declared import views

app_name = "declared"
urlpatterns = [
    path("hoi-vien/so-luong/", views.headcount_page, name="headcount-page"),
    path("hoi-vien/so-luong/tung-don-vi/", views.headcount_units, name="headcount-units"),
    path("hoi-vien/danh-hieu/", views.title_page, name="title-page"),
]
