"""Indonesian texts: reconciliation."""

TEXTS: dict[str, str] = {
    "nav.reconciliation": "Rekonsiliasi",
    "reconciliation.title": "Rekonsiliasi antarinstansi",
    "reconciliation.first": "Sumber pertama",
    "reconciliation.second": "Sumber kedua",
    "reconciliation.since": "Dari tanggal",
    "reconciliation.until": "Sampai tanggal",
    "reconciliation.compare": "Bandingkan",
    "reconciliation.xlsx": "Unduh buku kerja (XLSX)",
    "reconciliation.csv": "Unduh tabel (CSV)",
    "reconciliation.result": "Ringkasan",
    "reconciliation.both": "Sama di keduanya",
    "reconciliation.times_differ": "Waktu berbeda",
    "reconciliation.persons_differ": "Jumlah orang berbeda",
    "reconciliation.only": "Hanya di {source}",
    "reconciliation.matters": "Perbedaan kedua log cukup besar sehingga perlu diperiksa.",
    "reconciliation.little": "Kedua log cocok, hanya sedikit berbeda.",
    "reconciliation.counts": (
        "{first}: {n} catatan, {p} orang. {second}: {m} catatan, {q} orang. {documents} dipasangkan lewat dokumen."
    ),
    "reconciliation.differences": "Perbedaan",
    "reconciliation.what": "Apa",
    "reconciliation.none": "Tidak ada perbedaan pada waktu ini.",
    "reconciliation.none.next": "Pilih tanggal atau sumber lain.",
    "reconciliation.more": "{n} lagi; unduh tabel untuk melihat semuanya.",
    "reconciliation.one_source": "Tempat ini punya kurang dari dua sumber.",
    "reconciliation.one_source.next": (
        "Impor log instansi lain dengan nama sumber tersendiri; setelah itu keduanya dapat dibandingkan di sini."
    ),
    "error.second": "Pilih dua sumber yang berbeda.",
    "error.since": "Bandingkan paling lama 31 hari dan 20.000 catatan sekaligus. Pilih tanggal lain.",
}

HELP: dict[str, tuple[str, ...]] = {
    "reconciliation": (
        (
            "Membandingkan dua log dari satu pos, lintasan demi lintasan: lewat dokumen yang sama, atau lewat "
            "arah dan kedekatan waktu."
        ),
        ("Perbedaan bukan tuduhan: jam bisa berbeda, catatan bisa terlambat, rombongan bisa ditulis sebagai satu."),
    ),
}
