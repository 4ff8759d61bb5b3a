"""Addresses of the console, on the platform's host."""

from django.urls import path, register_converter

from console.composing import Form
from console.views import announcements, archives, calendars, changes, greyscale, jobs, openness, people, platform, rules, sites, trail


class FormConverter:
    """The forms of an export."""

    regex = "|".join(form.value for form in Form)

    def to_python(self, value: str) -> str:
        """Return the form's name."""
        return value

    def to_url(self, value: str) -> str:
        """Return the form's name."""
        return value


register_converter(FormConverter, "form")

platform_urlpatterns = [
    path("console/", sites.home, name="console_home"),
    path("console/open/", sites.open_site, name="console_open"),
    path("console/sites/<slug:slug>/", sites.site, name="console_site"),
    path("console/prepare/", sites.prepare_site, name="console_prepare"),
    path("console/clone/", sites.clone_site, name="console_clone"),
    path("console/restore/", archives.restore, name="console_restore"),
    path("console/import/", archives.take_in, name="console_import"),
    path("console/sites/<slug:slug>/confirm-restore/", archives.confirm, name="console_confirm_restore"),
    path("console/sites/<slug:slug>/undo-restore/", archives.go_back, name="console_undo_restore"),
    path("console/sites/<slug:slug>/apply/", changes.apply, name="console_apply"),
    path("console/sites/<slug:slug>/check-domain/", changes.look_at, name="console_check_domain"),
    path("console/sites/<slug:slug>/<slug:verb>/", sites.act, name="console_act"),
    path("console/jobs/", jobs.jobs, name="console_jobs"),
    path("console/jobs/<uuid:job_id>/", jobs.job, name="console_job"),
    path("console/jobs/<uuid:job_id>/retry/", jobs.retry, name="console_retry"),
    path("console/jobs/<uuid:job_id>/roll-back/", jobs.roll_back, name="console_roll_back"),
    path("console/platform/", platform.platform, name="console_platform"),
    path("console/platform/retry-events/", platform.retry_events, name="console_retry_events"),
    path("console/rules/", rules.rules, name="console_rules"),
    path("console/rules/add/", rules.add, name="console_rule_add"),
    path("console/rules/of/<str:key>/", rules.rule, name="console_rule"),
    path("console/calendar/", calendars.calendar, name="console_calendar"),
    path("console/calendar/import/", calendars.import_year, name="console_calendar_import"),
    path("console/greyscale/", greyscale.greyscale, name="console_greyscale"),
    path("console/greyscale/add/", greyscale.add, name="console_greyscale_add"),
    path("console/greyscale/end/", greyscale.end, name="console_greyscale_end"),
    path("console/announcements/", announcements.announcements, name="console_announcements"),
    path("console/announcements/add/", announcements.add, name="console_announcement_add"),
    path("console/announcements/<uuid:number>/", announcements.announcement, name="console_announcement"),
    path("console/announcements/<uuid:number>/withdraw/", announcements.withdraw, name="console_announcement_withdraw"),
    path("console/openness/", openness.openness, name="console_openness"),
    path("console/openness/of/<slug:slug>/", openness.site, name="console_openness_site"),
    path("console/openness/export.csv", openness.export, name="console_openness_export"),
    path("console/people/", people.people, name="console_people"),
    path("console/people/grant/", people.grant, name="console_grant"),
    path("console/people/revoke/", people.revoke, name="console_revoke"),
    path("console/people/unlock/", people.unlock, name="console_unlock"),
    path("console/people/deactivate/", people.deactivate, name="console_deactivate"),
    path("console/audit/", trail.trail, name="console_trail"),
    path("console/audit/export.<form:form>", trail.export, name="console_export"),
]
