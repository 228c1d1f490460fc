"""Indonesian texts: administration."""

TEXTS: dict[str, str] = {
    "nav.admin": "Administrasi",
    "admin.title": "Administrasi",
    "admin.agencies": "Instansi",
    "admin.agencies.how": (
        "Instansi hanya melihat peringatan yang dibagikan kepadanya. Akun mitra dibuka di halaman Pengguna."
    ),
    "admin.no_agencies": "Belum ada instansi dengan akun mitra.",
    "admin.no_agencies.next": "Buka satu di halaman Pengguna: peran Instansi mitra, dengan nama instansinya.",
    "admin.agency": "Instansi",
    "admin.partners": "Akun mitra",
    "admin.webhooks": "Sistem yang diberi tahu",
    "admin.none": "tidak ada",
    "admin.channels": "Jalur kabar ke orang dan sistem",
    "admin.channels.how": (
        "Jalur ada di berkas setelan server dan berlaku sejak server dimulai lagi, karena alamatnya rahasia; "
        "alamat tidak ditampilkan di sini."
    ),
    "admin.no_channels": "Belum ada jalur kabar.",
    "admin.no_channels.next": (
        "Tidak seorang pun diberi tahu di luar layar ini. Tambahkan jalur dan aturan di berkas setelan:"
    ),
    "admin.channel": "Jalur",
    "admin.kind": "Jenis",
    "admin.language": "Bahasa",
    "admin.most": "Paling banyak per jam",
    "admin.test": "Uji",
    "admin.test.send": "Kirim uji coba",
    "admin.test.taken": "{name} menerima pesan uji coba.",
    "admin.test.refused": "{name} tidak menerima pesan uji coba: {reason}.",
    "admin.kind.apprise": "pesan",
    "admin.kind.webhook": "sistem (webhook)",
    "admin.rules": "Siapa diberi tahu apa",
    "admin.no_rules": "Tidak ada aturan: tidak seorang pun diberi tahu.",
    "admin.rule.sites": "Pos",
    "admin.rule.kinds": "Jenis",
    "admin.rule.least": "Mulai dari",
    "admin.rule.on": "Ketika",
    "admin.rule.quiet": "Jam tenang",
    "admin.all": "semua",
    "admin.severity.low": "rendah",
    "admin.severity.medium": "sedang",
    "admin.severity.high": "tinggi",
    "admin.on.raised": "diangkat",
    "admin.on.escalated": "belum ditangani",
    "admin.on.welfare": "perlindungan",
    "admin.escalation": (
        "Peringatan yang tidak ditangani diberitahukan lagi setelah {minutes} menit, bila tingkatnya "
        "paling rendah {least}."
    ),
    "admin.push": "Perangkat yang memintanya diberi tahu tentang peringatan bertingkat paling rendah {least}.",
    "admin.deliveries": "Pesan terakhir",
    "admin.no_deliveries": "Belum ada pesan.",
    "admin.no_deliveries.next": "Pesan tercantum di sini beserta nasibnya.",
    "admin.delivery.at": "Waktu",
    "admin.delivery.title": "Pesan",
    "admin.delivery.state": "Keadaan",
    "admin.delivery.waiting": "menunggu",
    "admin.delivery.sent": "terkirim",
    "admin.delivery.held_back": "ditahan",
    "admin.delivery.given_up": "gagal",
    "admin.retention": "Masa simpan",
    "admin.retention.how": (
        "Yang lebih lama dihapus setiap jam, dan penghapusannya diaudit. Peringatan yang ditahan secara hukum "
        "tetap utuh. Jangka waktu tetap di berkas setelan: yang lebih pendek menghapus bukti dalam satu jam, "
        "yang lebih panjang perlu alasan dalam penilaian dampak."
    ),
    "admin.keep.what": "Apa",
    "admin.keep.days": "Disimpan",
    "admin.keep.events": "Lintasan, kunjungan zona, kejadian kamera",
    "admin.keep.unreviewed_media": "Gambar yang bukan bagian peringatan",
    "admin.keep.live_media": "Gambar langsung yang diminta",
    "admin.keep.reference_views": "Pandangan acuan tiap kamera",
    "admin.keep.review": "Gambar untuk dilabeli, dan labelnya",
    "admin.keep.alert_media": "Gambar peringatan, setelah diselesaikan",
    "admin.keep.document_hashes": "Sandi nomor dokumen",
    "admin.keep.passages": "Catatan perlintasan, pelayaran, pergerakan terencana",
    "admin.keep.attachments": "Lampiran peringatan, setelah diselesaikan",
    "admin.keep.alerts": "Peringatan dan riwayatnya, setelah diselesaikan",
    "admin.keep.deliveries": "Pesan yang sudah dikirim",
    "admin.keep.sessions": "Sesi yang berakhir dan gagal masuk",
    "admin.days": "{n} hari",
    "admin.hours": "{n} jam",
    "admin.held": "Ditahan secara hukum: {names}",
    "admin.settings": "Setelan yang berlaku",
    "admin.settings.how": "Dibaca dari berkas setelan ketika server dimulai. Rahasia tidak ditampilkan.",
    "admin.setting": "Setelan",
    "admin.value": "Nilai",
    "admin.set.data_dir": "Map data",
    "admin.set.database": "Basis data",
    "admin.set.broker": "Broker",
    "admin.set.signatures": "Tanda tangan pesan node",
    "admin.set.public_url": "Alamat bagi pengguna",
    "admin.set.secure": "Tersandi (HTTPS)",
    "admin.set.session": "Lama satu sesi",
    "admin.set.idle": "Sesi berakhir bila tidak dipakai selama",
    "admin.set.failures": "Gagal masuk sebelum harus menunggu",
    "admin.set.upload": "Berkas terbesar",
    "admin.set.ais": "Penerima AIS",
    "admin.set.language": "Bahasa awal",
    "admin.yes": "ya",
    "admin.no": "tidak",
    "admin.minutes": "{n} menit",
    "people.agency": "Instansi (hanya akun mitra)",
}

HELP: dict[str, tuple[str, ...]] = {
    "admin": (
        (
            "Apa yang dikerjakan server ini sendiri: siapa yang diberi tahu, apa yang dihapus, dan dengan "
            "instansi mana ia dapat berbagi."
        ),
        "Siapa yang dikabari diubah di sini dan langsung berlaku; keadaan sebelumnya tercatat.",
        (
            "Rahasia dan jangka waktu diubah di berkas setelan oleh pengelola server; halaman ini menunjukkan yang "
            "berlaku dan mengujinya."
        ),
    ),
}
