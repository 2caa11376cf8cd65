"""Every path there is. Paths in Vietnamese, names in English (``app:noun-verb``)."""

from django.contrib import admin
from django.contrib.auth import views as accounts
from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    path("dang-nhap/", accounts.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("dang-xuat/", accounts.LogoutView.as_view(), name="logout"),
    path("mat-khau/", accounts.PasswordChangeView.as_view(), name="password_change"),
    path("mat-khau/xong/", accounts.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("ngon-ngu/", set_language, name="set_language"),
    path("", include("hkh.core.urls")),
    path("", include("funds.urls")),
    path("", include("scholarships.urls")),
    path("", include("hkh.dashboard.urls")),
    path("", include("hkh.declared.urls")),
    path("", include("hkh.decisions.urls")),  # before a unit with the code "quyet-dinh"
    path("", include("members.urls")),
    path("", include("hkh.reports.urls")),
    path("", include("hkh.imports.urls")),
    path("admin/", admin.site.urls),
]
