from django.urls import path

from hkh.imports import views

app_name = "imports"
urlpatterns = [
    path("bang-tinh/", views.sheet_list, name="sheet-list"),
    path("bang-tinh/nhap/<slug:slug>/", views.run_add, name="run-add"),
    path("bang-tinh/nhap/<slug:slug>/mau/", views.template_download, name="template"),
    path("bang-tinh/lan-nhap/", views.run_list, name="run-list"),
    path("bang-tinh/lan-nhap/<int:pk>/", views.run_detail, name="run-detail"),
    path("bang-tinh/lan-nhap/<int:pk>/cot/", views.run_match, name="run-match"),
    path("bang-tinh/lan-nhap/<int:pk>/trang/", views.run_sheet, name="run-sheet"),
    path("bang-tinh/lan-nhap/<int:pk>/xac-nhan/", views.run_confirm, name="run-confirm"),
    path("bang-tinh/lan-nhap/<int:pk>/bo/", views.run_discard, name="run-discard"),
    path("bang-tinh/lan-nhap/<int:pk>/hoan-tac/", views.run_undo, name="run-undo"),
    path("bang-tinh/lan-nhap/<int:pk>/tien-do/", views.run_progress, name="run-progress"),
]
