"""The page on which a gate's alerts are left to wait."""

from tapal_server.people.actor import SYSTEM


async def test_a_gate_waits_and_is_watched_again(running):
    user = await running.sign_in("sari")
    await user.open("/shelves")
    await user.should_see("Tidak ada gerbang yang ditangguhkan.")
    form = {"place": "tunon-taka/gate", "minutes": "30", "reason": "lensa dibersihkan"}
    user.find(marker="shelve").trigger("submit", form)
    await user.should_see("lensa dibersihkan", retries=20)
    await user.should_see("Tunon Taka · gate")
    (shelf,) = running.parts.services.desk.shelves(SYSTEM)
    user.find(marker="shelves").trigger("click", {"act": "end_shelf", "id": shelf.id})
    await user.should_see("Tidak ada gerbang yang ditangguhkan.", retries=20)
    assert running.parts.services.desk.shelves(SYSTEM) == ()
