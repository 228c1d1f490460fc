"""Indonesian texts: what the gates have learned."""

TEXTS: dict[str, str] = {
    "nav.gates": "Gerbang",
    "gates.title": "Gerbang",
    "gates.empty": "Belum ada gerbang yang dibandingkan dengan log perlintasan.",
    "gates.empty.next": "Beri pos sebuah checkpoint dan gates di sites.yaml, lalu jalankan ulang server.",
    "gates.starting": "Belum diketahui.",
    "gates.starting.next": "Pembandingan sedang dimulai; buka halaman ini lagi sebentar lagi.",
    "gates.shows.prior": (
        "Gerbang ini belum belajar apa pun: ia memakai jeda di sites.yaml dan meragukan peringatannya sendiri."
    ),
    "gates.shows.persons": "Gerbang ini dapat menunjukkan lintasan perorangan yang tanpa catatan.",
    "gates.shows.counts": (
        "Terlalu banyak yang lewat bersamaan: terlihat bahwa yang lewat lebih banyak dari yang dicatat, tetapi "
        "bukan siapa."
    ),
    "gates.shows.either": (
        "Terlihat bahwa sebuah lintasan tanpa catatan, tetapi sulit dibedakan orang atau salah hitung."
    ),
    "gates.shows.waits": "Ia memutuskan sekitar {wait} setelah lintasan, saat catatan semestinya sudah masuk.",
    "gates.delay": "Dari lintasan ke catatan",
    "gates.delay.told": "Separuh catatan masuk dalam {median}, 99% dalam {high}.",
    "gates.median": "separuh",
    "gates.p99": "99%",
    "gates.clock": "Jam log terhadap kamera",
    "gates.clock.still": "Tidak ada pergeseran: kedua jam berjalan seiring.",
    "gates.clock.moved": "Jam log bergeser antara {low} dan {high}; ini sudah diperhitungkan.",
    "gates.numbers": "Angka (selang 90% dalam kurung)",
    "gates.crossings": "Lintasan yang dipelajari",
    "gates.recall": "Dari yang lewat, kamera melihat",
    "gates.alone": "Tak tercatat, sendirian, per hari",
    "gates.flow": "Tak tercatat di antara yang lewat",
    "gates.unlogged": "Perkiraan tak tercatat per hari",
    "gates.false": "Salah hitung per hari",
    "gates.double": "Terhitung dua kali",
    "gates.late": "Catatan lebih lambat dari 10 menit",
    "gates.calibration": "Peluang yang ditampilkan terhadap keputusan",
    "gates.calibration.shown": "Ditampilkan",
    "gates.calibration.judged": "Diputuskan",
    "gates.calibration.right": "Benar",
    "gates.unjudged": "Belum ada peringatan gerbang ini yang diputuskan.",
    "gates.unjudged.next": (
        "Selesaikan peringatan dengan keputusan; di sini terlihat apakah 80% benar berarti empat dari lima."
    ),
    "doubt.not_learned": "Belum belajar: lintasan masih kurang dari 60.",
    "doubt.few_crossings": "Lintasan masih sedikit; angkanya masih kasar.",
    "doubt.crowded": "Padat: di sini jumlah yang bicara, bukan orang per orang.",
    "doubt.false_or_unlogged": "Salah hitung diperkirakan sebanyak orang tak tercatat; lihat gambarnya dahulu.",
    "doubt.prior_contradicted": "Jeda di sites.yaml tidak sesuai dengan yang terlihat di gerbang ini; perbaiki.",
    "doubt.clock_moves": "Jam log bergeser; minta sumber waktunya diperiksa.",
    "doubt.weak_camera": "Kamera melewatkan banyak orang; pindahkan atau perbaiki pencahayaannya.",
    "span.s": "{n} dtk",
    "span.min": "{n} mnt",
    "span.h": "{n} jam",
    "span.before": "{span} sebelumnya",
}

HELP: dict[str, tuple[str, ...]] = {
    "gates": (
        (
            "Setiap gerbang belajar dari lalu lintasnya sendiri: berapa lama catatan masuk, seberapa banyak kamera "
            "melihat, dan seberapa sering ia keliru."
        ),
        "Kurva menunjukkan berapa lama catatan masuk. Setelah tanda 99%, lintasan tanpa catatan adalah petunjuk.",
        "Gerbang yang ragu mengatakannya, dan memberi lebih sedikit peringatan, bukan yang lebih buruk.",
    ),
}
