"""Messages to a device, in a real Chromium: subscribed by a button, shown by the worker."""

import json

import pytest
from playwright.sync_api import expect

from tests.console.conftest import clean_nicegui
from tests.console.office import office, served_office
from tests.server.conftest import PASSWORD
from tests.support.services.chromium import tab

pytestmark = pytest.mark.services

# A push service is out of reach of a test: what the browser would get from it is given by hand.
SUBSCRIBE = """
PushManager.prototype.subscribe = async function (options) {
  const point = "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU";
  window.asked = new Uint8Array(options.applicationServerKey).length;
  return { toJSON: () => ({ endpoint: "https://push.example.org/x1", expirationTime: null,
                            keys: { p256dh: point, auth: "A".repeat(22) } }),
           unsubscribe: async () => true };
};
Notification.requestPermission = async () => "granted";
"""
SHOWN = """async () => {
  const worker = await navigator.serviceWorker.ready;
  for (let tries = 0; tries < 200; tries += 1) {
    const [one] = await worker.getNotifications();
    if (one) return [one.title, one.data.url];
    await new Promise((again) => setTimeout(again, 50));
  }
  return null;
}"""


def test_a_device_is_told_and_a_message_is_shown(browser, tmp_path):
    with (
        clean_nicegui(),
        office(tmp_path) as parts,
        served_office(parts) as address,
        tab(browser) as page,
    ):
        page.context.grant_permissions(["notifications"], origin=address)
        page.add_init_script(SUBSCRIBE)
        page.goto(address)
        page.fill("#username", "sari")
        page.fill("#password", PASSWORD)
        page.click("button[type=submit]")
        page.locator("details.menu summary").click()
        page.get_by_role("button", name="Kabari perangkat ini").click()
        expect(page.get_by_text("Perangkat ini diberi tahu")).to_be_visible()
        assert page.evaluate("window.asked") == 65
        actor = parts.services.auth.sign_in("sari", PASSWORD).actor
        assert len(parts.services.push.mine(actor)) == 1

        devtools, found = page.context.new_cdp_session(page), []
        devtools.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(told["registrations"]))
        devtools.send("ServiceWorker.enable")
        page.wait_for_function("navigator.serviceWorker.controller")
        told = {"title": "Petunjuk baru", "body": "02-03-2026 14:00", "url": "https://elsewhere.example/alerts/a1"}
        devtools.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": address, "registrationId": found[0]["registrationId"], "data": json.dumps(told)},
        )
        assert page.evaluate(SHOWN) == ["Petunjuk baru", "https://elsewhere.example/alerts/a1"]
