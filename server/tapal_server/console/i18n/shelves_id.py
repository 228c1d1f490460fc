"""Indonesian texts: letting a gate wait."""

TEXTS: dict[str, str] = {
    "nav.shelves": "Tangguhkan",
    "shelves.title": "Tangguhkan",
    "shelves.put": "Tangguhkan gerbang",
    "shelves.place": "Tempat",
    "shelves.minutes": "Selama",
    "shelves.reason": "Alasan (akan dibaca orang lain)",
    "shelves.button": "Tangguhkan",
    "shelves.empty": "Tidak ada gerbang yang ditangguhkan.",
    "shelves.empty.next": (
        "Tangguhkan saat kameranya dibersihkan atau ada pekerjaan di sana, daripada memutuskan alarm palsu satu "
        "per satu."
    ),
    "shelves.camera": "kamera {name}",
    "shelves.until": "Sampai {time}",
    "shelves.by": "{name}, {time}",
    "shelves.end": "Awasi lagi sekarang",
}

HELP: dict[str, tuple[str, ...]] = {
    "shelves": (
        (
            "Peringatan gerbang yang ditangguhkan tetap dibuat dan disimpan, tetapi tidak memberi tahu siapa pun "
            "sampai waktunya habis."
        ),
        "Penangguhan untuk sebab yang diketahui dan waktu singkat; serah terima menyebut setiap penangguhan.",
    ),
}
