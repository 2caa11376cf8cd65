from django.urls import path

from scholarships.views import awards, distributions, rounds, tracing

app_name = "scholarships"
urlpatterns = [
    path("trao-tang/", rounds.round_list, name="round-list"),
    path("trao-tang/mo-dot/", rounds.round_add, name="round-add"),
    path("trao-tang/<int:pk>/", rounds.round_detail, name="round-detail"),
    path("trao-tang/<int:pk>/sua/", rounds.round_edit, name="round-edit"),
    path("trao-tang/<int:pk>/dong/", rounds.round_close, name="round-close"),
    path("trao-tang/<int:pk>/mo-lai/", rounds.round_reopen, name="round-reopen"),
    path("trao-tang/<int:pk>/de-nghi/", awards.award_propose, name="award-propose"),
    path("trao-tang/<int:pk>/de-nghi/don-vi/", awards.unit_search, name="unit-search"),
    path("trao-tang/<int:pk>/duyet/", awards.award_approve, name="award-approve"),
    path("trao-tang/<int:pk>/huy/", awards.award_cancel, name="award-cancel"),
    path("trao-tang/dot-trao/", distributions.distribution_list, name="distribution-list"),
    path("trao-tang/dot-trao/ghi-nhan/", distributions.distribution_add, name="distribution-add"),
    path("trao-tang/dot-trao/<int:pk>/", distributions.distribution_detail, name="distribution-detail"),
    path("trao-tang/dot-trao/<int:pk>/huy/", distributions.distribution_void, name="distribution-void"),
    path("trao-tang/dot-trao/<int:pk>/nguon/", tracing.distribution_trace, name="distribution-trace"),
    path("trao-tang/<int:pk>/nguon/", tracing.round_trace, name="round-trace"),
    path("ung-ho/<int:pk>/da-giup/", tracing.gift_trace, name="gift-trace"),
    path("nha-tai-tro/<int:pk>/da-giup/", tracing.donor_trace, name="donor-trace"),
]
