"""Indonesian texts: help and keys."""

TEXTS: dict[str, str] = {
    "nav.help": "Bantuan",
    "nav.group.watch": "Berjaga",
    "nav.group.passages": "Perlintasan",
    "nav.group.learn": "Yang kita ketahui",
    "nav.group.run": "Pengelolaan",
    "nav.group.other": "Lain-lain",
    "help.title": "Bantuan dan tombol",
    "help.switch": "Tombol satu huruf",
    "help.switch.how": (
        "Berlaku saat tidak sedang mengetik. Matikan bila Anda memakai suara, atau bila tombol sering "
        "tertekan tanpa sengaja."
    ),
    "help.keys.on": "Tombol menyala",
    "help.keys.off": "Tombol mati",
    "help.keys": "Tombol",
    "help.jumps": "Ke halaman lain",
    "help.all": "Di semua halaman",
    "help.all.help": "Halaman ini",
    "help.all.g": "lalu satu huruf dari daftar di bawah: ke halaman itu",
    "help.all.tab": "Ke tombol atau tautan berikutnya; yang pertama langsung ke isi",
    "help.all.esc": "Tutup menu atau dialog",
    "help.duty": "Di Tugas dan Peringatan",
    "help.duty.j": "Ke peringatan berikutnya",
    "help.duty.k": "Ke peringatan sebelumnya",
    "help.duty.enter": "Buka peringatan",
    "help.duty.a": "Terima peringatan",
    "help.duty.x": "Selesaikan peringatan: pilih apa itu sebenarnya",
    "help.alert": "Di halaman peringatan",
    "help.alert.n": "Tulis catatan",
    "help.alert.1": "Ke keputusan Terbukti; Enter memutuskan",
    "help.alert.2": "Ke keputusan Terjelaskan",
    "help.alert.3": "Ke keputusan Alarm palsu",
    "help.alert.4": "Ke keputusan Perlindungan",
    "help.pages": "Guna tiap halaman",
}

HELP: dict[str, tuple[str, ...]] = {}
