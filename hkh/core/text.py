from django.db.models import Func, TextField


class SearchKey(Func):
    function = "hkh_search_key"
    output_field = TextField(db_collation="C")


class SortKey(Func):
    function = "hkh_sort_key"
    output_field = TextField(db_collation="C")


class TitleKey(Func):
    function = "hkh_title_key"
    output_field = TextField(db_collation="C")
