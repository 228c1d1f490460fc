"""Administration: what is in force is shown, channels are tried."""

from dataclasses import replace

from tapal_server.console.i18n import words
from tapal_server.console.views import admin as views
from tapal_server.console.views.rules import Known, form, rules_of
from tapal_server.notify.book import OfficeRules, RulesView
from tapal_server.notify.office import ChannelView, DeliveryView
from tapal_server.notify.rules import NotifySettings, Rule
from tapal_server.people.actor import SYSTEM
from tapal_server.people.roles import Role
from tests.server.conftest import PASSWORD
from tests.server.edges import START

WEBHOOK = ChannelView(name="bp3mi", kind="webhook", language="id", at_most_per_hour=30, agency="BP3MI")
SENT = DeliveryView(
    number=1,
    channel="bp3mi",
    occasion="a:shared:0",
    alert_id="a",
    title="Dibagikan",
    state="given_up",
    tries=12,
    made_at=START,
    sent_at=None,
    problem="connection refused",
)


async def test_the_page_shows_what_is_in_force(running):
    people = running.parts.services.people
    people.add(SYSTEM, "mitra", PASSWORD, role=Role.PARTNER, display_name="Mitra", agency="BP3MI")
    user = await running.sign_in("admin")
    await user.open("/admin")
    for text in ("BP3MI", "Mitra (mitra)", "Belum ada jalur kabar.", "Belum ada pesan.", "30 hari", "12 jam"):
        await user.should_see(text)
    await user.open("/people")
    await user.should_see("Instansi mitra · BP3MI")


async def test_it_is_for_those_who_may_change_settings(running):
    user = await running.sign_in("budi")
    await user.open("/admin")
    await user.should_see("Peran Anda tidak mencakup ini.")


RULES = RulesView(
    rules=OfficeRules(rules=(Rule(channel="duty", sites=("ttk",), quiet_hours=(23, 5)),)),
    version=3, changed_by="admin", changed_at=START,
)  # fmt: skip
KNOWN = Known(["duty", "protection"], {"ttk": "Tunon Taka"}, {"admin": "Administrator"}, "Asia/Makassar")


def test_a_rule_is_shown_as_the_form_that_changes_it():
    drawn = form(RULES, KNOWN, words("en"))
    for text in ("Tunon Taka", '<option value="23" selected>23:00', "Changed by Administrator", "New rule"):
        assert text in drawn
    assert 'name="rule0_site_ttk" checked' in drawn
    assert "channels are set up in the settings file" in form(RULES, replace(KNOWN, channels=[]), words("en"))


def test_a_form_becomes_rules_and_what_is_left_empty_is_dropped():
    fields = {
        "rule0_channel": "duty", "rule0_least": "high", "rule0_on_raised": "on", "rule0_kind_blind": "on",
        "rule0_level_2": "on",
        "rule0_from": "23", "rule0_to": "5", "rule0_zone": "Asia/Jakarta", "rule1_channel": "", "rule1_on_raised": "on",
        "step0_minutes": "2,5", "step0_least": "low", "step1_minutes": "", "push": "medium",
    }  # fmt: skip
    found = rules_of(fields)
    (rule,), (step,) = found.rules, found.escalation
    assert (rule.channel, rule.on, rule.kinds, rule.sites, rule.quiet_hours) == (
        "duty", ("raised",), ("blind",), (), (23, 5),
    )  # fmt: skip
    assert rule.levels == (2,)
    assert (step.after_minutes, step.least_severity, found.push_least_severity) == (2.5, "low", "medium")


async def test_an_administrator_changes_when_an_alert_is_told_again(running):
    user = await running.sign_in("admin")
    await user.open("/admin")
    await user.should_see("belum ada yang mengubahnya di sini")
    fields = {"version": "0", "step0_minutes": "7", "step0_least": "medium", "push": "high"}
    user.find("rules").trigger("submit", fields)
    await user.should_see("Diubah oleh Admin", retries=30)
    assert running.parts.services.rules.current().escalation[0].after_minutes == 7
    user.find("rules").trigger("submit", fields | {"version": "0"})
    await user.should_see("Diubah oleh Admin")
    user.find("rules").trigger("click", {"act": "forget_rules", "id": "1"})
    await user.should_see("belum ada yang mengubahnya di sini", retries=30)
    assert running.parts.services.rules.current() == NotifySettings()


def test_channels_rules_and_messages_are_told_in_words():
    spoken = words("en")
    shown = views.channels((WEBHOOK,), spoken)
    assert 'data-act="test"' in shown
    assert "system (webhook)" in shown
    assert "connection refused" in views.deliveries((SENT,), "Asia/Makassar", spoken)
    assert "BP3MI" in views.agencies((), (WEBHOOK,), spoken)
