"""Indonesian texts: rules of who is told what."""

TEXTS: dict[str, str] = {
    "rules.of_file": (
        "Seperti di berkas setelan; belum ada yang mengubahnya di sini. Yang disimpan di sini langsung "
        "berlaku di semua server dan tercatat."
    ),
    "rules.changed": (
        "Diubah oleh {by}, {time}. Ini berlaku menggantikan berkas setelan, dan tercatat beserta keadaan sebelumnya."
    ),
    "rules.no_channels": "Aturan memerlukan jalur kabar; jalur dibuat di berkas setelan, karena alamatnya rahasia.",
    "rules.new": "Aturan baru",
    "rules.unused": "tidak ada: jangan pakai",
    "rules.drop": "tidak ada: hapus aturan ini",
    "rules.quiet_from": "Tenang dari",
    "rules.quiet_to": "Tenang sampai",
    "rules.sites": "Pos (tanpa centang: semua)",
    "rules.levels": "Tahap eskalasi (tanpa tanda: semua)",
    "rules.kinds": "Jenis (tanpa centang: semua)",
    "rules.escalation": "Dikabarkan lagi bila belum ditangani",
    "rules.step": "Langkah {n}: setelah menit",
    "rules.step_least": "Langkah {n}: bila setidaknya",
    "rules.push": "Yang dikabarkan ke peramban",
    "rules.save": "Simpan aturan",
    "rules.forget": "Kembali ke berkas setelan",
    "rules.saved": "Aturan berlaku mulai sekarang.",
    "error.rules": "Aturan tidak bisa begitu: centang setidaknya satu kejadian, dan tulis menit dengan angka.",
    "error.escalation": "Setiap langkah harus lebih lambat dari langkah sebelumnya.",
    "error.channel": "Jalur ini tidak ada lagi di berkas setelan. Pilih yang lain.",
    "audit.action.notify.rules": "Mengubah siapa yang dikabari",
    "audit.action.camera.view": "Mengambil pandangan acuan kamera",
}

HELP: dict[str, tuple[str, ...]] = {}
