"""Indonesian texts: reports."""

TEXTS: dict[str, str] = {
    "nav.reports": "Laporan",
    "reports.title": "Laporan",
    "reports.period": "Kurun",
    "reports.shift": "Giliran ini",
    "reports.today": "Hari ini",
    "reports.yesterday": "Kemarin",
    "reports.week": "7 hari terakhir",
    "reports.month": "30 hari terakhir",
    "reports.custom": "Dari tanggal sampai tanggal",
    "reports.first": "Dari tanggal",
    "reports.last": "Sampai tanggal",
    "reports.show": "Tampilkan",
    "reports.xlsx": "Unduh lembar kerja (XLSX)",
    "reports.pdf": "Unduh untuk dicetak (PDF)",
    "reports.span": "Dari {since} sampai {until}.",
    "reports.figures": "Ringkasan",
    "reports.traffic": "Terlihat kamera dan tercatat",
    "reports.alerts": "Peringatan dan hasilnya",
    "reports.blind": "Pengawasan terputus",
    "reports.raised": "Peringatan",
    "reports.acknowledged": "Diterima setelah (median)",
    "reports.resolved": "Selesai setelah (median)",
    "reports.busiest": "Peringatan pada jam tersibuk",
    "reports.over": "Jam dengan lebih dari 6 peringatan",
    "reports.minutes": "{n} menit",
    "reports.none": "-",
    "reports.gate": "Tempat",
    "reports.seen": "Terlihat",
    "reports.logged": "Tercatat",
    "reports.difference": "Selisih",
    "reports.no_traffic": "Tidak ada yang terlihat atau tercatat dalam kurun ini.",
    "reports.no_traffic.next": "Pilih kurun yang lebih panjang, atau lihat di Kamera apakah semua mengawasi.",
    "reports.no_alerts": "Tidak ada peringatan dalam kurun ini.",
    "reports.no_alerts.next": "Itu kabar baik hanya jika tidak ada kamera yang terputus: lihat di bawah.",
    "reports.kind.raised": "Jumlah",
    "reports.kind.confirmed": "Terbukti",
    "reports.kind.welfare": "Perlindungan",
    "reports.kind.explained": "Terjelaskan",
    "reports.kind.false_alarm": "Keliru",
    "reports.kind.open": "Terbuka",
    "reports.precision": "Tepat",
    "reports.never_blind": "Tidak ada kamera, node, atau log yang terputus.",
}

HELP: dict[str, tuple[str, ...]] = {
    "reports": (
        (
            "Angka satu giliran, satu hari, atau satu kurun. Terlihat dan tercatat tidak harus sama: kamera "
            "melewatkan sebagian dan menghitung sebagian dua kali."
        ),
        (
            "Tepat adalah bagian petunjuk yang diputuskan terbukti atau perlindungan. Membuka laporan tercatat di "
            "log audit."
        ),
    ),
}
