from django.urls import path

from hkh.core import views

app_name = "core"
urlpatterns = [
    path("tien-ich/hien-thi/", views.preference_set, name="preference-set"),
    path("he-thong/giao-dien/", views.style_page, name="style-page"),
]
