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
    "reports.xlsx": "Unduh buku kerja (XLSX)",
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
    "reports.over": "Jam dengan lebih dari {n} peringatan",
    "reports.late": "Sembilan dari sepuluh diterima dalam",
    "reports.load": "Beban petugas",
    "reports.no_load": "Tidak ada peringatan dalam kurun ini.",
    "reports.no_load.next": "Peringatan per jam dan lonjakan digambar di sini begitu ada.",
    "reports.floods": "Banjir peringatan",
    "reports.flood_minutes": "Lama banjir",
    "reports.severity": "Tingkat {name}",
    "reports.by_hour": "Terbanyak pada jam {hour}.00: {n} peringatan.",
    "reports.floods.how": (
        "Banjir berarti sepuluh peringatan dalam sepuluh menit, sampai sepuluh menit membawa kurang dari "
        "lima. Tidak ada yang bisa menilai sebanyak itu dengan baik: carilah sebab bersamanya."
    ),
    "reports.source": "Sumber",
    "reports.source.camera": "Kamera",
    "reports.source.node": "Node",
    "reports.source.feed": "Log",
    "reports.blind.for": "Terputus selama",
    "reports.blind.share": "Tersedia",
    "reports.agencies": "Selisih antarinstansi",
    "reports.logs": "Log",
    "reports.agreeing": "Cocok",
    "reports.only_first": "Hanya di yang pertama",
    "reports.only_second": "Hanya di yang kedua",
    "reports.times_differ": "Waktu berbeda",
    "reports.persons_differ": "Jumlah orang berbeda",
    "reports.left_out": "{n} hari memuat terlalu banyak catatan untuk dibandingkan dan dilewati.",
    "reports.no_agencies": "Belum ada dua log yang dibandingkan setiap hari.",
    "reports.no_agencies.next": (
        "Sebutkan pasangan sumber di bawah reconcile dalam berkas setelan, atau bandingkan dua log di "
        "halaman Rekonsiliasi."
    ),
    "reports.planned": "Pergerakan terencana",
    "reports.movements": "Pergerakan",
    "reports.planned.persons": "Orang direncanakan",
    "reports.exceeded": "Lebih dari rencana",
    "reports.planned.kind": "Jenis",
    "reports.no_planned": "Tidak ada pergerakan terencana yang mulai pada periode ini.",
    "reports.recall": "Bagian orang yang terlihat kamera",
    "reports.recall.share": "Terlihat dari yang lewat",
    "reports.no_recall": "Belum ada gerbang yang dipelajari.",
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
