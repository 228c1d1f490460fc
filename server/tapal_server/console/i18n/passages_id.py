"""Indonesian texts: passages."""

TEXTS: dict[str, str] = {
    "passages.title": "Log perlintasan",
    "passages.import": "Impor berkas",
    "passages.file": "Berkas CSV (UTF-8)",
    "passages.columns": (
        "Kolom wajib: record_id, recorded_at, direction, checkpoint. Kolom lain yang tidak dikenal tidak disimpan."
    ),
    "passages.look": "Pratinjau",
    "passages.problem": (
        "Berkas ini tidak bisa dibaca. Simpan sebagai CSV UTF-8 dengan kolom wajib di baris pertama, lalu coba lagi."
    ),
    "passages.preview": "Pratinjau {name}",
    "passages.counts": "{good} baris dapat diambil, {bad} baris bermasalah.",
    "passages.ignored": "Kolom yang diabaikan: {names}.",
    "passages.sample": "Baris pertama",
    "passages.source": "Sumber",
    "passages.source.hint": "Nama sistem asal; baris dengan sumber dan nomor yang sama dianggap koreksi.",
    "passages.take": "Ambil {n} baris",
    "passages.line": "Baris {n}: {reason}",
    "passages.problems": "Baris bermasalah",
    "passages.more": "dan {n} baris lagi.",
    "passages.taken": "{n} baris baru tersimpan.",
    "passages.not_taken": "Berkas ini tidak terambil. Periksa nama sumbernya, lalu coba lagi.",
    "passages.imports": "Impor terakhir",
    "passages.no_imports": "Belum ada impor.",
    "passages.no_imports.next": "Pilih berkas CSV di atas, atau hubungkan sistem asal lewat API.",
    "passages.records": "Catatan",
    "passages.empty": "Log masih kosong.",
    "passages.empty.next": "Tanpa catatan, setiap lintasan tampak tak tercatat: impor log atau hubungkan sistem asal.",
    "passages.by_source": "Sumber",
    "passages.voyage": "Pelayaran",
    "passages.not_found": "Tidak ada catatan yang cocok.",
    "passages.not_found.next": "Kurangi syaratnya, atau pilih hari lain.",
    "passages.total": "{n} catatan",
    "passages.record": "Nomor",
    "passages.time": "Waktu",
    "passages.direction": "Arah",
    "passages.checkpoint": "Pos",
    "passages.persons": "Orang",
    "passages.lane": "Jalur",
    "passages.by": "Oleh",
    "passages.added": "Baru",
    "passages.corrected": "Dikoreksi",
    "passages.rejected": "Ditolak",
}

HELP: dict[str, tuple[str, ...]] = {
    "passages": (
        "Catatan perlintasan yang dibandingkan dengan kamera. Nama dan nomor dokumen tidak pernah disimpan.",
        (
            "Impor: pilih berkas, lihat pratinjaunya, lalu ambil. Mengimpor berkas yang sama dua kali tidak "
            "mengubah apa pun."
        ),
    ),
}
