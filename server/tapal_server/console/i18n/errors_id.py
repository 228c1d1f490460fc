"""Indonesian texts: what cannot be used, by the field it stands in."""

TEXTS: dict[str, str] = {
    "problem.invalid": "Isian ini tidak dapat dipakai. Periksa lalu coba lagi ({reason}).",
    "error.assignee": "Rekan ini tidak dikenal. Pilih dari daftar.",
    "error.code": "Kode tidak cocok. Periksa jam perangkat lalu coba kode berikutnya.",
    "error.minutes": "Penangguhan berlaku 1 menit sampai 24 jam. Pilih waktu lain.",
    "error.name": "Nama ini tidak dapat dipakai. Gunakan 2 sampai 64 huruf, angka, titik, atau tanda hubung.",
    "error.note": "Tulis catatan paling banyak 4000 huruf tentang apa yang ditemukan.",
    "error.password": "Kata sandi sedikitnya 12 huruf dan tidak boleh dibuat dari nama pengguna.",
    "error.reason": "Tulis alasannya dengan singkat.",
    "error.role": "Pilih peran dari daftar.",
    "error.source": "Beri sumber nama 1 sampai 64 huruf, tanpa garis miring.",
    "error.to": "Pilih rekan dari daftar, selain diri Anda.",
    "error.until": "Laporan mencakup paling lama 100 hari dan berakhir setelah dimulai. Pilih tanggal lain.",
    "error.file": "Berkas ini tidak terbaca. Simpan sebagai CSV UTF-8 lalu pilih lagi.",
}

HELP: dict[str, tuple[str, ...]] = {}
