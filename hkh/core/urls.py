from django.urls import path

from hkh.core import job_views, sheet_views, views

app_name = "core"
urlpatterns = [
    path("cong-viec/", job_views.job_list, name="job-list"),
    path("cong-viec/<int:pk>/trang-thai/", job_views.job_status, name="job-status"),
    path("cong-viec/<int:pk>/dung/", job_views.job_cancel, name="job-cancel"),
    path("tep/<int:pk>/", job_views.file_download, name="file-download"),
    path("xuat/<slug:slug>/", sheet_views.list_export, name="list-export"),
    path("tien-ich/hien-thi/", views.preference_set, name="preference-set"),
    path("tien-ich/bang-chu/", views.amount_words, name="amount-words"),
    path("he-thong/giao-dien/", views.style_page, name="style-page"),
    path("he-thong/giao-dien/tim/", views.style_search, name="style-search"),
    path("he-thong/giao-dien/bieu-do/", views.style_chart, name="style-chart"),
    path("he-thong/giao-dien/tien-do/", views.style_progress, name="style-progress"),
]
