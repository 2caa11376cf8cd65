from django.urls import path

from members.views import cards, changes, declared, people, tiers, units

app_name = "members"
urlpatterns = [
    path("to-chuc/", units.unit_list, name="unit-list"),
    path("to-chuc/tim/", units.unit_search, name="unit-search"),
    path("to-chuc/cap-hoi/", tiers.tier_list, name="tier-list"),
    path("dia-ban/tim/", units.place_search, name="place-search"),
    path("to-chuc/<str:code>/", units.unit_detail, name="unit-detail"),
    path("to-chuc/<str:code>/lap-don-vi/", changes.unit_add, name="unit-add"),
    path("to-chuc/<str:code>/sua/", changes.unit_edit, name="unit-edit"),
    path("to-chuc/<str:code>/doi-ten/", changes.unit_rename, name="unit-rename"),
    path("to-chuc/<str:code>/chuyen/", changes.unit_move, name="unit-move"),
    path("to-chuc/<str:code>/giai-the/", changes.unit_dissolve, name="unit-dissolve"),
    path("to-chuc/<str:code>/so-hoi-vien/", declared.headcount_history, name="headcount-history"),
    path("to-chuc/<str:code>/so-hoi-vien/bao-cao/", declared.headcount_declare, name="headcount-declare"),
    path("to-chuc/<str:code>/the-hoi-vien/", cards.card_list, name="card-list"),
    path("the/<str:token>/", cards.card_check, name="card-check"),
    path("to-chuc/<str:code>/danh-hieu/nhap/", declared.title_declare, name="title-declare"),
    path("hoi-vien/", people.member_list, name="member-list"),
    path("hoi-vien/ket-nap/", people.member_add, name="member-add"),
    path("hoi-vien/<int:pk>/", people.member_detail, name="member-detail"),
    path("hoi-vien/<int:pk>/sua/", people.member_edit, name="member-edit"),
    path("hoi-vien/<int:pk>/chuyen/", people.member_transfer, name="member-transfer"),
    path("hoi-vien/<int:pk>/ra-hoi/", people.member_end, name="member-end"),
    path("hoi-vien/<int:pk>/tro-lai/", people.member_readmit, name="member-readmit"),
]
