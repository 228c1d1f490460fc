"""Indonesian sentences."""

SENTENCES: dict[str, str] = {
    "people.one": "satu orang",
    "people.many": "{n} orang",
    "duration.seconds": "{n} detik",
    "duration.minutes": "{n} menit",
    "duration.hours": "{n} jam",
    "kind.other": "Sistem melihat sesuatu yang perlu diperiksa orang.",
    "kind.presence": "Kamera melihat orang di tempat atau waktu tanpa layanan.",
    "kind.manifest_mismatch": "Jumlah yang dilaporkan, diperiksa, dan naik kapal tidak sama.",
    "kind.bypass": "Kamera melihat orang melewati gerbang tanpa singgah di konter.",
    "kind.unlogged_crossing": "Kamera melihat lintasan, dan tidak ada catatan yang cocok dengannya.",
    "kind.count_excess": "Jumlah lintasan lebih banyak daripada yang dapat dijelaskan catatan.",
    "kind.record_conflict": "Ada catatan yang tidak mungkin benar bersamaan.",
    "kind.blind": "Kamera, node, atau data catatan yang mengawasi gerbang ini terputus.",
    "kind.surge": "Banyak peringatan datang hampir bersamaan dari tempat ini.",
    "reason.no_record": (
        "{who} melintas dan setelah {waited_s} belum ada catatannya; biasanya catatan menyusul dalam {usual_s}, "
        "hampir selalu dalam {longest_s}."
    ),
    "reason.unofficial_path": "{who} melintas pukul {at} di jalur yang bukan tempat pemeriksaan.",
    "reason.no_scheduled_call": "{who} melintas pukul {at}, padahal tidak ada kapal yang dijadwalkan.",
    "reason.outside_hours": "{who} melintas pukul {at}, di luar jam layanan.",
    "reason.no_counter_visit": "Sebuah lintasan melewati gerbang tanpa ke konter, padahal hampir semua orang ke sana.",
    "reason.window_excess": (
        "Antara {from} dan {to}, {seen} orang melintas dan {logged} tercatat; "
        "kebetulan saja menjelaskan {low} sampai {high}."
    ),
    "reason.voyage_numbers": (
        "Pelayaran {voyage}: {papers}, {seen} terlihat kamera; kebetulan saja menjelaskan {low} sampai {high} terlihat."
    ),
    "reason.plan_excess": (
        "Kegiatan terencana ({note}): {planned} orang direncanakan dan {logged} tercatat, tetapi {seen} melintas; "
        "kebetulan saja hanya menjelaskan {low} sampai {high}."
    ),
    "reason.twice_inbound": "Satu dokumen masuk dua kali dalam {hours} jam tanpa keluar di antaranya.",
    "reason.twice_outbound": "Satu dokumen keluar dua kali dalam {hours} jam tanpa masuk di antaranya.",
    "reason.too_far_apart": "Satu dokumen tercatat di dua pos berjarak {km} km dalam {minutes} menit.",
    "reason.check_digit": "Digit pemeriksa nomor dokumen salah.",
    "closed.count_explained": "Catatan susulan tiba: {seen} melintas dan kini {logged} tercatat.",
    "closed.planned": "Pergerakan terencana menjelaskannya: {note}",
    "closed.plan_covers": (
        "Rencana dan catatan kini menjelaskan semuanya: {planned} direncanakan, {logged} tercatat, {seen} terlihat."
    ),
    "closed.scheduled_call": "Pelayaran {voyage} memang dijadwalkan saat itu; waktu itu belum dimasukkan.",
    "closed.voyage_cancelled": "Pelayaran {voyage} dibatalkan.",
    "reason.agencies_differ": (
        "Catatan dua instansi tidak sama: {only_first} hanya ada di {first}, "
        "{only_second} hanya ada di {second}, dan {persons_differ} berbeda jumlah orangnya."
    ),
    "closed.agencies_agree": "Catatan {first} dan {second} sekarang cocok.",
    "closed.numbers_agree": "Angka-angka pelayaran kini cocok.",
    "closed.record_withdrawn": "Catatan yang menjadi dasarnya ditarik kembali.",
    "innocent.plan_grew": "Yang datang lebih banyak daripada yang diberitahukan, dan rencana belum diubah.",
    "innocent.went_back": "Ada yang kembali dan melintas dua kali.",
    "innocent.records_late": "Catatan masih dalam perjalanan.",
    "innocent.track_lost": "Kamera kehilangan lintasan di konter dan memulai yang baru.",
    "innocent.manifest_late": "Manifes yang diperbaiki masih dalam perjalanan.",
    "innocent.crew_not_listed": "Awak kapal yang tidak ada dalam daftar penumpang.",
    "innocent.typing_error": "Salah ketik atau salah baca di konter.",
    "innocent.exit_not_logged": "Perlintasan di antaranya tidak tercatat, atau tercatat di pos lain.",
    "closed.other": "Peringatan ini terjelaskan dengan sendirinya.",
    "closed.counter_unreliable": "Kamera melewatkan terlalu banyak orang di konter, sehingga ini tidak berarti.",
    "closed.record_arrived": "Catatan yang terlambat datang dan menjelaskan lintasan ini.",
    "closed.joined": "Orang-orangnya kini termasuk peringatan lain, karena mereka melintas bersama.",
    "closed.surge_over": "Lonjakan sudah lewat.",
    "innocent.share": "(kira-kira {percent}%)",
    "innocent.record_matched_elsewhere": "Catatannya ada, tetapi dipasangkan dengan orang lain di sekitarnya.",
    "innocent.false_or_double_count": "Kamera salah hitung: tidak ada orang, atau satu orang terhitung dua kali.",
    "innocent.record_late": "Catatan masih dalam perjalanan: antrean konter atau jaringan tertahan.",
    "innocent.resident_or_worker": "Warga setempat, buruh, atau awak kapal yang memang bekerja di sini.",
    "innocent.officer": "Petugas sendiri yang sedang berjaga.",
    "innocent.false_count": "Kamera salah lihat: bayangan, hewan, atau barang.",
    "settle.unlogged_crossing.1": "Lihat gambarnya: apakah benar ada orang yang melintas?",
    "settle.unlogged_crossing.2": "Tanyakan konter apakah antrean tertahan atau aplikasi sedang luring.",
    "settle.unlogged_crossing.3": "Cari catatan pada menit yang sama di pos atau jalur lain.",
    "settle.presence.1": "Lihat gambarnya: apakah orang, dan berapa?",
    "settle.presence.2": "Tanyakan petugas terdekat siapa yang bertugas atau bekerja di sana.",
    "settle.presence.3": "Bila ada anak atau perahu penuh, tandai perlindungan lebih dahulu.",
    "settle.bypass.1": "Lihat gambarnya: apakah petugas, awak kapal, atau penumpang?",
    "settle.bypass.2": "Tanyakan petugas konter yang bertugas saat itu.",
    "settle.manifest_mismatch.1": "Cocokkan manifes dengan jumlah yang diperiksa bersama nakhoda.",
    "settle.manifest_mismatch.2": "Hitung ulang penumpang sebelum kapal berangkat.",
    "settle.count_excess.1": "Hitung ulang dari gambar pada jendela waktu ini.",
    "settle.count_excess.2": "Tanyakan apakah ada rombongan yang dicatat sebagai satu.",
    "settle.record_conflict.1": "Bandingkan kedua catatan di sistem asalnya.",
    "settle.blind.1": "Periksa daya, jaringan, dan lensa kamera di tempat.",
    "settle.blind.2": "Awasi gerbang dengan mata sampai pengawasan kembali.",
    "settle.surge.1": "Buka anggota lonjakan dan putuskan yang terkuat lebih dahulu.",
    "reason.surge": (
        "{alerts} peringatan datang hampir bersamaan; lebih dari {per_hour} per jam tidak dapat ditangani satu petugas."
    ),
    "reason.blind": "{what} {name} {how}: gerbang yang diawasinya sekarang buta.",
    "closed.sees_again": "Pengawasan sudah kembali.",
    "source.camera": "Kamera",
    "source.node": "Node",
    "source.feed": "Data catatan",
    "watch.offline": "terputus",
    "watch.dark": "gelap",
    "watch.covered": "tertutup",
    "watch.defocused": "kabur",
    "watch.moved": "bergeser",
    "watch.silent": "diam",
    "watch.forged": "tidak dapat dipercaya, karena ada pesan atas namanya yang bukan darinya",
    "watch.other": "tidak melapor",
    "innocent.power_or_link": "Listrik atau jaringan di pos sedang padam.",
}
