from tests.console.fakes import alert


async def test_all_alerts_are_found_and_filtered(officer, desk):
    desk.put(alert(1))
    desk.put(alert(2, kind="presence", state="resolved", verdict="confirmed"))
    await officer.open("/alerts")
    await officer.should_see("2 peringatan")
    await officer.open("/alerts?state=resolved")
    await officer.should_see("1 peringatan")
    await officer.should_see("/alerts/a2")
    await officer.should_not_see("/alerts/a1")


async def test_many_are_paged_and_the_choice_is_kept(officer, desk):
    for number in range(1, 31):
        desk.put(alert(number))
    await officer.open("/alerts?kind=unlogged_crossing&page=1")
    await officer.should_see("Halaman 1 dari 2")
    await officer.should_see("/alerts?kind=unlogged_crossing&amp;page=2")


async def test_where_nothing_matches_it_says_what_to_try(officer):
    await officer.open("/alerts?kind=blind")
    await officer.should_see("Tidak ada peringatan yang cocok.")


async def test_help_lists_the_keys_and_what_each_page_is_for(officer):
    await officer.open("/help")
    for text in ("<kbd>g</kbd><kbd>d</kbd>", "Tombol menyala", "Terima peringatan", "Guna tiap halaman"):
        await officer.should_see(text)
    await officer.open("/more")
    await officer.should_see("Lain-lain")
