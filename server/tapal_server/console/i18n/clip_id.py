"""Indonesian texts: the clip of an alert."""

TEXTS: dict[str, str] = {
    "clip.title": "Klip",
    "clip.none": "Beberapa detik sebelum dan sesudahnya. Klip tetap di kotak kamera sampai diminta; kepala dikaburkan.",
    "clip.ask.none": "Ambil klip",
    "clip.ask.failed": "Minta lagi",
    "clip.no_right": "Hanya yang memutus peringatan boleh mengambilnya.",
    "clip.said": "Klip sudah diminta.",
    "clip.asked": "Diminta pukul {at} oleh {by}.",
    "clip.asked.online": "Kotak kamera sedang menyiapkannya, biasanya satu-dua menit; halaman ini memuatnya sendiri.",
    "clip.asked.offline": "Kotak kamera tidak terjangkau. Permintaan disampaikan bila terhubung lagi sebelum {until}.",
    "clip.coming": "Dalam perjalanan: {pieces} dari {of} bagian sudah tiba.",
    "clip.coming.soon": "Dalam perjalanan.",
    "clip.here": "Kepala dikaburkan; {size} MB. Disimpan selama gambarnya; siapa yang menonton tercatat di log audit.",
    "clip.video": "Klip kejadian, tanpa suara; kepala dikaburkan",
    "clip.failed": "Klip tidak dapat diperoleh:",
    "clip.cause.no-clips": "kamera ini tidak menyimpan klip. Pengelola kotak dapat menyalakannya (clips).",
    "clip.cause.not-kept": "kotak tidak menyimpannya lagi; klip dihapus setelah beberapa hari, atau bila ruang habis.",
    "clip.cause.not-blurred": "model di kotak tidak mengenal orang, jadi kepala tidak dapat dikaburkan.",
    "clip.cause.busy": "kotak sedang menyiapkan banyak klip lain. Minta lagi beberapa menit lagi.",
    "clip.cause.failed": "kotak tidak dapat membuatnya.",
    "clip.cause.offline": "kotak kamera tidak terjangkau. Minta lagi setelah terhubung.",
    "clip.cause.silent": "kotak kamera tidak menjawab. Minta lagi; bila tetap begitu, beri tahu pengelolanya.",
    "clip.cause.stalled": "pengiriman terhenti di jalan. Minta lagi.",
    "clip.cause.broken": "yang tiba rusak. Minta lagi.",
}

HELP: dict[str, tuple[str, ...]] = {}
