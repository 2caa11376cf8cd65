from django.urls import path

from funds.views import boards, books, coverage, donations, donors, entry

app_name = "funds"
urlpatterns = [
    path("quy/", books.overview, name="overview"),
    path("quy/danh-sach/", books.fund_list, name="fund-list"),
    path("quy/do-phu/", coverage.coverage, name="coverage"),
    path("quy/mo-quy/", books.fund_add, name="fund-add"),
    path("quy/tim/", books.fund_search, name="fund-search"),
    path("quy/chuyen-quy/", books.transfer_add, name="transfer-add"),
    path("quy/<int:pk>/", books.fund_detail, name="fund-detail"),
    path("quy/<int:pk>/sua/", books.fund_edit, name="fund-edit"),
    path("quy/<int:pk>/dong/", books.fund_close, name="fund-close"),
    path("quy/<int:pk>/hoi-dong/", boards.board_edit, name="board-edit"),
    path("quy/<int:pk>/thu-chi/", books.entry_add, name="entry-add"),
    path("quy/ung-ho/", donations.donation_list, name="donation-list"),
    path("quy/ung-ho/ghi-nhan/", entry.donation_add, name="donation-add"),
    path("quy/ung-ho/<int:pk>/", donations.donation_detail, name="donation-detail"),
    path("quy/ung-ho/<int:pk>/dinh-chinh/", entry.donation_correct, name="donation-correct"),
    path("quy/ung-ho/<int:pk>/huy/", donations.donation_void, name="donation-void"),
    path("quy/nha-tai-tro/", donors.donor_list, name="donor-list"),
    path("quy/nha-tai-tro/them/", donors.donor_add, name="donor-add"),
    path("quy/nha-tai-tro/tim/", entry.donor_search, name="donor-search"),
    path("quy/nha-tai-tro/gan-day/", entry.donor_gifts, name="donor-gifts"),
    path("quy/nha-tai-tro/<int:pk>/", donors.donor_detail, name="donor-detail"),
    path("quy/nha-tai-tro/<int:pk>/sua/", donors.donor_edit, name="donor-edit"),
    path("quy/dot-keu-goi/", donors.appeal_list, name="appeal-list"),
    path("quy/dot-keu-goi/mo/", donors.appeal_add, name="appeal-add"),
    path("quy/dot-keu-goi/<int:pk>/", donors.appeal_detail, name="appeal-detail"),
    path("quy/dot-keu-goi/<int:pk>/sua/", donors.appeal_edit, name="appeal-edit"),
]
