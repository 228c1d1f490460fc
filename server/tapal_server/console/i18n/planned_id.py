"""Indonesian texts: planned movements."""

TEXTS: dict[str, str] = {
    "nav.planned": "Pergerakan terencana",
    "planned.title": "Pergerakan terencana",
    "planned.empty": "Tidak ada pergerakan terencana.",
    "planned.empty.next": (
        "Masukkan kapal deportasi, latihan, dan pelayaran dalam negeri di bawah, supaya tidak menjadi peringatan."
    ),
    "planned.window": "Waktu",
    "planned.place": "Tempat",
    "planned.kind": "Jenis",
    "planned.persons": "Perkiraan orang",
    "planned.came": "Terlihat",
    "planned.came.logged": "{n} ({logged} tercatat)",
    "planned.note": "Alasan, dan siapa yang memerintahkan",
    "planned.note.hint": "Teks ini tertulis dalam riwayat setiap peringatan yang dijelaskan oleh pergerakan ini.",
    "planned.by": "Dimasukkan oleh",
    "planned.state": "Keadaan",
    "planned.late": "terlambat dimasukkan",
    "planned.both": "kedua arah",
    "planned.direction": "Arah",
    "planned.whole_site": "{site}, semua garis",
    "planned.kind.deportation": "Deportan",
    "planned.kind.exercise": "Latihan",
    "planned.kind.domestic": "Pelayaran dalam negeri",
    "planned.kind.official": "Kunjungan resmi",
    "planned.kind.works": "Pekerjaan",
    "planned.kind.other": "Lainnya",
    "planned.enter": "Masukkan pergerakan",
    "planned.starts_at": "Dari (waktu setempat)",
    "planned.ends_at": "Sampai (waktu setempat)",
    "planned.save": "Masukkan",
    "planned.cancel": "Batalkan",
    "planned.entered": "Sudah dimasukkan. Peringatan terbuka yang tercakup ditutup sebagai terjelaskan.",
}

HELP: dict[str, tuple[str, ...]] = {
    "planned": (
        (
            "Pergerakan terencana menjelaskan lintasan yang tercakup. Peringatan yang sudah terbuka ditutup "
            "sebagai terjelaskan, dan riwayatnya menyebut pergerakan itu."
        ),
        (
            "Masukkan sebelumnya bila bisa: yang dimasukkan setelah mulai akan ditandai. Setiap perubahan "
            "disimpan dengan nama pelakunya."
        ),
        (
            "Jumlah orang adalah batas: bila yang terlihat lebih banyak daripada yang dijelaskan rencana dan "
            "catatan, sebuah peringatan menunjukkan yang selebihnya. Kosongkan bila orang mondar-mandir."
        ),
    ),
}
