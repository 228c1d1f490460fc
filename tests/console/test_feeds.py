"""Feeds: a mapping is tried on a file, kept, and used."""

import pytest

from tapal_server.console.feeds import profile_of, typed
from tapal_server.errors import InvalidError
from tapal_server.feeds.profile import Profile
from tapal_server.people.actor import SYSTEM

LOG = "NO;TGL;JAM;ARAH\n7;02/03/2026;14:05;K\n8;02/03/2026;14:06;X\n"
FORM = {
    "name": "ksop",
    "source": "ksop",
    "format": "csv",
    "delimiter": ";",
    "timezone": "Asia/Makassar",
    "times": "%d/%m/%Y %H:%M",
    "column_record_id": "NO",
    "column_recorded_at": "TGL + JAM",
    "column_direction": "ARAH",
    "constant_checkpoint": "TTK",
    "codes_direction": "K = outbound\nM = inbound",
}


async def send(user, act: str, **changes):
    files = {"file": ("log.csv", LOG, "text/csv")}
    return await user.http_client.post("/feeds/draft", data=FORM | {"act": act} | changes, files=files)


async def test_a_mapping_is_tried_kept_and_used(running):
    user = await running.sign_in("budi")
    await user.open("/feeds")
    await user.should_see("Belum ada sumber log.")
    tried = await send(user, "try")
    await user.open(tried.headers["location"])
    for text in ("2 baris dibaca, 1 tidak terbaca", "02-03-2026 14:05:00 WITA", "keluar", "Baris 3:"):
        await user.should_see(text)
    assert running.parts.services.feeds.all(SYSTEM) == ()
    again = await user.http_client.post(
        "/feeds/draft", data=FORM | {"act": "save", "draft": tried.headers["location"].partition("=")[2]}
    )
    assert again.headers["location"] == "/feeds"
    taken = await user.http_client.post("/feeds/ksop/take", files={"file": ("log.csv", LOG, "text/csv")})
    await user.open(taken.headers["location"])
    for text in ("1 baris baru tersimpan, 1 tidak diambil.", "Baris masuk"):
        await user.should_see(text)
    await user.open("/feeds/ksop")
    await user.should_see("TGL + JAM")
    user.find(marker="delete-feed").trigger("click", {"act": "delete_feed", "id": "ksop"})
    await user.should_see("Belum ada sumber log.", retries=40)
    assert running.parts.services.feeds.all(SYSTEM) == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"codes_direction": "K outbound"}, "CODE = MEANING", id="code"),
        pytest.param({"timezone": "Nunukan"}, "timezone", id="zone"),
        pytest.param({"constant_direction": "inbound"}, "not both", id="twice"),
        pytest.param({"source": ""}, "source", id="no-source"),
    ],
)
def test_a_mapping_that_cannot_be_says_where(changes, said):
    with pytest.raises(InvalidError, match=said) as caught:
        profile_of(FORM | changes)
    assert caught.value.field == "profile"


async def test_what_is_wrong_is_shown_beside_what_was_typed(running):
    user = await running.sign_in("budi")
    answer = await send(user, "save", timezone="Nunukan")
    await user.open(answer.headers["location"])
    await user.should_see("Tidak bisa: timezone")
    await user.should_see("TGL + JAM")
    await user.open("/feeds/+?draft=other")
    await user.should_see("Sudah tidak ada")


async def test_feeds_are_not_for_an_officer_and_the_log_knows_who_wanted_them(running, caplog):
    user = await running.sign_in("sari")
    await user.open("/feeds")
    await user.should_see("Peran Anda tidak mencakup ini.")
    assert "refused: 'sari' wanted the page 'Sumber log'" in caplog.messages


def test_a_profile_survives_being_typed():
    profile = Profile(
        source="ksop",
        delimiter="\t",
        times=("%d/%m/%Y",),
        fields={"recorded_at": ("TGL", "JAM"), "record_id": "NO"},
        constants={"checkpoint": "TTK"},
        codes={"direction": {"K": "outbound"}, "lane": {"A": "1"}},
        column_codes={"TGL": {"kemarin": "01/03/2026"}, "JAM": {"siang": "12:00", "malam": "23:00"}},
        withdrawn={"column": "BATAL", "values": ("Y", "1")},
        mrz="MRZ",
        silent_after_minutes=90,
    )
    assert profile_of(typed("ksop", profile)) == profile
