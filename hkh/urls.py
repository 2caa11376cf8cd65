"""Every path there is. Paths in Vietnamese, names in English (``app:noun-verb``)."""

from django.contrib import admin
from django.urls import path

urlpatterns = [
    path("admin/", admin.site.urls),
]
