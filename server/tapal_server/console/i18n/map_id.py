"""Indonesian texts: map, site."""

TEXTS: dict[str, str] = {
    "map.title": "Peta",
    "map.label": "Peta sketsa dengan {n} tempat; daftar di bawahnya menyebut hal yang sama.",
    "map.empty": "Belum ada tempat.",
    "map.empty.next": "Tambahkan tempat di berkas sites.yaml, lalu jalankan ulang server.",
    "map.alerts": "{n} peringatan terbuka",
    "map.watching": "{n} dari {total} kamera mengawasi",
    "map.no_place": "tanpa lokasi di peta",
    "map.sees": "mengawasi",
    "map.sees_not": "tidak mengawasi",
    "map.looks": "menghadap {wind} ({degrees}°)",
    "map.wind.n": "utara",
    "map.wind.ne": "timur laut",
    "map.wind.e": "timur",
    "map.wind.se": "tenggara",
    "map.wind.s": "selatan",
    "map.wind.sw": "barat daya",
    "map.wind.w": "barat",
    "map.wind.nw": "barat laut",
    "map.vessels": "Kapal yang terdengar lewat AIS",
    "map.vessel": "{km} km dari {site}",
    "map.knots": "{n} knot",
    "site.checkpoint": "tempat pemeriksaan",
    "site.unofficial": "jalur tidak resmi",
    "site.pier": "dermaga",
}

HELP: dict[str, tuple[str, ...]] = {
    "map": (
        (
            "Angka di lingkaran adalah peringatan terbuka. Merah: ada peringatan. Kuning tua: ada kamera yang "
            "tidak mengawasi. Hijau: tenang."
        ),
        "Irisan di samping lingkaran adalah arah pandang kamera; garis putus-putus bila tidak mengawasi.",
        "Peta ini sketsa buatan sendiri yang bekerja tanpa internet; bukan untuk navigasi.",
    ),
}
