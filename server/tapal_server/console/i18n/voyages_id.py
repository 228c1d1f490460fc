"""Indonesian texts: voyages."""

TEXTS: dict[str, str] = {
    "nav.voyages": "Pelayaran",
    "voyages.title": "Pelayaran",
    "voyages.empty": "Belum ada pelayaran.",
    "voyages.empty.next": (
        "Masukkan di bawah, atau impor jadwal sebagai CSV dengan perintah import-voyages atau lewat API."
    ),
    "voyages.status.scheduled": "Terjadwal",
    "voyages.status.under_way": "Berlangsung",
    "voyages.status.over": "Selesai",
    "voyages.status.cancelled": "Dibatalkan",
    "voyages.declared": "Dilaporkan",
    "voyages.cleared": "Diperiksa (tercatat)",
    "voyages.boarded": "Naik atau turun (terlihat)",
    "voyages.agree": "Angka di atas kertas cocok.",
    "voyages.disagree": "Jumlah yang dilaporkan dan yang diperiksa tidak cocok.",
    "voyages.unknown": "Belum ada jumlah yang dilaporkan.",
    "voyages.counting": "Masih berlangsung: catatan dan lintasan sedang dihitung.",
    "voyages.ais": "Terdengar lewat AIS",
    "voyages.heard": "dekat lokasi sejak {since}, terakhir terdengar {heard}, berjarak {km} km",
    "voyages.refused": "{n} ditolak atau ditunda.",
    "voyages.shared": "Terlihat bersama {ids}: garis, arah, dan waktunya sama.",
    "voyages.figures": "Orang",
    "voyages.manifest": "Manifes",
    "voyages.about": "Pelayaran ini",
    "voyages.window": "Tempat dan waktu",
    "voyages.entry": "Dimasukkan",
    "voyages.entered": "oleh {by}, {at}, versi {version}",
    "voyages.numbers": "Kapal",
    "voyages.note": "Catatan",
    "voyages.no_manifest": "Manifes belum ada.",
    "voyages.no_manifest.next": "Isi jumlah orang, dan nomor dokumen bila ada. Tanpa nama.",
    "voyages.manifest.persons": "Orang dalam manifes",
    "voyages.manifest.persons.hint": "Kosong: sebanyak dokumennya.",
    "voyages.manifest.both": "Dokumen di manifes dan di log",
    "voyages.manifest.only_listed": "Di manifes, tanpa catatan",
    "voyages.manifest.only_logged": "Di log, tidak di manifes",
    "voyages.manifest.without": "Orang tercatat tanpa dokumen",
    "voyages.manifest.take": "Terima manifes",
    "voyages.manifest.documents": "Nomor dokumen atau zona baca mesin (MRZ)",
    "voyages.manifest.documents.hint": "Satu per baris. Langsung diubah menjadi sidik (hash) dan tidak disimpan.",
    "voyages.manifest.save": "Terima manifes ini",
    "voyages.manifest.problems": "Diterima, kecuali baris yang tidak terbaca atau berulang: {lines}",
    "voyages.manifest.file": "Terima manifes dari berkas",
    "voyages.manifest.file.csv": "Berkas CSV (UTF-8), satu baris untuk tiap orang",
    "voyages.manifest.file.hint": (
        "Satu kolom bernama document_number, mrz, nomor_dokumen, atau no_paspor. Nama dan lainnya dilewati."
    ),
    "voyages.manifest.upload": "Terima berkas ini",
    "voyages.manifest.taken": "Manifes diterima.",
    "voyages.manifest.file.problem": (
        "Berkas ini tidak bisa diterima. Simpan sebagai CSV UTF-8 dengan kolom document_number, mrz, "
        "nomor_dokumen, atau no_paspor."
    ),
    "voyages.enter": "Masukkan pelayaran",
    "voyages.change": "Ubah pelayaran ini",
    "voyages.save": "Simpan",
    "voyages.cancel": "Batalkan pelayaran ini",
    "voyages.form.id": "Nomor pelayaran, seperti di log perlintasan",
    "voyages.form.vessel": "Kapal",
    "voyages.form.place": "Tempat",
    "voyages.form.direction": "Arah",
    "voyages.form.starts_at": "Dari (waktu setempat)",
    "voyages.form.ends_at": "Sampai (waktu setempat)",
    "voyages.form.declared": "Orang yang dilaporkan",
    "voyages.form.berth": "Dermaga",
    "voyages.form.mmsi": "MMSI (9 angka)",
    "voyages.form.imo": "Nomor IMO (7 angka)",
    "voyages.form.note": "Catatan",
    "error.ends_at": "Waktu selesai harus sesudah waktu mulai, paling lama 7 hari.",
    "error.starts_at": "Tulis waktu mulai sebagai tanggal dan jam.",
    "error.imo": "Nomor IMO terdiri atas tujuh angka dan angka terakhir memeriksa yang lain. Baca sekali lagi.",
    "error.mmsi": "MMSI terdiri atas sembilan angka.",
    "error.vessel": "Isi nama kapal.",
    "error.id": "Isi nomor pelayaran, tanpa garis miring.",
    "error.declared": "Jumlah orang adalah bilangan bulat sampai 10.000.",
    "error.persons": "Jumlah orang adalah bilangan bulat sampai 10.000.",
    "error.line": "Pilih tempat dari daftar.",
    "error.kind": "Pilih jenis dari daftar.",
}

HELP: dict[str, tuple[str, ...]] = {
    "voyages": (
        (
            "Setiap singgah kapal: berapa orang menurut dokumennya, berapa yang diperiksa di log dengan nomor "
            "pelayaran itu, dan berapa yang dihitung kamera pada waktunya."
        ),
        (
            "Kamera kadang melewatkan atau menghitung dua kali, jadi selisih kecil itu wajar; peringatan "
            "muncul bila tidak dapat lagi dijelaskan oleh kebetulan."
        ),
        "Manifes disimpan sebagai jumlah orang dan sidik (hash) dokumen, tidak pernah dengan nama.",
    ),
}
