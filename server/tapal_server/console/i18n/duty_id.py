"""Indonesian texts: duty, shift, handover."""

TEXTS: dict[str, str] = {
    "duty.title": "Tugas",
    "duty.new": "Perlu tindakan",
    "duty.mine": "Sedang ditangani",
    "duty.cleared": "Terjelaskan sendiri",
    "duty.empty.new": "Tidak ada peringatan baru.",
    "duty.empty.new.next": "Peringatan baru muncul di sini dengan sendirinya. Biarkan halaman ini terbuka.",
    "duty.empty.mine": "Tidak ada yang sedang ditangani.",
    "duty.empty.mine.next": "Tekan Terima pada sebuah peringatan untuk mulai menanganinya.",
    "duty.empty.cleared": "Belum ada yang terjelaskan sendiri.",
    "duty.empty.cleared.next": "Peringatan yang terjelaskan oleh catatan susulan tampak di sini selama delapan jam.",
    "duty.older": "Di sini hanya tampil {most} yang terbaru. Masih ada {n} peringatan lebih lama yang belum selesai.",
    "duty.older.see": "Lihat yang lebih lama",
    "duty.early": "mungkin catatannya hanya terlambat",
    "duty.surge": "{n} peringatan dalam satu lonjakan",
    "shift.title": "Giliran jaga ini",
    "shift.since": "Sejak pukul {time}.",
    "shift.raised": "Peringatan",
    "shift.waiting": "Menunggu",
    "shift.response": "Diterima setelah (median)",
    "handover.title": "Serah terima giliran",
    "handover.give": "Serahkan giliran",
    "handover.to": "Kepada",
    "handover.alone": "Belum ada rekan lain.",
    "handover.alone.next": "Administrator dapat membuka akun untuk rekan Anda.",
    "handover.empty": "Belum ada serah terima.",
    "handover.empty.next": "Di akhir giliran, pilih rekan pengganti dan serahkan.",
    "handover.line": "{by} kepada {to}",
    "handover.accepted": "Diterima pukul {time}",
    "handover.waiting": "Menunggu diterima",
    "handover.alert": "Peringatan {n}",
    "handover.open": "{n} peringatan masih terbuka.",
    "handover.blind": "Tidak mengawasi: {names}.",
    "handover.shelved": "Ditangguhkan: {names}.",
    "handover.accept": "Terima giliran ini",
    "handover.given": "Giliran diserahkan; menunggu diterima.",
}

HELP: dict[str, tuple[str, ...]] = {
    "duty": (
        (
            "Peringatan baru muncul sendiri di atas. Tekan Terima agar rekan tahu Anda yang menangani, lalu "
            "Selesaikan dengan salah satu dari empat hasil."
        ),
        (
            "Nyalakan bunyi sekali di awal giliran. Bunyi diulang tiap 20 detik sampai semua peringatan baru "
            "berprioritas sedang atau tinggi diterima; yang berprioritas rendah, misalnya yang mungkin "
            "terjelaskan oleh catatan susulan, berbunyi sekali dan pelan, dan berdering bila peluangnya naik."
        ),
        (
            "Terjelaskan sendiri berisi peringatan delapan jam terakhir yang terjelaskan oleh catatan susulan "
            "sebelum sempat dilihat orang: untuk diketahui saja."
        ),
    ),
    "handover": (
        (
            "Serahkan giliran kepada rekan pengganti. Semua peringatan terbuka dan kamera yang tidak mengawasi "
            "ikut tercantum, dan rekan menerimanya atas namanya sendiri."
        ),
    ),
}
