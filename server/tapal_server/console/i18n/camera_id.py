"""Indonesian texts: one camera, its lines and zones."""

TEXTS: dict[str, str] = {
    "camera.title": "Kamera",
    "camera.back": "Kembali ke Kamera",
    "camera.picture": "Gambar langsung {place}; kepala dikaburkan",
    "camera.asked": "Meminta gambar ...",
    "cameras.wall": "Gambar langsung",
    "draw.label": "Garis dan zona di atas gambar",
    "draw.unknown": "Node ini tidak memberi tahu garis yang dipakainya; yang Anda kirim akan menggantikannya.",
    "draw.tool.line": "Gambar garis",
    "draw.tool.zone": "Gambar zona",
    "draw.add": "Tambah garis dengan papan ketik",
    "draw.how": (
        "Gambar dengan tetikus atau jari. Geser lingkaran untuk memindahkannya, atau pilih lalu pakai tombol "
        "panah. Zona berakhir di titik awalnya. Anak panah menunjuk arah masuk."
    ),
    "draw.send": "Kirim ke kamera",
    "draw.sent": "Terkirim. Node menjawab sebentar lagi.",
    "draw.invalid": "Tidak terkirim: {reason}.",
    "draw.from": "awal",
    "draw.to": "akhir",
    "draw.corner": "sudut",
    "draw.flip": "Balik panah",
    "draw.drop": "Hapus",
    "draw.id": "Nama",
    "draw.kind": "jenis",
    "draw.line": "garis",
    "draw.zone": "zona",
    "draw.last": "Perubahan terakhir",
    "draw.never": "Belum ada yang mengubah kamera ini dari sini.",
    "draw.asked": "{by}, {time}",
    "draw.reason": "Kata node: {reason}",
    "draw.done": "Berlaku",
    "draw.waiting": "Menunggu node",
    "draw.refused": "Ditolak",
    "draw.expired": "Tidak dijawab",
    "draw.history": "Siapa mengubahnya",
    "draw.no_history": "Belum ada perubahan.",
    "draw.no_history.next": "Setiap perubahan dari sini tercatat dengan siapa yang membuatnya.",
    "view.title": "Pandangan acuan",
    "view.picture": "Seharusnya begini pandangan {camera}; kepala dikaburkan",
    "view.none": (
        "Node mempelajari pandangan ini sendiri dari gambar pertamanya; belum ada gambar acuan yang diambil."
    ),
    "view.taken": (
        "Diambil oleh {by}, {time}. “Bergeser” dan “tertutup” diberitahukan bila kamera tidak lagi memperlihatkan ini."
    ),
    "view.take": "Ambil pandangan sekarang",
    "view.how": (
        "Lakukan setelah kamera sengaja diputar atau dibersihkan, saat terang, tanpa halangan di "
        "depannya. Sejak itu node membandingkan dengan yang dilihatnya."
    ),
    "zone.counter": "loket",
    "zone.restricted": "terlarang",
    "zone.berth": "tambatan",
    "zone.waiting": "ruang tunggu",
}

HELP: dict[str, tuple[str, ...]] = {
    "camera": (
        "Gambar adalah pandangan kamera setiap beberapa detik, kepala dikaburkan; bahwa Anda melihat tercatat.",
        "Orang dihitung saat melintasi garis. Gambarlah melintang jalan, setinggi kaki, jangan di tepi gambar.",
        "Node memeriksa yang Anda kirim, menyimpannya, dan memberi tahu di sini apakah berlaku.",
    ),
}
