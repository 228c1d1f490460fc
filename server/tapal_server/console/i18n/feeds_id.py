"""Indonesian texts: feeds and their mappings."""

TEXTS: dict[str, str] = {
    "nav.feeds": "Sumber log",
    "feeds.title": "Sumber log",
    "feeds.title.new": "Sumber log baru",
    "feeds.new": "Siapkan sumber log",
    "feeds.back": "Kembali ke Sumber log",
    "feeds.empty": "Belum ada sumber log.",
    "feeds.empty.next": (
        "Di sini diatur cara membaca berkas instansi lain. Siapkan satu, dan cobalah pada berkas sebelum dipakai."
    ),
    "feeds.silent": "Tidak ada kabar",
    "feeds.well": "Baris masuk",
    "feeds.waiting": "Belum ada baris",
    "feeds.last": "Baris terakhir {time}",
    "feeds.never": "Belum ada baris yang masuk.",
    "feeds.changed": "Diubah oleh {by}, {time}",
    "feeds.problem": "Masalah terakhir: {reason}",
    "feeds.open": "Pemetaan dan berkas",
    "feeds.taken": "{n} baris baru tersimpan, {bad} tidak diambil.",
    "feeds.unread": "Berkas ini tidak terbaca dengan pemetaan di bawah. Cobalah di sini, lalu ubah yang tidak cocok.",
    "feeds.wrong": "Tidak bisa: {reason}",
    "feeds.name": "Nama sumber log",
    "feeds.name.hint": "Huruf, angka, - dan _; juga nama map tempat berkasnya dicari.",
    "feeds.source": "Asal (log siapa)",
    "feeds.format": "Jenis berkas",
    "feeds.encoding": "Set karakter",
    "feeds.delimiter": "Tanda antarkolom (CSV)",
    "feeds.comma": "koma ,",
    "feeds.semicolon": "titik koma ;",
    "feeds.tab": "tab",
    "feeds.timezone": "Zona waktu berkas",
    "feeds.silent_after_minutes": "Dianggap terputus setelah sekian menit tanpa baris (kosong: tidak pernah)",
    "feeds.columns": "Kolom",
    "feeds.columns.how": (
        "Tulis nama kolom seperti di berkas. Beberapa kolom digabung dengan spasi: tanggal + jam. Isian "
        "bertanda * wajib; kosongkan yang lain bila tidak ada di berkas."
    ),
    "feeds.field": "Isian",
    "feeds.column": "Kolom di berkas",
    "feeds.constant": "Atau sama di setiap baris",
    "feeds.column.of": "Kolom untuk {name}",
    "feeds.constant.of": "Sama di setiap baris: {name}",
    "feeds.field.record_id": "Nomor catatan",
    "feeds.field.recorded_at": "Waktu perlintasan",
    "feeds.field.direction": "Arah",
    "feeds.field.checkpoint": "Pos",
    "feeds.field.received_at": "Waktu diterima",
    "feeds.field.lane": "Jalur",
    "feeds.field.voyage_id": "Pelayaran",
    "feeds.field.traveller_class": "Golongan pelintas",
    "feeds.field.persons": "Jumlah orang",
    "feeds.field.result": "Hasil",
    "feeds.field.document_type": "Jenis dokumen",
    "feeds.field.document_number": "Nomor dokumen (langsung disandikan)",
    "feeds.meaning": "Waktu dan kode",
    "feeds.times": "Cara waktu ditulis",
    "feeds.times.hint": "Satu pola per baris, misalnya %d/%m/%Y %H:%M. Waktu ISO selalu dimengerti.",
    "feeds.codes.direction": "Kode arah",
    "feeds.codes.checkpoint": "Kode pos",
    "feeds.codes.of": "Kode {name}",
    "feeds.column_codes": "Kode sebuah kolom",
    "feeds.column_codes.hint": (
        "Sebelum kolom digabung, satu per baris: KOLOM: kode = arti, misalnya KAPAL: LBX = KM Labuan Express."
    ),
    "feeds.codes.hint": "Satu per baris: kode di berkas = kode kita, misalnya K = outbound.",
    "feeds.withdrawn_column": "Kolom yang membatalkan catatan",
    "feeds.withdrawn_values": "Nilainya",
    "feeds.withdrawn_values.hint": "Dipisahkan koma, misalnya BATAL, VOID.",
    "feeds.mrz": "Kolom zona terbaca mesin (MRZ)",
    "feeds.mrz.hint": "Nomornya langsung disandikan dan tidak pernah disimpan.",
    "feeds.try": "Coba",
    "feeds.file": "Berkas",
    "feeds.file.hint": "Hanya dibaca, tidak disimpan. Tanpa berkas baru, berkas terakhir dicoba lagi.",
    "feeds.look": "Pratinjau",
    "feeds.save": "Simpan pemetaan ini",
    "feeds.preview": "Hasil pembacaan berkas",
    "feeds.tried": "{name}: {read} baris dibaca, {bad} tidak terbaca, {back} dibatalkan.",
    "feeds.take": "Ambil berkas dari sumber ini",
    "feeds.take.button": "Ambil",
    "feeds.delete": "Lupakan sumber ini",
    "error.profile": "Pemetaan ini tidak dapat dipakai. Lihat keterangan di sampingnya.",
}

HELP: dict[str, tuple[str, ...]] = {
    "feeds": (
        (
            "Sumber log mengatur bagaimana berkas satu instansi menjadi catatan: kolom mana berarti apa, "
            "arti kodenya, dan cara waktunya ditulis."
        ),
        (
            "Cobalah dulu pada berkas sungguhan: pratinjau menunjukkan hasil setiap baris dan alasan baris "
            "yang gagal. Mencoba tidak menyimpan apa pun."
        ),
        (
            "Sumber yang terlalu lama tidak ada kabar menimbulkan peringatan, karena gerbang tanpa log "
            "tampak penuh lintasan tanpa catatan."
        ),
    ),
}
