"""Indonesian texts: archive."""

TEXTS: dict[str, str] = {
    "archive.title": "Semua peringatan",
    "archive.state": "Keadaan",
    "archive.kind": "Jenis",
    "archive.site": "Tempat",
    "archive.any": "Semua",
    "archive.search": "Cari",
    "archive.total": "{n} peringatan",
    "archive.empty": "Tidak ada peringatan yang cocok.",
    "archive.empty.next": "Longgarkan pilihan di atas, atau tunggu: peringatan baru tampil di halaman Tugas.",
    "archive.page": "Halaman {n} dari {of}",
    "archive.pages": "Halaman hasil",
    "archive.newer": "Lebih baru",
    "archive.older": "Lebih lama",
}

HELP: dict[str, tuple[str, ...]] = {
    "archive": ("Semua peringatan, termasuk yang sudah selesai. Pilih keadaan, jenis, atau tempat, lalu Cari.",),
}
