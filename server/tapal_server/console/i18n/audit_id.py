"""Indonesian texts: audit."""

TEXTS: dict[str, str] = {
    "audit.title": "Log audit",
    "audit.time": "Waktu",
    "audit.who": "Siapa",
    "audit.action": "Tindakan",
    "audit.subject": "Tentang",
    "audit.whole": "Rantai utuh: {n} catatan, tidak ada yang diubah atau hilang di tengah.",
    "audit.broken": (
        "Rantai putus: ada catatan yang diubah atau hilang. Jalankan tapal server audit verify dan laporkan."
    ),
}

HELP: dict[str, tuple[str, ...]] = {
    "audit": (
        (
            "Siapa melihat, memutuskan, mengekspor, atau mengubah apa. Setiap catatan terikat pada yang "
            "sebelumnya, sehingga perubahan diam-diam terlihat."
        ),
    ),
}
