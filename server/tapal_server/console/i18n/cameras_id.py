"""Indonesian texts: cameras, camera."""

TEXTS: dict[str, str] = {
    "cameras.title": "Kamera dan node",
    "cameras.empty": "Belum ada node yang melapor.",
    "cameras.empty.next": "Jalankan tapal edge run di pos; node muncul di sini begitu tersambung.",
    "cameras.all_well": "Semua kamera mengawasi ({n}).",
    "cameras.blind": "{n} dari {total} kamera tidak mengawasi. Awasi gerbangnya dengan mata.",
    "cameras.connected": "Terhubung",
    "cameras.seen": "terdengar",
    "cameras.never": "belum pernah",
    "cameras.fps": "{fps} gambar/detik",
    "cameras.last": "Terakhir: {event}, {time}",
    "cameras.queue": "Pesan tertahan di node",
    "cameras.temperature": "Suhu",
    "cameras.disk": "Sisa cakram",
    "cameras.version": "Versi",
    "cameras.lost": "{n} pesan hilang sebelum sampai ke server.",
    "cameras.conflicts": "{n} pesan bernomor ganda: adakah dua node bernama sama?",
    "camera.online": "Mengawasi",
    "camera.offline": "Terputus",
    "camera.starting": "Memulai",
    "camera.unknown": "Belum diketahui",
    "camera.unreached": "Tak terjangkau",
    "camera.dark": "Gelap",
    "camera.covered": "Tertutup",
    "camera.defocused": "Kabur",
    "camera.moved": "Bergeser",
}

HELP: dict[str, tuple[str, ...]] = {
    "cameras": (
        (
            "Setiap node melapor tiap 30 detik. Kamera yang tidak mengawasi berarti gerbangnya buta: awasi dengan "
            "mata sampai pulih."
        ),
        "Pesan tertahan berarti sambungan ke server sedang putus; tidak ada yang hilang, pesan menyusul.",
    ),
}
