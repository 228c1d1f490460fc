"""Indonesian texts: models, nodes and roll-outs."""

TEXTS: dict[str, str] = {
    "nav.models": "Model dan node",
    "models.title": "Model dan node",
    "models.nodes": "Yang berjalan di setiap node",
    "models.node": "Node",
    "models.active": "Memakai",
    "models.previous": "Sebelumnya",
    "models.state": "Keadaan",
    "models.reported": "Kabar terakhir",
    "models.untold": "belum ada kabar",
    "models.no_nodes": "Belum ada node yang melapor.",
    "models.no_nodes.next": "Node tercantum di sini setelah mengirim pesan pertamanya.",
    "models.refused": "Pesan yang ditolak",
    "models.none_refused": "Tidak ada pesan yang ditolak.",
    "models.none_refused.next": (
        "Pesan yang rusak, terlalu besar, tanpa tanda tangan atau palsu dihitung di sini, tidak pernah disimpan."
    ),
    "models.refused.of": "Dari",
    "models.refused.why": "Sebab",
    "models.refused.how_many": "Jumlah",
    "models.refused.last": "Terakhir",
    "models.refused.nobody": "tidak dikenal",
    "models.refused.newest": "Yang terbaru",
    "models.refused.at": "Waktu",
    "models.refused.topic": "Topik",
    "models.refused.head": "Diawali",
    "models.refused.malformed": "rusak",
    "models.refused.too_large": "terlalu besar",
    "models.refused.foreign": "mengaku node atau tempat lain",
    "models.refused.unstorable": "tidak dapat disimpan",
    "models.refused.replayed": "diputar ulang",
    "models.refused.unsigned": "tanpa tanda tangan",
    "models.refused.forged": "tanda tangan tidak cocok",
    "models.refused.wrong_key": "kunci bukan milik node itu",
    "models.refused.revoked": "kunci sudah dicabut",
    "models.at.steady": "mantap",
    "models.at.fetching": "mengambil",
    "models.at.shadow": "diuji",
    "models.at.watching": "diamati",
    "models.at.failed": "tidak diterima",
    "models.tries": "mencoba {name}",
    "models.fetched": "{share} terambil",
    "models.agrees": "sepakat pada {share} dari {n} gambar",
    "models.latency": "memerlukan {ratio} kali waktu",
    "models.rollouts": "Peluncuran",
    "models.no_rollouts": "Belum ada peluncuran.",
    "models.no_rollouts.next": (
        "Model baru dikirim ke satu node dulu, berjalan di samping yang lama, dan diteruskan hanya bila tahan uji."
    ),
    "models.made": "Oleh {by}, {time}",
    "models.stage": "Tahap {n}",
    "models.is.running": "berjalan",
    "models.is.halted": "tertahan",
    "models.is.stopped": "dihentikan",
    "models.is.done": "selesai",
    "models.is.rolled_back": "ditarik kembali",
    "models.step.waiting": "menunggu",
    "models.step.asked": "diminta",
    "models.step.fetching": "mengambil",
    "models.step.shadow": "diuji",
    "models.step.watching": "diamati",
    "models.step.active": "memakainya",
    "models.step.failed": "tidak diterima",
    "models.step.back": "ditarik kembali",
    "models.stop": "Jangan minta node lain",
    "models.go_on": "Lanjutkan",
    "models.roll_back": "Tarik kembali di semua node",
    "models.start": "Luncurkan model",
    "models.start.button": "Mulai dengan tahap 1",
    "models.started": "Peluncuran {name} dimulai.",
    "models.model": "Model",
    "models.stages": "Tahap",
    "models.stages.hint": (
        "Satu tahap per baris: nama node atau pos, dipisahkan koma. Tahap berikut mulai setelah semua "
        "memakai model itu."
    ),
    "models.models": "Model",
    "models.figures": "Angka",
    "models.no_figures": "tanpa angka di kartunya",
    "models.parent": "Berasal dari",
    "models.uploaded": "Dimasukkan",
    "models.uploaded.by": "{by}, {time}",
    "models.digest": "Sidik",
    "models.empty": "Belum ada model yang dimasukkan.",
    "models.empty.next": "Node memakai model bawaannya. Buat paket bertanda tangan dengan: tapal model bundle.",
    "models.upload": "Masukkan model",
    "models.upload.button": "Masukkan",
    "models.file": "Paket bertanda tangan",
    "models.file.hint": "Dibuat dengan: tapal model bundle. Setiap node memeriksa sendiri tanda tangannya.",
    "models.problem": (
        "Paket tidak diterima: tidak utuh, tidak ditandatangani kunci di setelan, atau nama dan versinya sudah ada."
    ),
    "error.stages": "Tulis nama node atau pos yang ada, masing-masing di satu tahap saja.",
}

HELP: dict[str, tuple[str, ...]] = {
    "models": (
        (
            "Node mengganti model hanya setelah mengambil paket bertanda tangan, memeriksanya, dan "
            "menjalankannya beberapa waktu di samping yang lama."
        ),
        (
            "Peluncuran berjalan tahap demi tahap dan tertahan sendiri pada node pertama yang tidak cocok. "
            "Menariknya kembali memulihkan model sebelumnya."
        ),
    ),
}
