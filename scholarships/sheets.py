"""Each spreadsheet's columns, declared once for both directions."""

from __future__ import annotations

from import_export import resources

from scholarships.models import Programme


class ProgrammeResource(resources.ModelResource):
    """Programmes by their code: a line with a known code changes that programme, any other adds one."""

    class Meta:
        model = Programme
        fields = ("code", "name", "description", "partner", "retired_on")
        import_id_fields = ("code",)
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        use_transactions = True
