"""Administration: what is in force is shown, channels are tried."""

from tapal_server.console.i18n import words
from tapal_server.console.views import admin as views
from tapal_server.notify.office import ChannelView, DeliveryView
from tapal_server.notify.rules import NotifySettings
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


def test_channels_rules_and_messages_are_told_in_words():
    spoken = words("en")
    shown = views.channels((WEBHOOK,), spoken)
    assert 'data-act="test"' in shown
    assert "system (webhook)" in shown
    rules = NotifySettings(rules=({"channel": "duty", "sites": ["ttk"], "quiet_hours": (23, 5)},))
    told = views.rules(rules, {"ttk": "Tunon Taka"}, spoken)
    for text in ("Tunon Taka", "23:00-05:00", "told again after 5 minutes", "at least high"):
        assert text in told
    assert "connection refused" in views.deliveries((SENT,), "Asia/Makassar", spoken)
    assert "BP3MI" in views.agencies((), (WEBHOOK,), spoken)
