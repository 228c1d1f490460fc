"""Indonesian texts: the first visit, and what to set up."""

TEXTS: dict[str, str] = {
    "setup.title": "Siapkan Tapal",
    "setup.why": "Belum ada yang punya akun di sini. Buat akun pertama, administrator.",
    "setup.code": "Kode sekali pakai",
    "setup.code.where": "Server menuliskannya saat dijalankan (di log-nya). Berakhir dengan akun pertama.",
    "setup.password": "Kata sandi (sedikitnya 12 huruf)",
    "setup.create": "Buat akun",
    "nav.start": "Penyiapan",
    "start.title": "Penyiapan",
    "start.left": "{n} langkah lagi sampai peringatan pertama.",
    "start.ready": "Semua sudah siap.",
    "start.done": "Selesai",
    "start.open": "Belum",
    "start.admin": "Administrator",
    "start.admin.how": "Beri setiap rekan akun sendiri di Pengguna.",
    "start.site": "Pos",
    "start.site.how": (
        "Pos dan gerbang ada dalam berkas yang dibaca server saat dijalankan. Coba perubahan di bawah halaman ini, "
        "simpan ke berkasnya, lalu jalankan ulang server."
    ),
    "start.site.try": "Coba berkas pos sebelum disimpan",
    "start.site.check": "Periksa",
    "start.site.good": "Berkas ini baik, berisi {n} pos. Simpan sebagai {file} lalu jalankan ulang server.",
    "start.camera": "Kamera",
    "start.camera.how": (
        "Di komputer pos, tulis edge.yaml lalu jalankan: tapal edge run --config edge.yaml. Kamera muncul di sini "
        "dengan sendirinya."
    ),
    "start.line": "Garis",
    "start.line.how": "Gambar garis yang dilintasi orang di atas gambar langsung.",
    "start.line.draw": "Gambar di {camera}",
    "start.line.count": "{n} garis berlaku",
    "start.feed": "Log perlintasan",
    "start.feed.how": (
        "Impor berkas, atau minta sistem sumber mengirim barisnya. Tanpa log, semua lintasan tampak tak tercatat."
    ),
    "start.tell": "Pesan",
    "start.tell.how": (
        "Beri tahu orang lewat WhatsApp, Telegram, surel, atau webhook. Salurannya ada di pengaturan server."
    ),
    "start.tell.test": "Kirim percobaan ke {name}",
    "start.tell.sent": "Pesan percobaan terkirim ke {name}. Tanyakan apakah sampai.",
    "start.tell.refused": "{name} tidak menerima pesan. Periksa alamatnya di pengaturan.",
    "error.setup_code": "Ini bukan kodenya. Baca di log server: kodenya baru setiap kali dijalankan.",
}

HELP: dict[str, tuple[str, ...]] = {
    "start": (
        (
            "Langkah menuju peringatan pertama, berurutan. Sebuah langkah selesai bila server melihatnya, bukan "
            "bila ada yang mengatakannya."
        ),
        (
            "Berkas pos tidak ditulis oleh halaman ini: ia milik yang menjalankan server, dan perubahan berlaku "
            "setelah dijalankan ulang."
        ),
    ),
}
